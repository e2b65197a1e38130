/* PEER: how the servers of a tier compare each other's time. */
#include "daemons/daemon.h"
#include "orchestrator/lint/rule.h"

#include <stdlib.h>

static void
check_symmetric_unsupported(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		const struct daemon_driver *driver = NULL;
		struct name_list names = { 0 };

		if (tier->peering != PEERING_SYMMETRIC || tier->server_count < 2) {
			continue;
		}
		for (size_t s = 0; s < tier->server_count; s++) {
			if (host_lacks(tier->servers[s], DAEMON_SYMMETRIC)) {
				driver = daemon_find(tier->servers[s]->daemon);
				name_list_add(&names, tier->servers[s]->name);
			}
		}
		if (driver) {
			lint_report(lint, tier->name, tier->peering_pos,
			    "tier \"%s\" peers symmetrically, which %s cannot (%s): write "
			    "`peering: mesh`",
			    tier->name, driver->title, name_list_text(&names));
		}
	}
}

/* The keys of each server: those of server i are list[begin[i]] to before list[begin[i + 1]]. */
struct key_index {
	size_t *begin;
	const struct symmetric_key **list;
	size_t *mark; /* per server: 1 + the last server that was found to share a key with it */
};

static struct key_index
index_keys(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	struct key_index index;
	size_t total = 0;

	index.begin =
	    arena_alloc(&lint->scratch, (topology->server_count + 2) * sizeof(*index.begin));
	index.mark = arena_alloc(&lint->scratch, topology->server_count * sizeof(*index.mark) + 1);
	for (size_t i = 0; i < topology->key_count; i++) {
		const struct symmetric_key *key = &topology->keys[i];

		for (size_t h = 0; h < key->host_count; h++) {
			if (key->hosts[h]->role == HOST_SERVER) {
				index.begin[key->hosts[h] - topology->hosts + 2]++;
				total++;
			}
		}
	}
	for (size_t i = 2; i < topology->server_count + 2; i++) {
		index.begin[i] += index.begin[i - 1];
	}
	index.list = arena_alloc(&lint->scratch, total * sizeof(*index.list) + 1);
	for (size_t i = 0; i < topology->key_count; i++) {
		const struct symmetric_key *key = &topology->keys[i];

		for (size_t h = 0; h < key->host_count; h++) {
			if (key->hosts[h]->role == HOST_SERVER) {
				size_t server = (size_t)(key->hosts[h] - topology->hosts);

				index.list[index.begin[server + 1]++] = key;
			}
		}
	}
	return index;
}

/* Mark every server that shares a key with @server. */
static void
mark_partners(struct lint *lint, struct key_index *index, size_t server)
{
	for (size_t k = index->begin[server]; k < index->begin[server + 1]; k++) {
		const struct symmetric_key *key = index->list[k];

		for (size_t h = 0; h < key->host_count; h++) {
			if (key->hosts[h]->role == HOST_SERVER) {
				index->mark[key->hosts[h] - lint->topology->hosts] = server + 1;
			}
		}
	}
}

/* Report the first server of @tier that lacks a key with some siblings; then stop. */
static void
check_pairs(struct lint *lint, struct key_index *index, const struct tier *tier)
{
	for (size_t i = 0; i + 1 < tier->server_count; i++) {
		const struct host *host = tier->servers[i];
		size_t server = (size_t)(host - lint->topology->hosts);
		struct name_list names = { 0 };

		mark_partners(lint, index, server);
		for (size_t j = i + 1; j < tier->server_count; j++) {
			const struct host *sibling = tier->servers[j];

			if (index->mark[sibling - lint->topology->hosts] != server + 1) {
				name_list_add(&names, sibling->name);
			}
		}
		if (names.count > 0) {
			lint_report(lint, tier->name, tier->peering_pos,
			    "servers of tier \"%s\" ask each other without a key: %s shares "
			    "none with %s",
			    tier->name, host->name, name_list_text(&names));
			return;
		}
	}
}

static void
check_unkeyed_siblings(struct lint *lint)
{
	struct key_index index = index_keys(lint);

	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];

		if (tier->peering != PEERING_NONE) {
			check_pairs(lint, &index, tier);
		}
	}
}

const struct lint_rule rules_peering[] = {
	{ .id = "symmetric-unsupported",
	    .number = "PEER001",
	    .severity = SEVERITY_ERROR,
	    .summary = "servers peer symmetrically only where the daemon of every one can",
	    .source = "NTPsec's documentation, assoc.html; NTPsec before 1.2.5 drops such packets",
	    .remedy = "write `peering: mesh`: mutual client/server lines, which all daemons "
		      "understand",
	    .check = check_symmetric_unsupported },
	{ .id = "unkeyed-siblings",
	    .number = "PEER003",
	    .severity = SEVERITY_ERROR,
	    .summary = "servers that ask each other share a key",
	    .source = "RFC 8633 section 5.6; RFC 5905 section 9.2",
	    .remedy = "`timetier keys new` writes a key per pair; name its file in `keys`",
	    .needs_all = true,
	    .check = check_unkeyed_siblings },
	{ .id = NULL },
};
