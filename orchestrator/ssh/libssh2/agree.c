/* What libssh2 and a server may agree on, and whether the server is the one that is meant. */
#include "orchestrator/ssh/libssh2/link.h"
#include "orchestrator/ssh/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int methods[KEX_LISTS] = {
	[KEX_EXCHANGE] = LIBSSH2_METHOD_KEX,
	[KEX_HOST_KEY] = LIBSSH2_METHOD_HOSTKEY,
	[KEX_CIPHER_OUT] = LIBSSH2_METHOD_CRYPT_CS,
	[KEX_CIPHER_IN] = LIBSSH2_METHOD_CRYPT_SC,
	[KEX_MAC_OUT] = LIBSSH2_METHOD_MAC_CS,
	[KEX_MAC_IN] = LIBSSH2_METHOD_MAC_SC,
};

/*
 * Of host keys only plain ones of ed25519 and ECDSA: libssh2 1.10 takes a certificate without
 * looking who signed it, and RSA keys only with SHA-1.
 */
void
agree_supported(struct ssh *ssh)
{
	static const char host_keys[] =
	    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521";
	LIBSSH2_SESSION *session = libssh2_session_init();

	if (!session) {
		abort();
	}
	for (int i = 0; i < KEX_LISTS; i++) {
		const char **names = NULL;
		int count = libssh2_session_supported_algs(session, methods[i], &names);

		for (int k = 0; k < count; k++) {
			if (i != KEX_HOST_KEY || kex_has(host_keys, names[k], strlen(names[k]))) {
				buf_printf(&ssh->supported[i], "%s%s",
				    ssh->supported[i].len ? "," : "", names[k]);
			}
		}
		if (count > 0) {
			libssh2_free(session, names);
		}
	}
	libssh2_session_free(session);
}

void
agree_done(struct buf *lists)
{
	for (int i = 0; i < KEX_LISTS; i++) {
		buf_free(&lists[i]);
	}
}

/* Set link->lists; false: the policy has a list of which libssh2 knows nothing, @err says which. */
static bool
choose_algorithms(struct link *link, struct error *err)
{
	const struct ssh_policy *policy = link->trust.policy;
	const char *const allowed[KEX_LISTS] = {
		[KEX_EXCHANGE] = policy->exchanges,
		[KEX_CIPHER_OUT] = policy->ciphers,
		[KEX_CIPHER_IN] = policy->ciphers,
		[KEX_MAC_OUT] = policy->macs,
		[KEX_MAC_IN] = policy->macs,
	};
	bool good = true;

	trust_order(link->ssh->known, &link->trust, &link->order);
	for (int i = 0; i < KEX_LISTS && good; i++) {
		const char *list = i == KEX_HOST_KEY ? buf_str(&link->order) : allowed[i];

		kex_common(list, buf_str(&link->ssh->supported[i]), &link->lists[i]);
		if (link->lists[i].len == 0) {
			snprintf(link->lack, sizeof(link->lack),
			    "libssh2 %s has no %s that ssh_config allows (%.100s)",
			    libssh2_version(0), kex_list_name((enum kex_list)i), list);
			error_set(err, "%s", link->lack);
			good = false;
		}
	}
	return good;
}

int
agree_prepare(struct link *link, struct error *err)
{
	const struct ssh_policy *policy = link->trust.policy;
	struct ssh *ssh = link->ssh;

	if (trust_load(ssh->known, policy, false, err)) {
		return -1;
	}
	if (trust_load_revoked(ssh->known, policy, err)) {
		snprintf(link->lack, sizeof(link->lack), "%.199s", err->text);
		return -1;
	}
	return choose_algorithms(link, err) ? 0 : -1;
}

void
agree_prefer(struct link *link)
{
	for (int i = 0; i < KEX_LISTS; i++) {
		/* on failure it would offer all that it has */
		if (libssh2_session_method_pref(
			link->session, methods[i], buf_str(&link->lists[i]))) {
			abort();
		}
	}
}

bool
agree_failed(struct link *link)
{
	struct error err;
	bool found = words_algorithms(
	    &link->heard, link->lists, libssh2_version(0), link->lack, sizeof(link->lack), &err);

	if (found) {
		link_fail(link, LINK_HANDSHAKE, &err);
	}
	return found;
}

int
agree_on_host(struct link *link)
{
	struct known_key key = { NULL, 0 };
	struct error err;
	int type;

	key.blob = libssh2_session_hostkey(link->session, &key.len, &type);
	if (!key.blob) {
		error_set(&err, "the server showed no key");
	} else if (trust_differs(&link->trust, buf_str(&link->order), &link->heard, &key,
		       link->lack, sizeof(link->lack))) {
		error_set(&err, "libssh2 cannot check the host: %s", link->lack);
	} else if (trust_check(link->ssh->known, &link->trust, &key, link->ssh->options.accept_new,
		       &err) == 0) {
		return 0;
	}
	link_fail(link, LINK_HOST_KEY, &err);
	return -1;
}
