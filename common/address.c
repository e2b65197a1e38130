#include "common/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned
family_bits(enum ip_family family)
{
	return family == IP_V4 ? 32 : 128;
}

bool
ip_parse(const char *text, struct ip *ip)
{
	struct ip parsed = { 0 };

	if ((text[0] < '0' || text[0] > '9') && !strchr(text, ':')) {
		return false; /* a name, as nearly all that are asked about in a large site */
	}
	if (inet_pton(AF_INET, text, parsed.bytes) == 1) {
		parsed.family = IP_V4;
	} else if (inet_pton(AF_INET6, text, parsed.bytes) == 1) {
		parsed.family = IP_V6;
	} else {
		return false;
	}
	*ip = parsed;
	return true;
}

const char *
ip_text(const struct ip *ip, char *out)
{
	if (ip->family == IP_NONE ||
	    !inet_ntop(
		ip->family == IP_V4 ? AF_INET : AF_INET6, ip->bytes, out, INET6_ADDRSTRLEN)) {
		out[0] = '\0';
	}
	return out;
}

bool
ip_equal(const struct ip *a, const struct ip *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* Clear every bit of @ip behind the first @prefix. */
static void
mask(struct ip *ip, unsigned prefix)
{
	for (unsigned i = 0; i < sizeof(ip->bytes); i++) {
		unsigned keep = prefix > 8 * i ? prefix - 8 * i : 0;

		if (keep < 8) {
			ip->bytes[i] &= (uint8_t)(0xff00u >> keep);
		}
	}
}

int
network_parse(const char *text, struct network *network, struct error *err)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	struct network parsed = { 0 };
	char address[IP_TEXT_BYTES], meant[IP_TEXT_BYTES];
	struct ip as_written;
	unsigned long prefix;
	char *end;

	if (len >= sizeof(address)) {
		return error_set(err, "\"%.60s\" is not an address or network", text);
	}
	memcpy(address, text, len);
	address[len] = '\0';
	if (!ip_parse(address, &parsed.ip)) {
		return error_set(err, "\"%.60s\" is not an address or network", text);
	}
	as_written = parsed.ip;
	parsed.prefix = family_bits(parsed.ip.family);
	if (slash) {
		prefix = strtoul(slash + 1, &end, 10);
		if (slash[1] < '0' || slash[1] > '9' || *end || prefix > parsed.prefix) {
			return error_set(err, "\"%.60s\": the prefix is a number from 0 to %u",
			    text, parsed.prefix);
		}
		parsed.prefix = (unsigned)prefix;
	}
	mask(&parsed.ip, parsed.prefix);
	if (!ip_equal(&parsed.ip, &as_written)) {
		return error_set(err, "\"%.60s\" has bits set behind its prefix; %s is the network",
		    text, network_text(&parsed, meant));
	}
	*network = parsed;
	return 0;
}

const char *
network_text(const struct network *network, char *out)
{
	size_t used;

	ip_text(&network->ip, out);
	used = strlen(out);
	snprintf(out + used, IP_TEXT_BYTES - used, "/%u", network->prefix);
	return out;
}

const char *
network_mask_text(const struct network *network, char *out)
{
	struct ip all = { .family = network->ip.family };

	memset(all.bytes, 0xff, network->ip.family == IP_V4 ? 4 : 16);
	mask(&all, network->prefix);
	return ip_text(&all, out);
}

bool
network_contains(const struct network *network, const struct ip *ip)
{
	struct ip masked = *ip;

	if (ip->family != network->ip.family) {
		return false;
	}
	mask(&masked, network->prefix);
	return ip_equal(&masked, &network->ip);
}

bool
ip_of_sockaddr(const struct sockaddr *address, struct ip *ip)
{
	const void *bytes = address;

	*ip = (struct ip){ .family = IP_NONE };
	switch (address->sa_family) {
	case AF_INET:
		ip->family = IP_V4;
		memcpy(ip->bytes, &((const struct sockaddr_in *)bytes)->sin_addr, 4);
		return true;
	case AF_INET6:
		ip->family = IP_V6;
		memcpy(ip->bytes, &((const struct sockaddr_in6 *)bytes)->sin6_addr, 16);
		return true;
	default:
		return false;
	}
}

void
ip_to_sockaddr(const struct ip *ip, unsigned port, struct sockaddr_storage *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

	*address = (struct sockaddr_storage){ .ss_family = AF_UNSPEC };
	if (ip->family == IP_V4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		memcpy(&v4->sin_addr, ip->bytes, 4);
	} else {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		memcpy(&v6->sin6_addr, ip->bytes, 16);
	}
}
