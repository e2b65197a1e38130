#include "orchestrator/topology/partners.h"

bool
host_asks(const struct host *asker, const struct host *server)
{
	const struct source_list *sources;

	if (asker == server || (!asker->tier && !asker->group)) {
		return false;
	}
	sources = host_sources(asker);
	if (asker->tier && asker->tier == server->tier && asker->tier->peering != PEERING_NONE) {
		return true;
	}
	for (size_t i = 0; i < sources->count; i++) {
		if (sources->list[i].server == server) {
			return true;
		}
	}
	return false;
}

bool
key_is_needed(const struct symmetric_key *key)
{
	for (size_t a = 0; a < key->host_count; a++) {
		for (size_t b = 0; b < key->host_count; b++) {
			if (host_asks(key->hosts[a], key->hosts[b])) {
				return true;
			}
		}
	}
	return false;
}

static size_t
number_of(const struct partners *partners, const struct host *server)
{
	return (size_t)(server - partners->topology->hosts);
}

void
partners_init(struct partners *partners, const struct topology *topology, struct arena *arena)
{
	*partners = (struct partners){ .topology = topology };
	partners->mark = arena_alloc(arena, topology->server_count * sizeof(*partners->mark) + 1);
}

void
partners_mark(struct partners *partners, const struct host *server)
{
	struct key_list keys = topology_keys_of(partners->topology, server);

	for (size_t k = 0; k < keys.count; k++) {
		const struct symmetric_key *key = keys.list[k];

		for (size_t h = 0; h < key->host_count; h++) {
			if (key->hosts[h]->role == HOST_SERVER) {
				partners->mark[number_of(partners, key->hosts[h])] =
				    number_of(partners, server) + 1;
			}
		}
	}
}

bool
partners_share(const struct partners *partners, const struct host *server, const struct host *other)
{
	return host_unmanaged(server) || host_unmanaged(other) ||
	    partners->mark[number_of(partners, other)] == number_of(partners, server) + 1;
}

/* The pairs of @tier itself, then those of its servers and their sources. */
static bool
visit_tier(struct partners *partners, const struct tier *tier, unkeyed_visit visit, void *arg)
{
	for (size_t i = 0; i < tier->server_count; i++) {
		const struct host *server = tier->servers[i];

		partners_mark(partners, server);
		for (size_t j = i + 1; tier->peering != PEERING_NONE && j < tier->server_count;
		     j++) {
			if (!partners_share(partners, server, tier->servers[j]) &&
			    !visit(arg, server, tier->servers[j])) {
				return false;
			}
		}
	}
	for (size_t i = 0; i < tier->server_count; i++) {
		const struct host *server = tier->servers[i];

		partners_mark(partners, server);
		for (size_t s = 0; s < tier->sources.count; s++) {
			const struct host *source = tier->sources.list[s].server;

			if (source && !partners_share(partners, server, source) &&
			    !visit(arg, server, source)) {
				return false;
			}
		}
	}
	return true;
}

bool
unkeyed_pairs(const struct topology *topology, unkeyed_visit visit, void *arg)
{
	struct partners partners;
	struct arena arena = { 0 };
	bool all = true;

	partners_init(&partners, topology, &arena);
	for (size_t i = 0; all && i < topology->tier_count; i++) {
		all = visit_tier(&partners, &topology->tiers[i], visit, arg);
	}
	arena_free(&arena);
	return all;
}
