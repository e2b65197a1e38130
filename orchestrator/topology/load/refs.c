/* Looks up names: sources of tiers and client groups, accepted findings, hosts of keys. */
#include "common/nearest.h"
#include "orchestrator/topology/load/loader.h"

#include <assert.h>
#include <string.h>

#define ROWS_MAX 1000       /* most tiers, upstreams, entries of `accept`, names in a list */
#define SOURCES_MAX 4000000 /* most pairs of a tier or group and one of its sources */

/* The indexes in which names are looked up. */
struct scope {
	struct loader *loader;
	struct topology *topology;
	struct name_index upstreams, tiers, groups;
	size_t sources; /* pairs made so far: see SOURCES_MAX */
};

static const struct upstream *
find_upstream(const struct scope *scope, const char *name)
{
	const struct topology *topology = scope->topology;
	size_t at =
	    index_find(&scope->upstreams, topology->upstreams, sizeof(*topology->upstreams), name);

	if (at == INDEX_NONE) {
		return NULL;
	}
	assert(topology->upstreams);
	return &topology->upstreams[at];
}

static const struct tier *
find_tier(const struct scope *scope, const char *name)
{
	const struct topology *topology = scope->topology;
	size_t at = index_find(&scope->tiers, topology->tiers, sizeof(*topology->tiers), name);

	if (at == INDEX_NONE) {
		return NULL;
	}
	assert(topology->tiers);
	return &topology->tiers[at];
}

static void
offer_sources(const struct scope *scope, struct nearest *nearest, bool tiers)
{
	for (size_t i = 0; i < scope->topology->upstream_count; i++) {
		assert(scope->topology->upstreams); /* not NULL when the count is not 0 */
		nearest_offer(nearest, scope->topology->upstreams[i].name);
	}
	for (size_t i = 0; tiers && i < scope->topology->tier_count; i++) {
		nearest_offer(nearest, scope->topology->tiers[i].name);
	}
}

static void
unknown_source(struct scope *scope, const struct name_ref *ref, bool tiers)
{
	const struct host *host = topology_host(scope->topology, ref->name);
	struct nearest nearest = { .word = ref->name };

	if (host && host->tier) {
		problem(scope->loader, "unknown-name", ref->pos, "%s is a server, not a tier%s%s",
		    shown(scope->loader, ref->name), tiers ? ": name its tier, " : " or upstream",
		    tiers ? host->tier->name : "");
		return;
	}
	if (scope->loader->diags->count < DIAGS_MAX) {
		offer_sources(scope, &nearest, tiers);
	}
	problem(scope->loader, "unknown-name", ref->pos, "there is no %s %s%s",
	    tiers ? "tier or upstream" : "upstream", shown(scope->loader, ref->name),
	    meant(scope->loader, &nearest));
}

static void
add_source(
    struct buf *sources, const struct upstream *upstream, const struct host *server, struct pos pos)
{
	struct source source = { upstream, server, pos };

	buf_add(sources, &source, sizeof(source));
}

/* Add the sources that a name in `upstreams` stands for. */
static void
resolve_upstream(struct scope *scope, const struct name_ref *ref, struct buf *sources)
{
	const struct topology *topology = scope->topology;
	const struct upstream *upstream = find_upstream(scope, ref->name);

	if (upstream) {
		add_source(sources, upstream, NULL, ref->pos);
	} else if (strcmp(ref->name, "all") == 0) {
		if (topology->upstream_count == 0) {
			problem(scope->loader, "unknown-name", ref->pos,
			    "the site has no `upstreams` to take time from");
		}
		for (size_t i = 0; i < topology->upstream_count; i++) {
			add_source(sources, &topology->upstreams[i], NULL, ref->pos);
		}
	} else if (find_tier(scope, ref->name)) {
		problem(scope->loader, "unknown-name", ref->pos,
		    "%s is a tier, not an upstream: write `from: %s`", ref->name, ref->name);
	} else {
		unknown_source(scope, ref, false);
	}
}

/* Add the sources that a name in `from` stands for. */
static void
resolve_from(struct scope *scope, const struct name_ref *ref, struct buf *sources)
{
	const struct upstream *upstream = find_upstream(scope, ref->name);
	const struct tier *tier = find_tier(scope, ref->name);

	if (upstream) {
		add_source(sources, upstream, NULL, ref->pos);
	} else if (tier) {
		for (size_t i = 0; i < tier->server_count; i++) {
			add_source(sources, NULL, tier->servers[i], ref->pos);
		}
	} else {
		unknown_source(scope, ref, true);
	}
}

/* Whether to skip name @at: an earlier one is the same, or the list is longer than ROWS_MAX. */
static bool
named_before(struct scope *scope, const struct name_list *names, size_t at)
{
	if (at >= ROWS_MAX) {
		return true;
	}
	for (size_t i = 0; i < at; i++) {
		if (strcmp(names->list[i].name, names->list[at].name) == 0) {
			problem(scope->loader, "duplicate-name", names->list[at].pos,
			    "%s is named twice in one list", names->list[at].name);
			return true;
		}
	}
	return false;
}

static void
keep_sources(struct scope *scope, struct buf *sources, struct pos pos, struct source_list *list)
{
	size_t count = sources->len / sizeof(struct source);

	if (scope->sources + count > SOURCES_MAX) {
		problem(scope->loader, "bad-value", pos,
		    "the tiers and client groups have more than %d sources in all", SOURCES_MAX);
	} else if (count > 0) {
		list->list = arena_alloc(&scope->topology->arena, sources->len);
		memcpy(list->list, sources->data, sources->len);
		list->count = count;
		scope->sources += count;
	}
	buf_reset(sources);
}

static void
resolve_tiers(struct scope *scope, struct buf *sources)
{
	for (size_t i = 0; i < scope->topology->tier_count; i++) {
		const struct tier_draft *draft = vec_at(&scope->loader->tiers, i);
		struct tier *tier = &scope->topology->tiers[i];

		for (size_t n = 0; n < draft->upstreams.count; n++) {
			if (!named_before(scope, &draft->upstreams, n)) {
				resolve_upstream(scope, &draft->upstreams.list[n], sources);
			}
		}
		for (size_t n = 0; n < draft->from.count; n++) {
			if (!named_before(scope, &draft->from, n)) {
				resolve_from(scope, &draft->from.list[n], sources);
			}
		}
		keep_sources(scope, sources, tier->pos, &tier->sources);
	}
}

static void
resolve_groups(struct scope *scope, struct buf *sources)
{
	for (size_t i = 0; i < scope->topology->group_count; i++) {
		const struct group_refs *refs = vec_at(&scope->loader->refs, i);
		struct client_group *group = &scope->topology->groups[i];

		for (size_t n = 0; n < refs->from.count; n++) {
			if (!named_before(scope, &refs->from, n)) {
				resolve_from(scope, &refs->from.list[n], sources);
			}
		}
		keep_sources(scope, sources, group->from_pos, &group->sources);
	}
}

/* Index things by name; a name that is used twice is a finding at the second thing. */
static void
index_things(
    struct scope *scope, struct name_index *index, const void *things, size_t stride, size_t count)
{
	index_init(index, &scope->loader->arena, count);
	for (size_t i = 0; i < count; i++) {
		/* the struct of every thing begins with the members of struct name_ref */
		const struct name_ref *thing = (const void *)((const char *)things + i * stride);
		const struct name_ref *first;
		size_t known;

		if (thing->name[0] == '\0') {
			continue;
		}
		known = index_add(index, things, stride, i);
		if (known != INDEX_NONE) {
			first = (const void *)((const char *)things + known * stride);
			problem(scope->loader, "duplicate-name", thing->pos,
			    first->pos.line == thing->pos.line &&
				    first->pos.column == thing->pos.column
				? "%s is named twice: an alias repeats it"
				: "%s is named twice (first at line %u)",
			    thing->name, first->pos.line);
		}
	}
}

/* A tier must not have the name of an upstream, or `from` would be ambiguous. */
static void
check_tier_names(struct scope *scope)
{
	for (size_t i = 0; i < scope->topology->tier_count; i++) {
		const struct tier *tier = &scope->topology->tiers[i];
		const struct upstream *upstream = find_upstream(scope, tier->name);

		if (upstream) {
			problem(scope->loader, "duplicate-name", tier->pos,
			    "%s is the name of an upstream already (line %u)", tier->name,
			    upstream->pos.line);
		}
		if (strcmp(tier->name, "all") == 0) {
			problem(scope->loader, "bad-value", tier->pos,
			    "a tier cannot be called all: `upstreams: all` means every upstream");
		}
	}
}

/* A depth-first walk that finds circles of tiers: a tier that is met again while open is in one. */
struct walk {
	struct scope *scope;
	enum { WALK_NEW, WALK_OPEN, WALK_DONE } * states; /* one for each tier */
};

static void
walk(struct walk *w, const struct tier *tier)
{
	const struct tier *tiers = w->scope->topology->tiers, *last = NULL;

	w->states[tier - tiers] = WALK_OPEN;
	for (size_t i = 0; i < tier->sources.count; i++) {
		const struct source *source = &tier->sources.list[i];
		const struct tier *above = source->server ? source->server->tier : NULL;

		if (!above || above == last) {
			continue;
		}
		last = above;
		if (w->states[above - tiers] == WALK_OPEN) {
			problem(w->scope->loader, "source-loop", source->pos,
			    above == tier ? "%s takes time from itself"
					  : "%s takes time from %s, which takes time from it",
			    tier->name, above->name);
		} else if (w->states[above - tiers] == WALK_NEW) {
			walk(w, above);
		}
	}
	w->states[tier - tiers] = WALK_DONE;
}

static void
check_circles(struct scope *scope)
{
	struct walk w = { .scope = scope };

	w.states =
	    arena_alloc(&scope->loader->arena, scope->topology->tier_count * sizeof(*w.states) + 1);
	for (size_t i = 0; i < scope->topology->tier_count; i++) {
		if (w.states[i] == WALK_NEW) {
			walk(&w, &scope->topology->tiers[i]);
		}
	}
}

/* Whether @name is the name of a tier, upstream, client group or host. */
static bool
is_anything(const struct scope *scope, const char *name)
{
	const struct topology *t = scope->topology;

	return index_find(&scope->tiers, t->tiers, sizeof(*t->tiers), name) != INDEX_NONE ||
	    index_find(&scope->upstreams, t->upstreams, sizeof(*t->upstreams), name) !=
	    INDEX_NONE ||
	    index_find(&scope->groups, t->groups, sizeof(*t->groups), name) != INDEX_NONE ||
	    topology_host(t, name);
}

/* Report each entry of `accept` whose `on` names nothing. */
static void
check_accepts(struct scope *scope)
{
	const struct topology *topology = scope->topology;

	for (size_t i = 0; i < topology->accept_count; i++) {
		const struct accept *accept = &topology->accepts[i];
		struct nearest nearest = { .word = accept->on };

		if (!accept->on || is_anything(scope, accept->on)) {
			continue;
		}
		offer_sources(scope, &nearest, true);
		for (size_t g = 0; g < topology->group_count; g++) {
			nearest_offer(&nearest, topology->groups[g].name);
		}
		for (size_t h = 0; h < topology->host_count; h++) {
			nearest_offer(&nearest, topology->hosts[h].name);
		}
		problem(scope->loader, "unknown-name", accept->on_pos,
		    "there is no tier, client group, host or upstream %s%s", accept->on,
		    meant(scope->loader, &nearest));
	}
}

/* Look up the server of each entry of `verify`. */
static void
resolve_verifies(struct scope *scope)
{
	struct topology *topology = scope->topology;

	for (size_t i = 0; i < topology->verify_count; i++) {
		struct verify *verify = &topology->verifies[i];
		struct nearest nearest = { .word = verify->server };

		if (!verify->server) {
			continue;
		}
		verify->host = topology_host(topology, verify->server);
		if (verify->host && verify->host->role == HOST_SERVER && verify->host->pool) {
			continue;
		}
		for (size_t h = 0; h < topology->server_count; h++) {
			nearest_offer(&nearest, topology->hosts[h].name);
		}
		problem(scope->loader, verify->host ? "bad-value" : "unknown-name", verify->pos,
		    verify->host ? "%s is no server with `pool: true`%s"
				 : "there is no server %s%s",
		    verify->server, verify->host ? "" : meant(scope->loader, &nearest));
	}
}

static bool
too_many(struct loader *loader, const char *what, const struct name_ref *first, size_t count)
{
	if (count <= ROWS_MAX) {
		return false;
	}
	problem(loader, "bad-value", first->pos, "more than %d %s", ROWS_MAX, what);
	return true;
}

void
resolve_names(struct loader *loader)
{
	struct topology *topology = loader->topology;
	struct scope scope = { .loader = loader, .topology = topology };
	struct buf sources = { 0 };

	if (too_many(loader, "tiers", (const void *)topology->tiers, topology->tier_count) ||
	    too_many(
		loader, "upstreams", (const void *)topology->upstreams, topology->upstream_count) ||
	    too_many(loader, "accepted findings", (const void *)topology->accepts,
		topology->accept_count) ||
	    too_many(loader, "proofs of membership", (const void *)topology->verifies,
		topology->verify_count)) {
		return;
	}
	index_things(&scope, &scope.upstreams, topology->upstreams, sizeof(*topology->upstreams),
	    topology->upstream_count);
	index_things(
	    &scope, &scope.tiers, topology->tiers, sizeof(*topology->tiers), topology->tier_count);
	index_things(&scope, &scope.groups, topology->groups, sizeof(*topology->groups),
	    topology->group_count);
	check_tier_names(&scope);
	resolve_tiers(&scope, &sources);
	resolve_groups(&scope, &sources);
	check_circles(&scope);
	check_accepts(&scope);
	resolve_verifies(&scope);
	topology->resolved = true;
	buf_free(&sources);
}

/*
 * Look up the hosts of `between` of a key.  A name that no host has is no error: a server that left
 * the site is still known to the others by its key, until `keys prune` takes the key away.
 */
static void
resolve_between(struct loader *loader, const struct key_draft *draft, struct symmetric_key *key)
{
	struct topology *topology = loader->topology;

	key->hosts = arena_alloc(&topology->arena, draft->between.count * sizeof(*key->hosts) + 1);
	key->strangers =
	    arena_alloc(&topology->arena, draft->between.count * sizeof(*key->strangers) + 1);
	for (size_t i = 0; i < draft->between.count; i++) {
		const struct name_ref *ref = &draft->between.list[i];
		const struct host *host = topology_host(topology, ref->name);

		for (size_t n = 0; host && n < key->host_count; n++) {
			if (key->hosts[n] == host) {
				problem(loader, "duplicate-name", ref->pos,
				    "%s is named twice in one list", ref->name);
			}
		}
		if (host) {
			key->hosts[key->host_count++] = host;
		} else {
			key->strangers[key->stranger_count++] =
			    arena_strdup(&topology->arena, ref->name);
		}
	}
}

void
resolve_keys(struct loader *loader)
{
	struct topology *topology = loader->topology;
	static const size_t ids = 65536;
	unsigned *lines = arena_alloc(&loader->arena, ids * sizeof(*lines));

	topology->keys =
	    arena_alloc(&topology->arena, loader->keys.count * sizeof(*topology->keys) + 1);
	for (size_t i = 0; i < loader->keys.count; i++) {
		const struct key_draft *draft = vec_at(&loader->keys, i);
		struct symmetric_key *key = &topology->keys[topology->key_count++];

		*key = draft->key;
		if (key->id > 0 && lines[key->id] > 0) {
			problem(loader, "duplicate-name", key->pos,
			    "key %u is there twice (first at line %u)", key->id, lines[key->id]);
		} else {
			lines[key->id] = key->pos.line;
		}
		resolve_between(loader, draft, key);
	}
	link_rotations(loader);
	topology_index_keys(topology);
}
