/* Finds the algorithms that a server offers in the first bytes of a connection.  No I/O. */
#ifndef ORCHESTRATOR_SSH_KEXINIT_H
#define ORCHESTRATOR_SSH_KEXINIT_H

#include "common/buf.h"

/* The lists of which both sides must share a name, in the order of RFC 4253 section 7.1. */
enum kex_list {
	KEX_EXCHANGE,
	KEX_HOST_KEY,
	KEX_CIPHER_OUT,
	KEX_CIPHER_IN,
	KEX_MAC_OUT,
	KEX_MAC_IN,
	KEX_LISTS,
};

/* As "key exchange", "host key", "cipher" or "MAC". */
const char *kex_list_name(enum kex_list list);

/* Comma lists that point into the bytes given to kexinit_read(); not NUL-ended. */
struct kexinit {
	const char *text[KEX_LISTS];
	size_t len[KEX_LISTS];
};

/*
 * Find the lists in what a server sends first: other lines, the banner, one unencrypted packet.
 *
 * Returns whether all lists are there and complete.
 * Source: RFC 4253 sections 4.2, 6 and 7.1.
 */
bool kexinit_read(const uint8_t *bytes, size_t len, struct kexinit *kexinit);

/*
 * The first name of the comma list @ours that is in the server's list @list: the one on which both
 * agree.  It is not NUL-ended.
 *
 * Returns whether there is one.
 * Source: RFC 4253 section 7.1.
 */
bool kexinit_agreed(const struct kexinit *kexinit, enum kex_list list, const char *ours,
    const char **name, size_t *len);

/* Add to @both the names of the comma list @ours that are in the comma list @theirs, too. */
void kex_common(const char *ours, const char *theirs, struct buf *both);

/* Whether a comma list has the @len bytes of @name. */
bool kex_has(const char *list, const char *name, size_t len);

/* Whether a host key algorithm is one of certificates. */
bool kex_is_certificate(const char *algorithm, size_t len);

/*
 * Set @type to the type of the keys of a host key algorithm: "ssh-rsa" for "rsa-sha2-512", and for
 * certificates the type of the key in them; "" when it does not fit.
 */
void kex_key_type(const char *algorithm, size_t len, char *type, size_t size);

/* Whether a name of the comma list @ours is in the server's list @list. */
bool kexinit_shares(const struct kexinit *kexinit, enum kex_list list, const char *ours);

#endif
