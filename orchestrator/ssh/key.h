/*
 * A key to log in with, from a file (OpenSSH's own format, or PEM) or held by an ssh-agent; decoded
 * once and used for every host.  Only ed25519 and ECDSA: with RSA, libssh2 1.10 signs only with
 * SHA-1, which servers no longer accept.
 */
#ifndef ORCHESTRATOR_SSH_KEY_H
#define ORCHESTRATOR_SSH_KEY_H

#include "common/buf.h"
#include "common/error.h"

struct ssh_key {
	char *name;       /* "/root/.ssh/id_ed25519", "agent: work laptop" */
	const char *type; /* "ssh-ed25519"; static */
	uint8_t *blob;    /* the public half, in the format of RFC 4253 section 6.6 */
	size_t blob_len;
	struct evp_pkey_st *pkey; /* NULL: the agent has the private half */
};

/* Whether key_decode() can use a key, or why not. */
enum key_problem {
	KEY_USABLE,
	KEY_MALFORMED,
	KEY_ENCRYPTED,   /* the blob is filled if the public half is not encrypted */
	KEY_UNSUPPORTED, /* RSA, DSA, FIDO */
};

/*
 * Decode the private key in @text, the text of a file.  In every case the caller sets key->name and
 * frees @key with ssh_key_done().
 *
 * Returns KEY_USABLE, or why the key cannot be used, with @err set.
 */
enum key_problem key_decode(
    const char *text, size_t len, struct ssh_key *key, struct error *err) MUST_CHECK;

/*
 * Sign @data with @key->pkey.
 *
 * @signature: in the format of RFC 8709 or RFC 5656, without the name of the algorithm
 */
int key_sign(const struct ssh_key *key, const void *data, size_t len, struct buf *signature,
    struct error *err) MUST_CHECK;

void ssh_key_done(struct ssh_key *key);

/* The static name of the usable key type @name, of @len bytes, or NULL: not a usable type. */
const char *key_type_find(const void *name, size_t len);

#endif
