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

/* Whether a name of the comma list @ours is in the server's list @list. */
bool kexinit_shares(const struct kexinit *kexinit, enum kex_list list, const char *ours);

#endif
