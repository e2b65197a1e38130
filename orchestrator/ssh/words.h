/* What an operator is told when ssh does not come about, and what to do then. */
#ifndef ORCHESTRATOR_SSH_WORDS_H
#define ORCHESTRATOR_SSH_WORDS_H

#include "orchestrator/ssh/kexinit.h"
#include "orchestrator/ssh/known_hosts.h"

struct ssh_key;

struct words_target {
	const char *host;
	unsigned port;
	const char *known_path; /* where a new key would be added */
};

/*
 * Whether the key that a host shows is the one it is known by; with @accept_new a host that is
 * not known is, from now on.
 *
 * Returns 0, or -1 with @err set, saying the fingerprint and the remedy.
 */
int words_host_key(struct known_hosts *known, const struct words_target *target, const void *blob,
    size_t len, bool accept_new, struct error *err) MUST_CHECK;

/* The key types to ask a host for, best first: those it is known by, then the others. */
void words_host_key_types(
    const struct known_hosts *known, const char *host, unsigned port, char *types, size_t size);

/*
 * Whether a handshake failed because a list has nothing in common; @err then says which, and @lack,
 * of @size bytes, the same in short.
 *
 * @heard: the server's first bytes
 * @ours:  KEX_LISTS comma lists
 */
bool words_algorithms(const struct buf *heard, const struct buf *ours, const char *version,
    char *lack, size_t size, struct error *err);

/*
 * Whether a host is known by nothing but keys that libssh2 cannot check, and so was not recognised:
 * @lack, of @size bytes, then says so.
 */
bool words_unchecked(
    const struct known_hosts *known, const char *host, unsigned port, char *lack, size_t size);

/* Why no key was good for @user. */
void words_login(const char *user, const struct ssh_key *const *keys, size_t count,
    const struct buf *notes, struct error *err);

/* The file that is read for known hosts: @path, or ~/.ssh/known_hosts; the caller frees it. */
char *words_known_path(const char *path);

#endif
