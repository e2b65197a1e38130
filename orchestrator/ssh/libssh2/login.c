/*
 * The login of a link: one key after the other, and at last without any ("none"), as a host may
 * allow that knows its peers by other means.  An attempt more than needed may count as an attack:
 * no key is offered to a host that takes none, and "none" only when nothing was accepted.
 */
#include "orchestrator/ssh/key.h"
#include "orchestrator/ssh/libssh2/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ways to log in that the system's `ssh` has and libssh2 has not; a password nobody gives to ssh.
 */
static const char *const other_ways[] = { "hostbased", "gssapi-with-mic", "gssapi-keyex" };

static int
sign(LIBSSH2_SESSION *session UNUSED, unsigned char **signature, size_t *signature_len,
    const unsigned char *data, size_t len, void **abstract)
{
	struct link *link = *abstract;
	struct buf made = { 0 };
	struct error err;

	if (login_keys_sign(link->ssh->ring, link->keys[link->key_at], data, len, &made, &err)) {
		buf_printf(&link->notes, "%s%s: %s", link->notes.len ? "; " : "",
		    link->keys[link->key_at]->name, err.text);
		buf_free(&made);
		return -1;
	}
	*signature = link_alloc(made.len, abstract); /* libssh2 frees it */
	if (!*signature) {
		abort();
	}
	memcpy(*signature, made.data, made.len);
	*signature_len = made.len;
	buf_free(&made);
	/* libssh2 asks for a signature when the host has said that it knows the key */
	snprintf(link->refusal.accepted, sizeof(link->refusal.accepted), "%s",
	    link->keys[link->key_at]->name);
	return 0;
}

bool
link_is_lost(int code)
{
	return code == LIBSSH2_ERROR_SOCKET_DISCONNECT || code == LIBSSH2_ERROR_SOCKET_RECV ||
	    code == LIBSSH2_ERROR_SOCKET_SEND;
}

bool
link_fail_greeting(struct link *link)
{
	const char *heard = buf_str(&link->heard);
	struct error err;

	if (strncmp(heard, "SSH-", 4) == 0 || strstr(heard, "\nSSH-")) {
		return false;
	}
	link->turned_away = refusal_turned_away(heard, &err);
	link_fail(link, LINK_HANDSHAKE, &err);
	return true;
}

static int
enter(struct link *link)
{
	link->state = LINK_STATE_IDLE;
	uv_timer_stop(&link->timer);
	link_watch(link, 0);
	buf_reset(&link->refusal.said);
	link->events.opened(link->events.ctx);
	return 1;
}

/* Note what the system's `ssh` could try besides. */
static void
note_lack(struct link *link)
{
	const struct refusal *refusal = &link->refusal;

	for (size_t i = 0; i < COUNT(other_ways) && refusal->methods[0]; i++) {
		if (refusal_takes(refusal, other_ways[i])) {
			snprintf(link->lack, sizeof(link->lack),
			    "the host takes %s, which libssh2 cannot", other_ways[i]);
			return;
		}
	}
	if (link->notes.len > 0 || login_keys_more(link->target.identity, link->trust.policy)) {
		snprintf(link->lack, sizeof(link->lack), "libssh2 cannot use every key%s%.150s",
		    link->notes.len ? ": " : "", buf_str(&link->notes));
	}
}

static int
refuse(struct link *link)
{
	struct buf last = link->refusal.said;
	struct error err;

	/* banners came before the host's last words */
	link->refusal.said = (struct buf){ .limit_bytes = last.limit_bytes };
	link_take_kept(link);
	refusal_hear(&link->refusal, buf_str(&last), last.len);
	buf_free(&last);
	refusal_words(&link->refusal, buf_str(&link->notes), &err);
	if (!ssh_link_settled(link)) {
		note_lack(link);
	}
	link_fail(link, LINK_LOGIN, &err);
	return -1;
}

/* Whether the host lets in without a key; then too, if it only says what it takes. */
static int
try_none(struct link *link)
{
	const char *user = link->target.user;
	const char *list = libssh2_userauth_list(link->session, user, (unsigned)strlen(user));
	int code = list ? 0 : libssh2_session_last_errno(link->session);

	if (!list && libssh2_userauth_authenticated(link->session)) {
		return enter(link);
	}
	if (code == LIBSSH2_ERROR_EAGAIN || (code < 0 && link->talks_too_much)) {
		return link_outcome(link, code);
	}
	if (list) {
		snprintf(link->refusal.methods, sizeof(link->refusal.methods), "%s", list);
	} else if (link->refusal.offered == 0) {
		link->refusal.hung_up = link->ended || link_is_lost(code);
	} else {
		/* it hangs up because this was one attempt too many */
		buf_reset(&link->refusal.said);
	}
	return refuse(link);
}

int
link_log_in(struct link *link)
{
	while (link->key_at < link->key_count && refusal_takes(&link->refusal, "publickey")) {
		const struct ssh_key *key = link->keys[link->key_at];
		void *self = link;
		int code;

		if (link->refusal.offered == link->key_at) {
			refusal_offer(&link->refusal, key->name);
		}
		code = libssh2_userauth_publickey(
		    link->session, link->target.user, key->blob, key->blob_len, sign, &self);
		if (code == 0) {
			return enter(link);
		}
		if (code == LIBSSH2_ERROR_EAGAIN || link->talks_too_much) {
			return link_outcome(link, code);
		}
		if (link->ended || link_is_lost(code)) {
			link->refusal.hung_up = true;
			return refuse(link);
		}
		link->key_at++;
	}
	return link->refusal.accepted[0] ? refuse(link) : try_none(link);
}
