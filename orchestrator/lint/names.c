/* Which server an address means: spellings of one name, and addresses that operators publish. */
#include "orchestrator/lint/rule.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

/* A public service whose operator announces that it smears leap seconds. */
struct service {
	const char *pattern; /* of the name, or an address */
	const char *server;  /* the one server that it is, by one of its names; NULL: one of many */
};

/*
 * Source: developers.google.com/time (names, addresses, smear), cloud.google.com "Configure NTP on
 * a VM"; docs.aws.amazon.com "Set the time"; Meta's article "Building a more accurate time service
 * at Facebook scale".  Cloudflare and Microsoft do not smear.
 */
static const struct service services[] = {
	{ "time1.google.com", "time1.google.com" },
	{ "216.239.35.0", "time1.google.com" },
	{ "2001:4860:4806::", "time1.google.com" },
	{ "time2.google.com", "time2.google.com" },
	{ "216.239.35.4", "time2.google.com" },
	{ "2001:4860:4806:4::", "time2.google.com" },
	{ "time3.google.com", "time3.google.com" },
	{ "216.239.35.8", "time3.google.com" },
	{ "2001:4860:4806:8::", "time3.google.com" },
	{ "time4.google.com", "time4.google.com" },
	{ "216.239.35.12", "time4.google.com" },
	{ "2001:4860:4806:c::", "time4.google.com" },
	{ "time*.google.com", NULL },
	{ "time.android.com", NULL },
	{ "metadata.google.internal", "metadata.google.internal" },
	{ "169.254.169.254", "metadata.google.internal" },
	{ "169.254.169.123", "169.254.169.123" }, /* AWS inside its own network */
	{ "fd00:ec2::123", "169.254.169.123" },
	{ "time.aws.com", NULL },
	{ "time.facebook.com", NULL },
	{ "time1.facebook.com", "time1.facebook.com" },
	{ "129.134.28.123", "time1.facebook.com" },
	{ "2a03:2880:ff0b::123", "time1.facebook.com" },
	{ "time2.facebook.com", "time2.facebook.com" },
	{ "129.134.29.123", "time2.facebook.com" },
	{ "2a03:2880:ff0c::123", "time2.facebook.com" },
	{ "time3.facebook.com", "time3.facebook.com" },
	{ "129.134.25.123", "time3.facebook.com" },
	{ "2a03:2880:ff08::123", "time3.facebook.com" },
	{ "time4.facebook.com", "time4.facebook.com" },
	{ "129.134.26.123", "time4.facebook.com" },
	{ "2a03:2880:ff09::123", "time4.facebook.com" },
	{ "time5.facebook.com", "time5.facebook.com" },
	{ "129.134.27.123", "time5.facebook.com" },
	{ "2a03:2880:ff0a::123", "time5.facebook.com" },
};

static const char pool[] = "pool.ntp.org";

static const struct service *
service_of(const char *key)
{
	for (size_t i = 0; i < COUNT(services); i++) {
		if (fnmatch(services[i].pattern, key, 0) == 0) {
			return &services[i];
		}
	}
	return NULL;
}

/* Whether @ip is an IPv4 address in the form ::ffff:192.0.2.1; then @v4 is that address. */
static bool
is_mapped(const struct ip *ip, struct ip *v4)
{
	static const uint8_t prefix[12] = { [10] = 0xFF, [11] = 0xFF };

	if (ip->family != IP_V6 || memcmp(ip->bytes, prefix, sizeof(prefix)) != 0) {
		return false;
	}
	*v4 = (struct ip){ .family = IP_V4 };
	memcpy(v4->bytes, ip->bytes + sizeof(prefix), 4);
	return true;
}

/* An address as RFC 5952 says, a name in small letters. */
void
address_spell(const struct address *address, char key[ADDRESS_KEY_BYTES])
{
	struct ip ip = address->ip;
	size_t len = strlen(address->text);

	if (ip.family != IP_NONE) {
		is_mapped(&address->ip, &ip);
		ip_text(&ip, key);
		return;
	}
	len = len < ADDRESS_KEY_BYTES ? len : ADDRESS_KEY_BYTES - 1;
	for (size_t i = 0; i < len; i++) {
		key[i] = (char)tolower((unsigned char)address->text[i]);
	}
	len -= len > 0 && key[len - 1] == '.'; /* "pool.ntp.org." is the same name */
	key[len] = '\0';
}

void
address_key(const struct address *address, char key[ADDRESS_KEY_BYTES])
{
	const struct service *service;

	address_spell(address, key);
	service = service_of(key);
	if (service && service->server) {
		snprintf(key, ADDRESS_KEY_BYTES, "%s", service->server);
	}
}

/* Networks that are not of the Internet.  Source: RFC 6890; RFC 4291; RFC 5737; RFC 3849. */
static const struct network not_public[] = {
	{ { IP_V4, { 0 } }, 8 },
	{ { IP_V4, { 10 } }, 8 },
	{ { IP_V4, { 100, 64 } }, 10 },
	{ { IP_V4, { 127 } }, 8 },
	{ { IP_V4, { 169, 254 } }, 16 },
	{ { IP_V4, { 172, 16 } }, 12 },
	{ { IP_V4, { 192, 0, 0 } }, 24 },
	{ { IP_V4, { 192, 0, 2 } }, 24 },
	{ { IP_V4, { 192, 168 } }, 16 },
	{ { IP_V4, { 198, 18 } }, 15 },
	{ { IP_V4, { 198, 51, 100 } }, 24 },
	{ { IP_V4, { 203, 0, 113 } }, 24 },
	{ { IP_V4, { 224 } }, 3 },
	{ { IP_V6, { 0x20, 0x01, 0x0d, 0xb8 } }, 32 },
};

/* All that is public over IPv6. */
static const struct network unicast_v6 = { { IP_V6, { 0x20 } }, 3 };

bool
ip_is_public(const struct ip *ip)
{
	for (size_t i = 0; i < COUNT(not_public); i++) {
		if (network_contains(&not_public[i], ip)) {
			return false;
		}
	}
	return ip->family == IP_V4 || (ip->family == IP_V6 && network_contains(&unicast_v6, ip));
}

static bool
is_pool_name(const char *key)
{
	size_t len = strlen(key);
	const char *tail;

	if (len < sizeof(pool) - 1) {
		return false;
	}
	tail = key + len - (sizeof(pool) - 1);
	return strcmp(tail, pool) == 0 && (tail == key || tail[-1] == '.');
}

const char *
pool_zone(const char *key)
{
	return isdigit((unsigned char)key[0]) && key[1] == '.' && is_pool_name(key + 2) ? key + 2
											: NULL;
}

bool
upstream_is_pool(const struct upstream *upstream)
{
	char key[ADDRESS_KEY_BYTES];

	for (size_t i = 0; i < upstream->addresses.count; i++) {
		address_spell(&upstream->addresses.list[i], key);
		if (is_pool_name(key)) {
			return true;
		}
	}
	return false;
}

bool
upstream_smears(const struct upstream *upstream)
{
	char key[ADDRESS_KEY_BYTES];

	if (upstream->smear_pos.line > 0) {
		return upstream->smear != SMEAR_NONE;
	}
	for (size_t i = 0; i < upstream->addresses.count; i++) {
		address_spell(&upstream->addresses.list[i], key);
		if (service_of(key)) {
			return true;
		}
	}
	return upstream->smear != SMEAR_NONE;
}
