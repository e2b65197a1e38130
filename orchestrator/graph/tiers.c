/* Counts what can be counted of each tier, and makes the graph. */
#include "orchestrator/graph/graph.h"

#include "orchestrator/graph/losses.h"
#include "orchestrator/graph/model.h"
#include "orchestrator/graph/names.h"
#include "orchestrator/graph/parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

unsigned
graph_liars(unsigned sources, unsigned quorum)
{
	unsigned majority = sources / 2 + 1;
	unsigned right = majority > quorum ? majority : quorum; /* so many must be right */

	return sources > right ? sources - right : 0;
}

enum graph_day
graph_day_of(unsigned sources, unsigned quorum, unsigned wrong)
{
	unsigned right = sources - wrong;

	if (2 * wrong > sources) {
		return GRAPH_WRONG;
	}
	if (2 * right <= sources || right < quorum) {
		return GRAPH_STALEMATE;
	}
	return wrong >= quorum ? GRAPH_IF_FIRST : GRAPH_RIGHT;
}

static int
compare_names(const void *a, const void *b)
{
	return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

/* Count the operators of the upstreams of @tier, and find the one with the most of them. */
static void
find_wrong(struct graph *graph, const struct feed *feed, const char *const *operators,
    struct graph_tier *tier)
{
	struct arena scratch = { 0 };
	const char **names = arena_alloc(&scratch, feed->upstream_count * sizeof(*names) + 1);
	unsigned run = 0;

	for (size_t i = 0; i < feed->upstream_count; i++) {
		names[i] = operators[feed->upstreams[i]];
	}
	qsort(names, feed->upstream_count, sizeof(*names), compare_names);
	for (size_t i = 0; i < feed->upstream_count; i++) {
		bool same = i > 0 && strcasecmp(names[i], names[i - 1]) == 0;

		tier->operators += !same;
		run = same ? run + 1 : 1;
		if (run > tier->wrong) {
			tier->wrong = run;
			tier->wrong_operator = arena_strdup(&graph->arena, names[i]);
		}
	}
	arena_free(&scratch);
}

/* Take what @tier inherits from the tiers above it: depth, stratum, and a bad day. */
static void
inherit(struct graph *graph, const struct tier *from, struct graph_tier *tier)
{
	bool known = true;

	tier->depth = 1;
	for (size_t i = 0; i < from->sources.count; i++) {
		const struct source *source = &from->sources.list[i];
		const struct graph_tier *above;
		unsigned stratum;

		if (source->upstream) {
			stratum = source->upstream->stratum;
		} else {
			above = &graph->tiers[source->server->tier - graph->topology->tiers];
			stratum = above->stratum;
			tier->depth =
			    above->depth + 1 > tier->depth ? above->depth + 1 : tier->depth;
			tier->day = above->day > tier->day ? above->day : tier->day;
		}
		known &= stratum > 0;
		tier->stratum = stratum + 1 > tier->stratum ? stratum + 1 : tier->stratum;
	}
	if (tier_clock_votes(from) > 0) {
		tier->stratum = 1;
	} else if (!known || tier->stratum == 1) {
		tier->stratum = 0;
	}
}

/* Fill what can be said of a tier by counting.  The tiers above it are filled already. */
static void
count_tier(struct graph *graph, const char *const *operators, size_t index)
{
	const struct tier *from = &graph->topology->tiers[index];
	const struct feed *feed = &graph->model->feeds[index];
	struct graph_tier *tier = &graph->tiers[index];
	enum graph_day day;

	tier->tier = from;
	tier->sources = tier_source_count(from);
	tier->clocks = tier_clock_votes(from);
	tier->upstreams = (unsigned)feed->upstream_count;
	tier->quorum = tier_quorum(from);
	tier->needed = (unsigned)(from->server_count / 2 + 1);
	tier->spare = tier->sources > tier->quorum ? tier->sources - tier->quorum : 0;
	tier->liars = graph_liars(tier->sources, tier->quorum);
	tier->liars_at_start = tier->liars < tier->quorum ? tier->liars : tier->quorum - 1;
	inherit(graph, from, tier);
	find_wrong(graph, feed, operators, tier);
	if (tier->wrong > 0) {
		day = graph_day_of(tier->sources, tier->quorum, tier->wrong);
		tier->day = day > tier->day ? day : tier->day;
	}
}

void
graph_make(struct graph *graph, const struct topology *topology, const struct graph_seen *seen)
{
	const char **operators;

	*graph = (struct graph){ .topology = topology, .tier_count = topology->tier_count };
	operators = arena_alloc(&graph->arena, topology->upstream_count * sizeof(*operators) + 1);
	for (size_t i = 0; i < topology->upstream_count; i++) {
		operators[i] = operator_of(&graph->arena, &topology->upstreams[i]);
	}
	graph->tiers = arena_alloc(&graph->arena, graph->tier_count * sizeof(*graph->tiers) + 1);
	graph->model = model_make(&graph->arena, topology);
	for (size_t i = 0; i < graph->tier_count; i++) {
		count_tier(graph, operators, graph->model->order[i]);
	}
	parts_find(graph, operators, seen);
	losses_find(graph);
}

void
graph_free(struct graph *graph)
{
	arena_free(&graph->arena);
}
