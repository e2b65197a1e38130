#include "orchestrator/graph/losses.h"

#include "orchestrator/graph/model.h"

#include <string.h>

/* The steps that one search may take: some tenths of a second. */
#define WORK_MAX 100000000
/* The most bytes of the table of what one loss alone does. */
#define TABLE_MAX (16 << 20)

/* One search. */
struct search {
	struct graph *graph;
	struct graph_loss *left; /* per tier */
	bool *enough;            /* per part and tier: this part alone is enough */
};

void
graph_lose(const struct graph *graph, const struct graph_part *const *parts, size_t count,
    struct graph_loss *left)
{
	for (size_t i = 0; i < count; i++) {
		model_mark(graph->model, parts[i], true);
	}
	model_try(graph->model, graph->topology, left);
	for (size_t i = 0; i < count; i++) {
		model_mark(graph->model, parts[i], false);
	}
	for (size_t i = 0; i < graph->tier_count; i++) {
		left[i].parts[0] = count > 0 ? parts[0] : NULL;
		left[i].parts[1] = count > 1 ? parts[1] : NULL;
	}
}

/* Keep @loss of @tier, of one part or of two. */
static void
keep(struct graph *graph, struct graph_tier *tier, const struct graph_loss *loss)
{
	bool pair = loss->parts[1] != NULL;

	if (!tier->losses[pair].list) {
		tier->losses[pair].list = arena_alloc(
		    &graph->arena, GRAPH_LOSSES_KEPT * sizeof(*tier->losses[pair].list));
	}
	if (tier->losses[pair].kept < GRAPH_LOSSES_KEPT) {
		tier->losses[pair].list[tier->losses[pair].kept++] = *loss;
	}
	tier->losses[pair].count++;
}

static bool *
enough_alone(const struct search *search, size_t part)
{
	return &search->enough[part * search->graph->tier_count];
}

static void
try_one(struct search *search, size_t part)
{
	struct graph *graph = search->graph;
	const struct graph_part *lost[1] = { &graph->parts[part] };

	graph_lose(graph, lost, 1, search->left);
	for (size_t i = 0; i < graph->tier_count; i++) {
		struct graph_tier *tier = &graph->tiers[i];

		if (search->left[i].effect >= GRAPH_BELOW && search->left[i].effect > tier->now) {
			enough_alone(search, part)[i] = true;
			keep(graph, tier, &search->left[i]);
		}
	}
}

static void
try_two(struct search *search, size_t first, size_t second)
{
	struct graph *graph = search->graph;
	const struct graph_part *lost[2] = { &graph->parts[first], &graph->parts[second] };

	graph_lose(graph, lost, 2, search->left);
	for (size_t i = 0; i < graph->tier_count; i++) {
		struct graph_tier *tier = &graph->tiers[i];

		if (search->left[i].effect >= GRAPH_BELOW && search->left[i].effect > tier->now &&
		    !enough_alone(search, first)[i] && !enough_alone(search, second)[i]) {
			keep(graph, tier, &search->left[i]);
		}
	}
}

/* Whether @part goes on the same day as another one, as far as a site can prepare for it. */
static bool
is_of_pairs(const struct graph_part *part)
{
	return part->kind != GRAPH_COUNTRY && part->kind != GRAPH_REFERENCE;
}

/* How many of @most things can be tried when each pair of them (or each alone) takes @work steps.
 */
static size_t
affordable(size_t most, size_t work, bool pairs)
{
	size_t count = 0;

	while (count < most && (pairs ? count * (count + 1) / 2 : count + 1) * work <= WORK_MAX) {
		count++;
	}
	return count;
}

void
losses_find(struct graph *graph)
{
	struct arena scratch = { 0 };
	struct search search = { .graph = graph };
	size_t fits = TABLE_MAX / (graph->tier_count + 1);

	search.left = arena_alloc(&scratch, graph->tier_count * sizeof(*search.left) + 1);
	graph_lose(graph, NULL, 0, search.left);
	for (size_t i = 0; i < graph->tier_count; i++) {
		graph->tiers[i].now = search.left[i].effect;
	}
	graph->examined[0] = affordable(
	    graph->part_count < fits ? graph->part_count : fits, graph->model->work, false);
	graph->examined[1] = affordable(graph->examined[0], graph->model->work, true);
	search.enough = arena_alloc(&scratch, graph->examined[0] * graph->tier_count + 1);
	for (size_t i = 0; i < graph->examined[0]; i++) {
		try_one(&search, i);
	}
	for (size_t i = 0; i < graph->examined[1]; i++) {
		for (size_t k = i + 1; k < graph->examined[1]; k++) {
			if (is_of_pairs(&graph->parts[i]) && is_of_pairs(&graph->parts[k])) {
				try_two(&search, i, k);
			}
		}
	}
	arena_free(&scratch);
}
