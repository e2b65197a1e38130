#include "orchestrator/topology/siblings.h"

#define STRATUM_UNKNOWN 3 /* of a source that site.yaml does not tell: public ones have 1 to 3 */
#define CEILING_MAX 15    /* ntpd's own */
#define TIERS_MAX 16      /* above each other; the loader refuses loops */

/* Whether the sources of @host outside its tier are of two kinds: with proof and without. */
static bool
is_uneven(const struct topology *topology, const struct host *host)
{
	const struct source_list *sources = host_sources(host);
	size_t proved = 0;

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->list[i];

		proved += source->upstream
		    ? source->upstream->nts
		    : source->server && topology_key(topology, host, source->server) != NULL;
	}
	return proved > 0 && proved < sources->count;
}

enum siblings_use
host_siblings_use(
    const struct topology *topology, const struct host *host, bool ceiling, bool by_proof)
{
	const struct tier *tier = host->tier;

	if (!tier || tier->peering == PEERING_NONE || tier->server_count < 2 ||
	    tier->sources.count == 0) {
		return SIBLINGS_NONE;
	}
	if (tier->isolated) {
		return SIBLINGS_ORPHANS;
	}
	if (tier->peering == PEERING_SYMMETRIC) {
		return SIBLINGS_SYMMETRIC;
	}
	if (tier->sources.count < tier->server_count) {
		return SIBLINGS_OUTVOTE;
	}
	/* whom a sibling follows refuses that one: so with a quorum of all siblings a ring ends */
	if (!ceiling && tier->server_count - 1 > tier_quorum(tier)) {
		return SIBLINGS_RING;
	}
	return by_proof && is_uneven(topology, host) ? SIBLINGS_UNEVEN : SIBLINGS_HELP;
}

/* The highest stratum of the sources of @tier, when they themselves follow siblings. */
static unsigned
top_stratum(const struct tier *tier, int depth)
{
	unsigned top = 1;

	for (size_t i = 0; i < tier->sources.count; i++) {
		const struct source *source = &tier->sources.list[i];
		unsigned stratum = STRATUM_UNKNOWN;

		if (source->upstream && source->upstream->stratum > 0) {
			stratum = source->upstream->stratum;
		} else if (source->server && depth < TIERS_MAX) {
			stratum = top_stratum(source->server->tier, depth + 1) + 3;
		}
		top = stratum > top ? stratum : top;
	}
	return top;
}

unsigned
tier_ceiling(const struct tier *tier)
{
	unsigned ceiling = top_stratum(tier, 0) + 3;

	return ceiling < CEILING_MAX ? ceiling : CEILING_MAX;
}

bool
host_is_sibling(const struct host *host, const char *text)
{
	const struct tier *tier = host->tier;
	struct ip ip;

	if (!tier || tier->sources.count == 0 || !ip_parse(text, &ip)) {
		return false;
	}
	for (size_t i = 0; i < tier->server_count; i++) {
		const struct address_list *addresses = &tier->servers[i]->addresses;

		for (size_t k = 0; tier->servers[i] != host && k < addresses->count; k++) {
			if (ip_equal(&addresses->list[k].ip, &ip)) {
				return true;
			}
		}
	}
	return false;
}
