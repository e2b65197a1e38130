/* Who takes time from whom, as declared and as seen, and what hosts say of each upstream. */
#include "orchestrator/publish/summary.h"
#include "orchestrator/topology/nts.h"
#include "orchestrator/topology/partners.h"
#include "orchestrator/topology/refclocks.h"

#include <stdlib.h>
#include <string.h>

const char *
source_name(const struct names *names, const char *address)
{
	const struct name_entry *entry = names_find(names, address);

	if (!entry) {
		return address;
	}
	return entry->upstream ? entry->upstream->name : entry->host->name;
}

const char *
host_source_name(const struct names *names, const struct host *host, const char *address)
{
	const struct refclock *clock = host_refclock(host, address);

	return clock ? clock->name : source_name(names, address);
}

/* How the owner of @entry has to prove itself to @host, by site.yaml. */
static enum source_auth
site_auth(const struct names *names, const struct host *host, const struct name_entry *entry)
{
	if (!entry) {
		return AUTH_UNKNOWN;
	}
	if (entry->upstream) {
		return entry->upstream->nts ? AUTH_NTS : AUTH_NONE;
	}
	if (host_asks(host, entry->host) && host_asks_by_nts(host, entry->host)) {
		return AUTH_NTS;
	}
	return topology_key(names->topology, host, entry->host) ? AUTH_KEY : AUTH_NONE;
}

struct source_status
source_shown(const struct names *names, const struct host *host, const struct source_status *source)
{
	struct source_status shown = *source;

	shown.state = source_shown_state(source);
	if (shown.declared_auth == AUTH_UNKNOWN) {
		shown.declared_auth = site_auth(names, host, names_find(names, shown.address));
	}
	return shown;
}

/*
 * What the hosts say of an upstream together: a falseticker when at least as many hosts say so as
 * find it good, else the best state that a host sees.  So it is silent only when no host hears it.
 */
static enum source_state
common_state(const size_t *by)
{
	size_t used = by[SOURCE_SELECTED] + by[SOURCE_COMBINED] + by[SOURCE_OUTLIER];

	if (by[SOURCE_FALSETICKER] > 0 && by[SOURCE_FALSETICKER] >= used) {
		return SOURCE_FALSETICKER;
	}
	for (int state = SOURCE_SELECTED; state >= SOURCE_SILENT; state--) {
		if (by[state] > 0 && state != SOURCE_FALSETICKER) {
			return (enum source_state)state;
		}
	}
	return SOURCE_UNKNOWN;
}

static int
compare_offsets(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

static void
view_host(const struct topology *topology, const struct fleet_host *row, const struct names *names,
    struct upstream_view *views)
{
	const struct source_list *declared = host_sources(row->host);

	for (size_t i = 0; i < declared->count; i++) {
		if (declared->list[i].upstream) {
			struct upstream_view *view =
			    &views[declared->list[i].upstream - topology->upstreams];

			view->declared++;
			view->heard += is_heard(row);
		}
	}
	for (size_t i = 0; is_heard(row) && i < row->report.status.source_count; i++) {
		const struct source_status *source = &row->report.status.sources[i];
		enum source_state state = source_shown_state(source);
		const struct name_entry *entry = names_find(names, source->address);
		struct upstream_view *view;

		if (!entry || !entry->upstream) {
			continue;
		}
		view = &views[entry->upstream - topology->upstreams];
		view->seen++;
		view->by[state]++;
		if (state > SOURCE_SILENT && source->age_ns >= 0 &&
		    view->offset_count < UPSTREAM_OFFSETS_MAX) {
			view->offsets[view->offset_count++] = source->offset_ns;
		}
	}
}

struct upstream_view *
summarise_upstreams(const struct fleet *fleet, const struct names *names, struct arena *arena)
{
	const struct topology *topology = fleet->topology;
	struct upstream_view *views =
	    arena_alloc(arena, (topology->upstream_count + 1) * sizeof(*views));

	for (size_t i = 0; i < fleet->count; i++) {
		view_host(topology, &fleet->hosts[i], names, views);
	}
	for (size_t i = 0; i < topology->upstream_count; i++) {
		views[i].upstream = &topology->upstreams[i];
		views[i].state = common_state(views[i].by);
		qsort(views[i].offsets, views[i].offset_count, sizeof(views[i].offsets[0]),
		    compare_offsets);
	}
	return views;
}

/* Collects the edges into one server or one group. */
struct edge_builder {
	struct arena *arena;
	const struct names *names;
	struct edge_list *edges;
	size_t capacity;
	size_t start; /* where the edges into @to begin */
	const char *to;
	bool to_group;
};

/* Find the edge from @from into the builder's @to, or add it. */
static struct edge *
edge_from(struct edge_builder *builder, const char *from)
{
	struct edge_list *edges = builder->edges;

	for (size_t i = builder->start; i < edges->count; i++) {
		if (strcmp(edges->list[i].from, from) == 0) {
			return &edges->list[i];
		}
	}
	if (edges->count == builder->capacity) {
		struct edge *grown;

		builder->capacity = builder->capacity > 0 ? 2 * builder->capacity : 64;
		grown = arena_alloc(builder->arena, builder->capacity * sizeof(*grown));
		if (edges->count > 0) {
			memcpy(grown, edges->list, edges->count * sizeof(*grown));
		}
		edges->list = grown;
	}
	edges->list[edges->count] = (struct edge){
		.from = from,
		.to = builder->to,
		.to_group = builder->to_group,
	};
	return &edges->list[edges->count++];
}

/* A clock is an edge of its own host alone: others have a GPS, too. */
static const char *
clock_edge_name(struct arena *arena, const struct host *host, const struct refclock *clock)
{
	return arena_printf(arena, "%s of %s", clock->name, host->name);
}

static void
add_declared(struct edge_builder *builder, const struct host *host)
{
	const struct source_list *sources = host_sources(host);
	const struct tier *tier = host->tier;

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->list[i];

		edge_from(builder, source->upstream ? source->upstream->name : source->server->name)
		    ->declared++;
	}
	for (size_t i = 0; i < host->refclocks.count; i++) {
		edge_from(builder, clock_edge_name(builder->arena, host, &host->refclocks.list[i]))
		    ->declared++;
	}
	if (!tier || tier->peering == PEERING_NONE) {
		return;
	}
	for (size_t i = 0; i < tier->server_count; i++) {
		if (tier->servers[i] != host) {
			edge_from(builder, tier->servers[i]->name)->declared++;
		}
	}
}

static void
add_seen(struct edge_builder *builder, const struct fleet_host *row)
{
	for (size_t i = 0; is_heard(row) && i < row->report.status.source_count; i++) {
		const struct source_status source =
		    source_shown(builder->names, row->host, &row->report.status.sources[i]);
		const struct refclock *clock = host_refclock(row->host, source.address);
		struct edge *edge = edge_from(builder,
		    clock ? clock_edge_name(builder->arena, row->host, clock)
			  : source_name(builder->names, row->report.status.sources[i].address));

		edge->seen++;
		edge->selected += source.state == SOURCE_SELECTED;
		edge->auth = source.auth == AUTH_UNKNOWN ? source.declared_auth : source.auth;
		if (source.state > edge->state) {
			edge->state = source.state;
		}
		if (source.age_ns >= 0) {
			edge->measured = true;
			edge->offset_ns = source.offset_ns;
		}
	}
}

void
summarise_edges(const struct fleet *fleet, const struct names *names, struct arena *arena,
    struct edge_list *edges)
{
	const struct topology *topology = fleet->topology;
	struct edge_builder builder = { .arena = arena, .names = names, .edges = edges };

	*edges = (struct edge_list){ 0 };
	for (size_t i = 0; i < topology->server_count; i++) {
		builder.start = edges->count;
		builder.to = topology->hosts[i].name;
		add_declared(&builder, &topology->hosts[i]);
		add_seen(&builder, &fleet->hosts[i]);
	}
	builder.to_group = true;
	for (size_t i = 0; i < topology->group_count; i++) {
		const struct client_group *group = &topology->groups[i];

		builder.start = edges->count;
		builder.to = group->name;
		for (size_t j = 0; j < group->host_count; j++) {
			add_declared(&builder, group->hosts[j]);
			add_seen(&builder, fleet_find(fleet, group->hosts[j]->name));
		}
	}
}
