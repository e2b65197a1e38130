/* Words for the operator when SSH fails: what is wrong, and what to do. */
#ifndef ORCHESTRATOR_SSH_WORDS_H
#define ORCHESTRATOR_SSH_WORDS_H

#include "orchestrator/ssh/kexinit.h"
#include "orchestrator/ssh/known_hosts.h"

struct words_target {
	const char *host;
	unsigned port;
	const char *known_path; /* the file to which a new key is added */
};

/*
 * Check that the key that a host shows is a known key of this host.  With @accept_new, the key of a
 * host that is not known is added to @known and to its file.
 *
 * Returns 0, or -1 with @err set, with the fingerprint and the remedy.
 */
int words_host_key(struct known_hosts *known, const struct words_target *target, const void *blob,
    size_t len, bool accept_new, struct error *err) MUST_CHECK;

/* Set @types to the key types to ask a host for: first those of its known keys, then the others. */
void words_host_key_types(
    const struct known_hosts *known, const char *host, unsigned port, char *types, size_t size);

/*
 * Whether a handshake failed because the two sides share no name of some list.  Then @err says
 * which list, and @lack, of @size bytes, says the same in short.
 *
 * @heard:   the server's first bytes
 * @ours:    KEX_LISTS comma lists of libssh2, in the order of enum kex_list
 * @version: of libssh2
 */
bool words_algorithms(const struct buf *heard, const struct buf *ours, const char *version,
    char *lack, size_t size, struct error *err);

/*
 * Whether a host may be known only by keys that libssh2 cannot check: certificates, or an RSA key.
 * Then @lack, of @size bytes, says so.
 */
bool words_unchecked(
    const struct known_hosts *known, const char *host, unsigned port, char *lack, size_t size);

/* A copy of @path, or, when it is NULL, of the path ~/.ssh/known_hosts; the caller frees it. */
char *words_known_path(const char *path);

#endif
