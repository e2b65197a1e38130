#include "orchestrator/topology/siblings.h"

#include "orchestrator/topology/nts.h"

/* How many sources of @host outside its tier prove themselves: by NTS, or by a key. */
static size_t
proved_count(const struct topology *topology, const struct host *host)
{
	const struct source_list *sources = host_sources(host);
	size_t proved = 0;

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->list[i];

		proved += source->upstream ? source->upstream->nts && !source->upstream->noselect
					   : source->server &&
			(host_asks_by_nts(host, source->server) ||
			    topology_key(topology, host, source->server) != NULL);
	}
	return proved;
}

/* Whether they are of two kinds: with proof and without. */
static bool
is_uneven(const struct topology *topology, const struct host *host)
{
	size_t proved = proved_count(topology, host);

	return proved > 0 && proved < source_votes(host_sources(host));
}

bool
host_ignores_proof(const struct topology *topology, const struct host *host)
{
	switch (host_siblings_use(topology, host, true, true)) {
	case SIBLINGS_HELP:
		return true;
	case SIBLINGS_ORPHANS:
		return proved_count(topology, host) == 0;
	case SIBLINGS_NONE:
	case SIBLINGS_SYMMETRIC:
	case SIBLINGS_COMBINED:
	case SIBLINGS_OUTVOTE:
	case SIBLINGS_UNEVEN:
	case SIBLINGS_PREFERRED:
		break;
	}
	return false;
}

static bool
prefers_one(const struct source_list *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		if (sources->list[i].upstream && sources->list[i].upstream->prefer) {
			return true;
		}
	}
	return false;
}

enum siblings_use
host_siblings_use(
    const struct topology *topology, const struct host *host, bool prefers, bool by_proof)
{
	const struct tier *tier = host->tier;

	if (!tier || tier->peering == PEERING_NONE || tier->server_count < 2 ||
	    tier_source_count(tier) == 0) {
		return SIBLINGS_NONE;
	}
	if (tier->isolated) {
		return SIBLINGS_ORPHANS;
	}
	if (tier->peering == PEERING_SYMMETRIC) {
		return SIBLINGS_SYMMETRIC;
	}
	if (!prefers) {
		return SIBLINGS_COMBINED;
	}
	if (prefers_one(&tier->sources)) {
		return SIBLINGS_PREFERRED;
	}
	if (tier_source_count(tier) < tier->server_count) {
		return SIBLINGS_OUTVOTE;
	}
	return by_proof && is_uneven(topology, host) ? SIBLINGS_UNEVEN : SIBLINGS_HELP;
}

bool
host_may_follow(const struct host *host, const struct host *sibling)
{
	const struct tier *tier = host->tier;

	if (host_unmanaged(sibling)) {
		return false; /* whom it follows is not known: it may be this host */
	}
	for (size_t i = 0; i < tier->server_count; i++) {
		if (tier->servers[i] == sibling) {
			return true;
		}
		if (tier->servers[i] == host) {
			break;
		}
	}
	for (size_t i = 0; i < tier->server_count && i < tier_quorum(tier); i++) {
		if (tier->servers[i] == sibling) {
			return true;
		}
	}
	return false;
}

bool
host_is_sibling(const struct host *host, const char *text)
{
	const struct tier *tier = host->tier;
	struct ip ip;

	if (!tier || tier_source_count(tier) == 0 || !ip_parse(text, &ip)) {
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
