/* IP addresses and networks: text to bytes and back.  Resolves no names. */
#ifndef COMMON_ADDRESS_H
#define COMMON_ADDRESS_H

#include "common/error.h"

enum ip_family {
	IP_NONE, /* not an address: a name, or nothing */
	IP_V4,
	IP_V6,
};

struct ip {
	enum ip_family family;
	uint8_t bytes[16]; /* network order; IPv4 uses the first 4 */
};

/* The first @prefix bits of @ip name the network; the other bits are 0. */
struct network {
	struct ip ip;
	unsigned prefix;
};

#define IP_TEXT_BYTES 48 /* longest text of an address or network, with its NUL */

/* Whether @text is an IPv4 or IPv6 address (no zone, no brackets).  Fills @ip only if it is. */
bool ip_parse(const char *text, struct ip *ip);

/* Write the canonical text (RFC 5952) to @out, of IP_TEXT_BYTES bytes; returns @out. */
const char *ip_text(const struct ip *ip, char *out);

bool ip_equal(const struct ip *a, const struct ip *b);

/*
 * Read "192.0.2.0/24", "2001:db8::/64", or an address alone (a network of one).
 *
 * Returns 0, or -1 with @err set: not an address, a prefix out of range, or bits set behind
 * the prefix (@err then names the network that was probably meant).
 */
int network_parse(const char *text, struct network *network, struct error *err) MUST_CHECK;

/* "192.0.2.0/24"; @out has IP_TEXT_BYTES bytes; returns @out. */
const char *network_text(const struct network *network, char *out);

/* The netmask as an address text, "255.255.255.0"; ntp 4.2.8 knows no prefixes. */
const char *network_mask_text(const struct network *network, char *out);

bool network_contains(const struct network *network, const struct ip *ip);

/* Copy the address in @address to @ip.  Returns false, with IP_NONE, if it is not IPv4 or IPv6. */
struct sockaddr;
bool ip_of_sockaddr(const struct sockaddr *address, struct ip *ip);

/* Fill @address, as socket calls take it, with @ip (not IP_NONE) and @port. */
struct sockaddr_storage;
void ip_to_sockaddr(const struct ip *ip, unsigned port, struct sockaddr_storage *address);

#endif
