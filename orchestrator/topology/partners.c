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
	size_t servers = topology->server_count, total = 0;

	*partners = (struct partners){ .topology = topology };
	partners->begin = arena_alloc(arena, (servers + 2) * sizeof(*partners->begin));
	partners->mark = arena_alloc(arena, servers * sizeof(*partners->mark) + 1);
	for (size_t i = 0; i < topology->key_count; i++) {
		const struct symmetric_key *key = &topology->keys[i];

		for (size_t h = 0; h < key->host_count; h++) {
			if (key->hosts[h]->role == HOST_SERVER) {
				partners->begin[number_of(partners, key->hosts[h]) + 2]++;
				total++;
			}
		}
	}
	for (size_t i = 2; i < servers + 2; i++) {
		partners->begin[i] += partners->begin[i - 1];
	}
	partners->list = arena_alloc(arena, total * sizeof(*partners->list) + 1);
	for (size_t i = 0; i < topology->key_count; i++) {
		const struct symmetric_key *key = &topology->keys[i];

		for (size_t h = 0; h < key->host_count; h++) {
			if (key->hosts[h]->role == HOST_SERVER) {
				size_t server = number_of(partners, key->hosts[h]);

				partners->list[partners->begin[server + 1]++] = key;
			}
		}
	}
}

void
partners_mark(struct partners *partners, const struct host *server)
{
	size_t number = number_of(partners, server);

	for (size_t k = partners->begin[number]; k < partners->begin[number + 1]; k++) {
		const struct symmetric_key *key = partners->list[k];

		for (size_t h = 0; h < key->host_count; h++) {
			if (key->hosts[h]->role == HOST_SERVER) {
				partners->mark[number_of(partners, key->hosts[h])] = number + 1;
			}
		}
	}
}

bool
partners_share(const struct partners *partners, const struct host *server, const struct host *other)
{
	return partners->mark[number_of(partners, other)] == number_of(partners, server) + 1;
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
