/*
 * The keys we log in by: decoded once and used for every host, from files (OpenSSH's own format,
 * or PEM) or held by an ssh-agent.  ed25519 and ECDSA: libssh2 1.10 signs for RSA with SHA-1
 * alone, which servers no longer take.
 */
#ifndef ORCHESTRATOR_SSH_KEY_H
#define ORCHESTRATOR_SSH_KEY_H

#include "common/buf.h"
#include "common/error.h"

struct ssh_key {
	char *name;       /* "/root/.ssh/id_ed25519", "agent: work laptop" */
	const char *type; /* "ssh-ed25519"; static */
	uint8_t *blob;    /* its public half, as RFC 4253 section 6.6 has it */
	size_t blob_len;
	struct evp_pkey_st *pkey; /* NULL: the agent has the private half */
};

/* What key_decode() found out of a key that it could not use. */
enum key_problem {
	KEY_USABLE,
	KEY_MALFORMED,
	KEY_ENCRYPTED,   /* @key's blob is filled when the public half is readable all the same */
	KEY_UNSUPPORTED, /* RSA, DSA, FIDO */
};

/*
 * Decode the private key of a file's @text.  Fuzzed; the caller frees @key by ssh_key_done()
 * whatever comes back, and names it.
 *
 * Returns KEY_USABLE, or why not, with @err set.
 */
enum key_problem key_decode(
    const char *text, size_t len, struct ssh_key *key, struct error *err) MUST_CHECK;

/*
 * Sign @data by @key, in this process.  @signature: as RFC 8709 and RFC 5656 have it, without
 * the name of the algorithm.
 */
int key_sign(const struct ssh_key *key, const void *data, size_t len, struct buf *signature,
    struct error *err) MUST_CHECK;

void ssh_key_done(struct ssh_key *key);

/* The name of a key type that can be used, or NULL: @name of @len bytes is another. */
const char *key_type_find(const void *name, size_t len);

#endif
