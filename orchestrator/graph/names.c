#include "orchestrator/graph/names.h"

#include "orchestrator/catalogue/catalogue.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char pool[] = "pool.ntp.org";

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
	char spelled[ADDRESS_KEY_BYTES];

	address_spell(address, spelled);
	snprintf(key, ADDRESS_KEY_BYTES, "%s", catalogue_server(spelled));
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
network_is_public(const struct network *network)
{
	for (size_t i = 0; i < COUNT(not_public); i++) {
		if (network->prefix >= not_public[i].prefix &&
		    network_contains(&not_public[i], &network->ip)) {
			return false;
		}
	}
	return network->ip.family == IP_V4 ||
	    (network->ip.family == IP_V6 &&
		(network->prefix < unicast_v6.prefix ||
		    network_contains(&unicast_v6, &network->ip)));
}

bool
ip_is_public(const struct ip *ip)
{
	struct network network = { *ip, ip->family == IP_V4 ? 32 : 128 };

	return network_is_public(&network);
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
	const struct service *service;
	char key[ADDRESS_KEY_BYTES];

	if (upstream->smear_pos.line > 0) {
		return upstream->smear != SMEAR_NONE;
	}
	for (size_t i = 0; i < upstream->addresses.count; i++) {
		address_spell(&upstream->addresses.list[i], key);
		service = catalogue_find(key);
		if (service &&
		    (service->smear == SERVICE_SMEAR_YES ||
			service->smear == SERVICE_SMEAR_LINEAR_24H)) {
			return true;
		}
	}
	return upstream->smear != SMEAR_NONE;
}

const struct service *
upstream_service(const struct upstream *upstream)
{
	char key[ADDRESS_KEY_BYTES];

	if (upstream->addresses.count == 0) {
		return NULL;
	}
	address_spell(&upstream->addresses.list[0], key);
	return catalogue_find(key);
}

const char *
upstream_country(const struct upstream *upstream)
{
	const struct service *service = upstream_service(upstream);

	if (upstream->country) {
		return upstream->country;
	}
	return service && strcmp(service->country, "ZZ") != 0 ? service->country : NULL;
}

/* Labels below which registries of countries give names to people, as "ac" of ac.uk. */
static const char *const second_labels[] = { "ac", "ad", "co", "com", "ed", "edu", "go", "gob",
	"gouv", "gov", "govt", "gv", "lg", "mil", "ne", "net", "nom", "or", "org", "sch" };

static bool
is_second_label(const char *label, size_t len)
{
	for (size_t i = 0; i < COUNT(second_labels); i++) {
		if (strlen(second_labels[i]) == len && memcmp(second_labels[i], label, len) == 0) {
			return true;
		}
	}
	return false;
}

/* The registered domain at the end of @name: "ptb.de", "nist.gov", "npl.co.uk". */
static const char *
domain_of(const char *name)
{
	const char *dots[3] = { NULL, NULL, NULL }; /* the last dot first */

	for (const char *p = name; *p; p++) {
		if (*p == '.' && p[1]) {
			dots[2] = dots[1];
			dots[1] = dots[0];
			dots[0] = p;
		}
	}
	if (!dots[1]) {
		return name;
	}
	if (strlen(dots[0] + 1) == 2 &&
	    is_second_label(dots[1] + 1, (size_t)(dots[0] - dots[1]) - 1)) {
		return dots[2] ? dots[2] + 1 : name;
	}
	return dots[1] + 1;
}

const char *
network_around(struct arena *arena, const struct ip *ip)
{
	struct network network = { *ip, ip->family == IP_V4 ? 24 : 48 };
	char text[IP_TEXT_BYTES];

	for (size_t i = network.prefix / 8; i < sizeof(network.ip.bytes); i++) {
		network.ip.bytes[i] = 0;
	}
	return arena_strdup(arena, network_text(&network, text));
}

const char *
operator_of(struct arena *arena, const struct upstream *upstream)
{
	const struct address *address = upstream->addresses.list;
	char key[ADDRESS_KEY_BYTES];
	const char *known;

	if (upstream->operator_name) {
		return upstream->operator_name;
	}
	if (upstream->addresses.count == 0 || upstream_is_pool(upstream)) {
		return upstream->name;
	}
	address_spell(address, key);
	known = catalogue_operator(key);
	if (known) {
		return known;
	}
	if (address->ip.family != IP_NONE) {
		return network_around(arena, &address->ip);
	}
	return arena_strdup(arena, domain_of(key));
}
