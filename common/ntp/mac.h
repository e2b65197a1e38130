/* Message authentication codes (MAC) of NTP packets, with keys that both sides have. */
#ifndef COMMON_NTP_MAC_H
#define COMMON_NTP_MAC_H

#include "common/error.h"

enum mac_type {
	MAC_MD5,
	MAC_SHA1,
	MAC_SHA256, /* cut to 20 bytes, as all daemons do */
	MAC_AES128CMAC,
};

#define MAC_SECRET_BYTES_MAX 64
#define MAC_BYTES_MAX 24 /* 4 of the key id, 20 of the digest */

struct mac_key {
	uint32_t id; /* 1 to 65535 */
	enum mac_type type;
	uint8_t secret[MAC_SECRET_BYTES_MAX];
	size_t secret_len; /* 16 for MAC_AES128CMAC */
};

/* Find "MD5", "SHA1", "SHA256" or "AES128CMAC", in any case.  False: @name is none of them. */
bool mac_type_find(const char *name, enum mac_type *type);

/*
 * Write the key id and the digest of the @len bytes of @bytes to @mac, of MAC_BYTES_MAX bytes.
 *
 * Returns how many bytes were written, or 0: this key or type cannot be used (FIPS has no MD5).
 * Source: RFC 5905 section 7.3 and appendix A; RFC 8573.
 */
size_t mac_write(const struct mac_key *key, const uint8_t *bytes, size_t len, uint8_t *mac);

/* Whether the datagram ends in the right MAC of all bytes before it, which are at least 48. */
bool mac_check(const struct mac_key *key, const uint8_t *bytes, size_t len);

#endif
