/*
 * Finds the tiers and client groups of a site by who asks whom.  Servers that ask each other are
 * one tier, and so are servers of one depth that are asked together or ask the same: so no tier
 * asks one that asks it.
 */
#include "orchestrator/import/import.h"

#include "common/hash.h"
#include "orchestrator/topology/topology.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Servers by number of their own; a union of them is known by its first. */
struct sets {
	struct import *import;
	size_t *hosts; /* which host each is */
	size_t count;
	size_t *at; /* of each host: its number as a server, or IMPORT_NONE */
	size_t *joined;
	size_t *depth;
	size_t *upstream_at; /* UPSTREAMS_EACH for each host: the upstream of each source */
	struct name_index by_name;
};

static void
number_servers(struct sets *sets)
{
	struct import *import = sets->import;

	sets->hosts = arena_alloc(&import->arena, (import->host_count + 1) * sizeof(size_t));
	sets->at = arena_alloc(&import->arena, (import->host_count + 1) * sizeof(size_t));
	for (size_t i = 0; i < import->host_count; i++) {
		sets->at[i] = import->hosts[i].server ? sets->count : IMPORT_NONE;
		if (import->hosts[i].server) {
			sets->hosts[sets->count++] = i;
		}
	}
}

/* A name of the language: what else stands in an address, as colons, becomes "-". */
static const char *
slug(struct arena *arena, const char *text)
{
	char *name = arena_printf(arena, "%.60s", text);

	for (char *at = name; *at; at++) {
		*at = isalnum((unsigned char)*at) || strchr("-_.", *at) ? *at : '-';
	}
	return isalnum((unsigned char)name[0]) ? name : arena_printf(arena, "u%.59s", name);
}

/* The upstream that @source is, added where it is new. */
static size_t
upstream_of(struct sets *sets, const struct import_host *host, const struct config_source *source)
{
	struct import *import = sets->import;
	struct import_upstream *fresh = &import->upstreams[import->upstream_count];
	size_t known;

	*fresh = (struct import_upstream){ slug(&import->arena, source->name), source,
		!(source->flags & RESTART_IBURST) && (host->driver->features & DAEMON_SERVES) };
	known = index_add(
	    &sets->by_name, import->upstreams, sizeof(*import->upstreams), import->upstream_count);
	/* two names may have one slug: the second gets a number */
	for (unsigned i = 2; known != INDEX_NONE &&
	     strcmp(import->upstreams[known].source->name, source->name) != 0;
	     i++) {
		fresh->name =
		    arena_printf(&import->arena, "%.56s-%u", slug(&import->arena, source->name), i);
		known = index_add(&sets->by_name, import->upstreams, sizeof(*import->upstreams),
		    import->upstream_count);
	}
	return known != INDEX_NONE ? known : import->upstream_count++;
}

static void
find_upstreams(struct sets *sets)
{
	struct import *import = sets->import;
	size_t most = 0;

	for (size_t i = 0; i < import->host_count; i++) {
		most += import->hosts[i].config.source_count;
	}
	import->upstreams = arena_alloc(&import->arena, (most + 1) * sizeof(*import->upstreams));
	sets->upstream_at = arena_alloc(
	    &import->arena, (import->host_count * RESTART_LINES_MAX + 1) * sizeof(size_t));
	index_init(&sets->by_name, &import->arena, most + 1);
	for (size_t i = 0; i < import->host_count; i++) {
		const struct import_host *host = &import->hosts[i];

		for (size_t k = 0; k < host->config.source_count; k++) {
			bool outside = import_is_followed(&host->config.sources[k]) &&
			    host->asks[k] == IMPORT_NONE;

			sets->upstream_at[i * RESTART_LINES_MAX + k] = outside
			    ? upstream_of(sets, host, &host->config.sources[k])
			    : IMPORT_NONE;
		}
	}
}

static size_t
root_of(struct sets *sets, size_t server)
{
	while (sets->joined[server] != server) {
		sets->joined[server] = sets->joined[sets->joined[server]];
		server = sets->joined[server];
	}
	return server;
}

static void
join(struct sets *sets, size_t a, size_t b)
{
	size_t root_a = root_of(sets, a), root_b = root_of(sets, b);

	if (root_a < root_b) {
		sets->joined[root_b] = root_a;
	} else {
		sets->joined[root_a] = root_b;
	}
}

/* The server that source @k of host @at is, or IMPORT_NONE. */
static size_t
asked_server(const struct sets *sets, size_t at, size_t k)
{
	const struct import_host *host = &sets->import->hosts[at];
	size_t asked = host->asks[k];

	return asked == IMPORT_NONE || asked == at || !import_is_followed(&host->config.sources[k])
	    ? IMPORT_NONE
	    : sets->at[asked];
}

/* Mark whom server @from asks, also by others. */
static void
reach(const struct sets *sets, size_t from, bool *reached, size_t *stack)
{
	size_t count = 0;

	stack[count++] = from;
	while (count > 0) {
		size_t at = sets->hosts[stack[--count]];

		for (size_t k = 0; k < sets->import->hosts[at].config.source_count; k++) {
			size_t server = asked_server(sets, at, k);

			if (server != IMPORT_NONE && !reached[server]) {
				reached[server] = true;
				stack[count++] = server;
			}
		}
	}
}

/* Servers that ask each other, also by others, are one tier. */
static void
join_circles(struct sets *sets)
{
	size_t count = sets->count;
	bool *reached = arena_alloc(&sets->import->arena, count * count + 1);
	size_t *stack = arena_alloc(&sets->import->arena, (count + 1) * sizeof(*stack));

	sets->joined = arena_alloc(&sets->import->arena, (count + 1) * sizeof(size_t));
	for (size_t i = 0; i < count; i++) {
		sets->joined[i] = i;
		reach(sets, i, reached + i * count, stack);
	}
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (reached[i * count + k] && reached[k * count + i]) {
				join(sets, i, k);
			}
		}
	}
}

/* Whether server @i stands deeper now than before: below whom it asks. */
static bool
sink(struct sets *sets, size_t i)
{
	size_t at = sets->hosts[i], own = root_of(sets, i);
	bool moved = false;

	for (size_t k = 0; k < sets->import->hosts[at].config.source_count; k++) {
		size_t server = asked_server(sets, at, k);
		size_t above = server == IMPORT_NONE ? own : root_of(sets, server);

		if (above != own && sets->depth[own] <= sets->depth[above]) {
			sets->depth[own] = sets->depth[above] + 1;
			moved = true;
		}
	}
	return moved;
}

/* The longest way to the outside; there are no circles between unions. */
static size_t
find_depths(struct sets *sets)
{
	bool moved = true;
	size_t deepest = 1;

	sets->depth = arena_alloc(&sets->import->arena, (sets->count + 1) * sizeof(size_t));
	for (size_t i = 0; i < sets->count; i++) {
		sets->depth[i] = 1;
	}
	while (moved) {
		moved = false;
		for (size_t i = 0; i < sets->count; i++) {
			moved |= sink(sets, i);
		}
	}
	for (size_t i = 0; i < sets->count; i++) {
		size_t depth = sets->depth[root_of(sets, i)];

		deepest = depth > deepest ? depth : deepest;
	}
	return deepest;
}

/* Servers of this depth that one host asks. */
static void
join_asked_together(struct sets *sets, size_t depth)
{
	for (size_t i = 0; i < sets->import->host_count; i++) {
		size_t first = IMPORT_NONE;

		for (size_t k = 0; k < sets->import->hosts[i].config.source_count; k++) {
			size_t server = asked_server(sets, i, k);

			if (server == IMPORT_NONE || sets->depth[root_of(sets, server)] != depth) {
				continue;
			}
			if (first == IMPORT_NONE) {
				first = server;
			} else {
				join(sets, first, server);
			}
		}
	}
}

/* Mark in @row what server @i asks: upstreams, then unions of servers by their first. */
static void
mark_asked(struct sets *sets, size_t at, bool *row)
{
	for (size_t k = 0; k < sets->import->hosts[at].config.source_count; k++) {
		size_t upstream = sets->upstream_at[at * RESTART_LINES_MAX + k];
		size_t server = asked_server(sets, at, k);

		if (upstream != IMPORT_NONE) {
			row[upstream] = true;
		} else if (server != IMPORT_NONE) {
			row[sets->import->upstream_count + root_of(sets, server)] = true;
		}
	}
}

/* Servers of this depth that ask the same. */
static void
join_alike(struct sets *sets, size_t depth)
{
	size_t width = sets->import->upstream_count + sets->count;
	bool *row = arena_alloc(&sets->import->arena, width + 1);
	uint64_t *asks = arena_alloc(&sets->import->arena, (sets->count + 1) * sizeof(*asks));

	for (size_t i = 0; i < sets->count; i++) {
		size_t own = root_of(sets, i);

		if (sets->depth[own] != depth) {
			continue;
		}
		memset(row, 0, width);
		mark_asked(sets, sets->hosts[i], row);
		row[sets->import->upstream_count + own] = false; /* siblings */
		asks[i] = hash_add(HASH_START, row, width);
	}
	for (size_t i = 0; i < sets->count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (sets->depth[root_of(sets, i)] == depth &&
			    sets->depth[root_of(sets, k)] == depth && asks[i] == asks[k]) {
				join(sets, i, k);
			}
		}
	}
}

/* A name that no tier and no upstream has. */
static const char *
tier_name(struct import *import, size_t depth, size_t deepest)
{
	const char *base = deepest == 1 ? "core" : arena_printf(&import->arena, "tier%zu", depth);
	const char *name = base;

	for (unsigned number = 2;; number++) {
		bool taken = false;

		for (size_t i = 0; i < import->tier_count && !taken; i++) {
			taken = strcmp(import->tiers[i].name, name) == 0;
		}
		for (size_t i = 0; i < import->upstream_count && !taken; i++) {
			taken = strcmp(import->upstreams[i].name, name) == 0;
		}
		if (!taken) {
			return name;
		}
		name = arena_printf(&import->arena, "%s-%u", base, number);
	}
}

/* One tier for each union, those that ask outside first. */
static void
make_tiers(struct sets *sets, size_t deepest)
{
	struct import *import = sets->import;
	size_t *tier_of = arena_alloc(&import->arena, (sets->count + 1) * sizeof(*tier_of));

	import->tiers = arena_alloc(&import->arena, (sets->count + 1) * sizeof(*import->tiers));
	for (size_t depth = 1; depth <= deepest; depth++) {
		for (size_t i = 0; i < sets->count; i++) {
			if (root_of(sets, i) == i && sets->depth[i] == depth) {
				struct import_set *tier = &import->tiers[import->tier_count];

				tier->name = tier_name(import, depth, deepest);
				tier->tier = true;
				tier_of[i] = import->tier_count++;
			}
		}
	}
	for (size_t i = 0; i < sets->count; i++) {
		struct import_host *host = &import->hosts[sets->hosts[i]];

		host->set = tier_of[root_of(sets, i)];
		import->tiers[host->set].hosts++;
	}
}

/* Mark what host @at asks in the two rows of @set. */
static void
mark_set(struct sets *sets, size_t at, struct import_set *set)
{
	struct import *import = sets->import;

	for (size_t k = 0; k < import->hosts[at].config.source_count; k++) {
		size_t upstream = sets->upstream_at[at * RESTART_LINES_MAX + k];
		size_t server = asked_server(sets, at, k);

		if (upstream != IMPORT_NONE) {
			set->upstreams[upstream] = true;
		} else if (server != IMPORT_NONE) {
			set->from[import->hosts[sets->hosts[server]].set] = true;
		}
	}
}

static void
fill_tiers(struct sets *sets)
{
	struct import *import = sets->import;

	for (size_t i = 0; i < import->tier_count; i++) {
		import->tiers[i].upstreams =
		    arena_alloc(&import->arena, import->upstream_count + 1);
		import->tiers[i].from = arena_alloc(&import->arena, import->tier_count + 1);
		import->tiers[i].peering = "none";
	}
	for (size_t i = 0; i < sets->count; i++) {
		const struct import_host *host = &import->hosts[sets->hosts[i]];
		struct import_set *tier = &import->tiers[host->set];

		mark_set(sets, sets->hosts[i], tier);
		if (tier->from[host->set]) {
			tier->peering = "mesh";
			tier->from[host->set] = false;
		}
	}
}

/* Whether all of the tier have symmetric mode, and every line between them is `peer`. */
static void
find_symmetric(struct sets *sets, size_t at)
{
	struct import *import = sets->import;
	struct import_set *tier = &import->tiers[at];
	bool symmetric = true;

	for (size_t i = 0; i < sets->count; i++) {
		const struct import_host *host = &import->hosts[sets->hosts[i]];

		if (host->set != at) {
			continue;
		}
		symmetric &= (host->driver->features & DAEMON_SYMMETRIC) != 0;
		for (size_t k = 0; k < host->config.source_count; k++) {
			size_t server = asked_server(sets, sets->hosts[i], k);

			if (server != IMPORT_NONE && import->hosts[sets->hosts[server]].set == at) {
				symmetric &= (host->config.sources[k].flags & RESTART_PEER) != 0;
			}
		}
	}
	if (symmetric && strcmp(tier->peering, "mesh") == 0) {
		tier->peering = "symmetric";
	}
}

static bool
any(const bool *row, size_t count)
{
	return memchr(row, true, count) != NULL;
}

/* The group that is like @set, added where it is new. */
static size_t
group_of(struct import *import, const struct import_set *set)
{
	for (size_t i = 0; i < import->group_count; i++) {
		const struct import_set *group = &import->groups[i];

		if (strcmp(group->daemon, set->daemon) == 0 &&
		    memcmp(group->upstreams, set->upstreams, import->upstream_count) == 0 &&
		    memcmp(group->from, set->from, import->tier_count) == 0) {
			return i;
		}
	}
	import->groups[import->group_count] = *set;
	return import->group_count++;
}

static void
make_groups(struct sets *sets)
{
	struct import *import = sets->import;

	import->groups =
	    arena_alloc(&import->arena, (import->host_count + 1) * sizeof(*import->groups));
	for (size_t i = 0; i < import->host_count; i++) {
		struct import_host *host = &import->hosts[i];
		struct import_set set = { .daemon = host->driver ? host->driver->name : "" };

		if (host->server) {
			continue;
		}
		host->set = IMPORT_NONE;
		set.upstreams = arena_alloc(&import->arena, import->upstream_count + 1);
		set.from = arena_alloc(&import->arena, import->tier_count + 1);
		mark_set(sets, i, &set);
		if (any(set.upstreams, import->upstream_count) ||
		    any(set.from, import->tier_count)) {
			host->set = group_of(import, &set);
			import->groups[host->set].hosts++;
		}
	}
	for (size_t i = 0; i < import->group_count; i++) {
		import->groups[i].name = import->group_count == 1
		    ? "clients"
		    : arena_printf(&import->arena, "clients%zu", i + 1);
	}
}

void
import_make_sets(struct import *import)
{
	struct sets sets = { .import = import };
	size_t deepest;

	number_servers(&sets);
	find_upstreams(&sets);
	join_circles(&sets);
	deepest = find_depths(&sets);
	for (size_t depth = 1; depth <= deepest; depth++) {
		join_asked_together(&sets, depth);
		join_alike(&sets, depth);
	}
	make_tiers(&sets, deepest);
	fill_tiers(&sets);
	for (size_t i = 0; i < import->tier_count; i++) {
		find_symmetric(&sets, i);
	}
	make_groups(&sets);
}
