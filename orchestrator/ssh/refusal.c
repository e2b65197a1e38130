#include "orchestrator/ssh/refusal.h"

#include "common/shorten.h"
#include "orchestrator/ssh/wire.h"

#include <stdio.h>
#include <string.h>

#define SAID_BYTES 4096

void
refusal_init(struct refusal *refusal, const char *user)
{
	*refusal = (struct refusal){ .user = user };
	refusal->tried.limit_bytes = 300;
	refusal->said.limit_bytes = SAID_BYTES;
}

void
refusal_done(struct refusal *refusal)
{
	buf_free(&refusal->tried);
	buf_free(&refusal->said);
}

void
refusal_offer(struct refusal *refusal, const char *name)
{
	refusal->offered++;
	buf_printf(&refusal->tried, "%s%s", refusal->tried.len ? ", " : "", name);
}

void
refusal_hear(struct refusal *refusal, const char *text, size_t len)
{
	size_t most = SAID_BYTES / 2 - 1;

	if (len > most) { /* keep the end: it tells most */
		text += len - most;
		len = most;
	}
	if (refusal->said.len + len + 1 > SAID_BYTES) {
		buf_drop(&refusal->said, refusal->said.len / 2);
	}
	for (size_t i = 0; i < len; i++) {
		buf_add(&refusal->said, text[i] ? &text[i] : "?", 1);
	}
	buf_text(&refusal->said, "\n");
}

void
refusal_take(struct refusal *refusal, const void *message, size_t len)
{
	const unsigned char *bytes = message;
	struct wire wire, text;

	if (len < 1 ||
	    (bytes[0] != REFUSAL_MESSAGE_FAILURE && bytes[0] != REFUSAL_MESSAGE_BANNER)) {
		return;
	}
	wire = (struct wire){ bytes + 1, len - 1 };
	if (!wire_string(&wire, &text)) {
		return;
	}
	if (bytes[0] == REFUSAL_MESSAGE_BANNER) {
		refusal_hear(refusal, (const char *)text.bytes, text.len);
		return;
	}
	if (wire.len < 1) {
		return;
	}
	snprintf(refusal->methods, sizeof(refusal->methods), "%.*s",
	    (int)(text.len < sizeof(refusal->methods) ? text.len : sizeof(refusal->methods)),
	    (const char *)text.bytes);
	refusal->partial |= wire.bytes[0] != 0;
}

bool
refusal_takes(const struct refusal *refusal, const char *method)
{
	size_t len = strlen(method);

	for (const char *at = refusal->methods; *at;) {
		size_t word = strcspn(at, ",");

		if (word == len && memcmp(at, method, len) == 0) {
			return true;
		}
		at += word + (at[word] == ',');
	}
	return refusal->methods[0] == '\0';
}

/* The key is right, but not enough. */
static void
add_partial(const struct refusal *refusal, struct buf *text)
{
	const char *key = refusal->accepted[0] ? refusal->accepted : "a key";

	if (strcmp(refusal->methods, "publickey") == 0) {
		buf_printf(text,
		    "%s is let in by more than one key: %s is accepted, and the host wants "
		    "another; tried %s",
		    refusal->user, key, buf_str(&refusal->tried));
		return;
	}
	buf_printf(text,
	    "%s is let in by more than a key: %s is accepted, and the host wants %s besides, which "
	    "nobody here can give",
	    refusal->user, key, refusal->methods[0] ? refusal->methods : "more");
}

/* The host knows the key, and refuses its user. */
static void
add_account(const struct refusal *refusal, const char *said, struct buf *text)
{
	buf_printf(text, "%s is refused, though the host knows the key %s: ", refusal->user,
	    refusal->accepted);
	if (refusal->hung_up && *said) {
		buf_text(text, said);
	} else if (refusal->hung_up) {
		buf_text(text,
		    "it closed the connection without a word. Its log says why: an account that is "
		    "locked or has expired, a place or a time from which nobody may log in");
	} else {
		buf_text(text,
		    "its sshd_config may forbid this user (PermitRootLogin); its log says why");
	}
}

static void
add_refused(const struct refusal *refusal, const char *notes, const char *said, struct buf *text)
{
	bool none = refusal->offered == 0;

	if (none) {
		buf_text(text, "no key to log in by");
	} else {
		buf_printf(
		    text, "%s is refused; tried %s", refusal->user, buf_str(&refusal->tried));
	}
	if (*notes) {
		buf_printf(text, "%s%s", none ? ": " : "; ", notes);
	}
	if (!refusal_takes(refusal, "publickey")) {
		buf_printf(
		    text, "; the host takes no key of %s, but %s", refusal->user, refusal->methods);
	} else if (none) {
		buf_text(text,
		    ": load one into ssh-agent, make ~/.ssh/id_ed25519, or name one with "
		    "`ssh: {identity: FILE}`");
	}
	if (refusal->hung_up) {
		buf_printf(text, "; the host hung up after %u key%s%s%s", refusal->offered,
		    refusal->offered == 1 ? "" : "s", *said ? ": " : "", said);
	}
	if (refusal->hung_up && refusal->offered > 1) {
		buf_text(text, "; name the right one with `ssh: {identity: FILE}`");
	}
}

void
refusal_words(const struct refusal *refusal, const char *notes, struct error *err)
{
	char said[280], more[160];
	struct buf text = { .limit_bytes = 0 };

	shorten(said, sizeof(said), buf_str(&refusal->said));
	shorten(more, sizeof(more), notes);
	if (refusal->partial) {
		add_partial(refusal, &text);
	} else if (refusal->accepted[0]) {
		add_account(refusal, said, &text);
	} else {
		add_refused(refusal, more, said, &text);
	}
	shorten(err->text, sizeof(err->text), buf_str(&text));
	buf_free(&text);
}

bool
refusal_turned_away(const char *greeting, struct error *err)
{
	/* what sshd says before it hangs up; the second since OpenSSH 9.8 */
	static const struct {
		const char *greeting, *words;
	} known[] = {
		{ "Exceeded MaxStartups", "too many log in at once (MaxStartups of its sshd)" },
		{ "Not allowed at this time",
		    "our address is not let in for a while, after logins that failed "
		    "(PerSourcePenalties of its sshd)" },
	};
	char said[120];

	shorten(said, sizeof(said), greeting);
	if (!said[0]) {
		error_set(err,
		    "the host closed the connection at once: too many log in at the same time "
		    "(MaxStartups of sshd), or it does not let our address in");
		return true;
	}
	for (size_t i = 0; i < COUNT(known); i++) {
		if (strstr(said, known[i].greeting)) {
			error_set(
			    err, "the host closed the connection at once: %s", known[i].words);
			return true;
		}
	}
	error_set(err, "the host does not speak SSH: it said \"%s\"", said);
	return false;
}
