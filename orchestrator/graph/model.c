#include "orchestrator/graph/model.h"

#include "common/hash.h"

#include <stdlib.h>
#include <string.h>

static void
fill_feed(struct arena *arena, const struct topology *topology, const struct tier *tier,
    struct feed *feed)
{
	feed->quorum = tier_quorum(tier);
	feed->upstreams = arena_alloc(arena, source_votes(&tier->sources) * sizeof(size_t) + 1);
	feed->servers = arena_alloc(arena, tier->sources.count * sizeof(size_t) + 1);
	for (size_t i = 0; i < tier->sources.count; i++) {
		const struct source *source = &tier->sources.list[i];

		unsigned votes = source->upstream ? upstream_votes(source->upstream) : 0;

		for (unsigned k = 0; k < votes; k++) { /* those of a pool go together */
			feed->upstreams[feed->upstream_count++] =
			    (size_t)(source->upstream - topology->upstreams);
		}
		if (!source->upstream) {
			feed->servers[feed->server_count++] =
			    (size_t)(source->server - topology->hosts);
		}
	}
}

/* Put tiers in an order in which each comes after those above it.  No recursion: there may be many.
 */
static void
order_tiers(struct arena *arena, const struct topology *topology, struct graph_model *model)
{
	struct arena scratch = { 0 };
	size_t count = topology->tier_count, done = 0;
	size_t *stack = arena_alloc(&scratch, count * sizeof(*stack) + 1);
	size_t *cursors = arena_alloc(&scratch, count * sizeof(*cursors) + 1);
	bool *seen = arena_alloc(&scratch, count + 1);

	model->order = arena_alloc(arena, count * sizeof(*model->order) + 1);
	for (size_t i = 0; i < count; i++) {
		size_t depth = 0;

		if (!seen[i]) {
			seen[i] = true;
			stack[depth++] = i;
		}
		while (depth > 0) {
			size_t tier = stack[depth - 1];
			const struct feed *feed = &model->feeds[tier];
			size_t above;

			if (cursors[tier] == feed->server_count) {
				model->order[done++] = tier;
				depth--;
				continue;
			}
			above = (size_t)(topology->hosts[feed->servers[cursors[tier]++]].tier -
			    topology->tiers);
			if (!seen[above]) {
				seen[above] = true;
				stack[depth++] = above;
			}
		}
	}
	arena_free(&scratch);
}

struct hashed {
	uint64_t hash;
	size_t tier;
};

static int
compare_hashes(const void *a, const void *b)
{
	const struct hashed *x = a, *y = b;

	if (x->hash != y->hash) {
		return x->hash > y->hash ? 1 : -1;
	}
	return (x->tier > y->tier) - (x->tier < y->tier);
}

static bool
same_upstreams(const struct feed *a, const struct feed *b)
{
	return a->upstream_count == b->upstream_count &&
	    memcmp(a->upstreams, b->upstreams, a->upstream_count * sizeof(*a->upstreams)) == 0;
}

/* Number the lists of upstreams: `all` of many tiers is one list. */
static void
number_lists(struct arena *arena, size_t count, struct graph_model *model)
{
	struct arena scratch = { 0 };
	struct hashed *hashes = arena_alloc(&scratch, count * sizeof(*hashes) + 1);

	for (size_t i = 0; i < count; i++) {
		const struct feed *feed = &model->feeds[i];

		hashes[i].hash = hash_add(
		    HASH_START, feed->upstreams, feed->upstream_count * sizeof(*feed->upstreams));
		hashes[i].tier = i;
	}
	qsort(hashes, count, sizeof(*hashes), compare_hashes);
	model->lists = arena_alloc(arena, count * sizeof(*model->lists) + 1);
	for (size_t i = 0; i < count; i++) {
		size_t tier = hashes[i].tier;

		if (i == 0 || hashes[i].hash != hashes[i - 1].hash ||
		    !same_upstreams(
			&model->feeds[tier], &model->feeds[model->lists[model->list_count - 1]])) {
			model->lists[model->list_count++] = tier;
			model->work += model->feeds[tier].upstream_count;
		}
		model->feeds[tier].list = model->list_count - 1;
		model->work += model->feeds[tier].server_count + 1;
	}
	arena_free(&scratch);
}

struct graph_model *
model_make(struct arena *arena, const struct topology *topology)
{
	struct graph_model *model = arena_alloc(arena, sizeof(*model));

	model->feeds = arena_alloc(arena, topology->tier_count * sizeof(*model->feeds) + 1);
	for (size_t i = 0; i < topology->tier_count; i++) {
		fill_feed(arena, topology, &topology->tiers[i], &model->feeds[i]);
	}
	order_tiers(arena, topology, model);
	number_lists(arena, topology->tier_count, model);
	model->work += topology->server_count;
	model->clocks = arena_alloc(arena, topology->server_count * sizeof(*model->clocks) + 1);
	for (size_t i = 0; i < topology->server_count; i++) {
		model->clocks[i] = host_clock_votes(&topology->hosts[i]);
	}
	model->upstream_lost = arena_alloc(arena, topology->upstream_count + 1);
	model->host_lost = arena_alloc(arena, topology->server_count + 1);
	model->host_cut = arena_alloc(arena, topology->server_count + 1);
	model->clock_lost = arena_alloc(arena, topology->server_count + 1);
	model->fed = arena_alloc(arena, topology->server_count + 1);
	model->alive = arena_alloc(arena, model->list_count * sizeof(*model->alive) + 1);
	return model;
}

void
model_mark(struct graph_model *model, const struct graph_part *part, bool lost)
{
	bool *hosts = part->kind == GRAPH_LINK ? model->host_cut
	    : part->kind == GRAPH_CLOCK        ? model->clock_lost
					       : model->host_lost;

	for (size_t i = 0; i < part->upstream_count; i++) {
		model->upstream_lost[part->members[i]] = lost;
	}
	for (size_t i = 0; i < part->server_count; i++) {
		hosts[part->members[part->upstream_count + i]] = lost;
	}
}

/* How many servers of @feed are there, and how many of these are fed. */
static void
count_servers(
    const struct graph_model *model, const struct feed *feed, unsigned *there, unsigned *fed)
{
	*there = *fed = 0;
	for (size_t i = 0; i < feed->server_count; i++) {
		*there += !model->host_lost[feed->servers[i]];
		*fed += model->fed[feed->servers[i]];
	}
}

/* Judge one tier; those above it are judged already. */
static void
try_tier(struct graph_model *model, const struct topology *topology, size_t index,
    struct graph_loss *left)
{
	const struct tier *tier = &topology->tiers[index];
	const struct feed *feed = &model->feeds[index];
	unsigned outside = model->alive[feed->list], there, fed;
	unsigned alone = outside; /* what the best server has without those above */
	unsigned servers_fed = 0, needed = (unsigned)(tier->server_count / 2 + 1);

	count_servers(model, feed, &there, &fed);
	left->left = left->servers = 0;
	for (size_t i = 0; i < tier->server_count; i++) {
		size_t host = (size_t)(tier->servers[i] - topology->hosts);
		unsigned clocks = model->clock_lost[host] ? 0 : model->clocks[host];
		unsigned usable = (model->host_cut[host] ? 0 : outside) + fed + clocks;

		model->fed[host] = !model->host_lost[host] && usable >= feed->quorum;
		servers_fed += model->fed[host];
		if (!model->host_lost[host]) {
			left->servers++;
			left->left = usable > left->left ? usable : left->left;
			alone = outside + clocks > alone ? outside + clocks : alone;
		}
	}
	left->above = alone + fed < feed->quorum && alone + there >= feed->quorum && there > 0;
	if (left->servers == 0) {
		left->effect = GRAPH_GONE;
	} else if (left->servers < needed) {
		left->effect = GRAPH_FEW;
	} else if (servers_fed == 0) {
		left->effect = GRAPH_BELOW;
	} else {
		left->effect = servers_fed < left->servers ? GRAPH_PARTLY : GRAPH_KEPT;
	}
}

void
model_try(struct graph_model *model, const struct topology *topology, struct graph_loss *left)
{
	for (size_t i = 0; i < model->list_count; i++) {
		const struct feed *feed = &model->feeds[model->lists[i]];
		unsigned alive = 0;

		for (size_t u = 0; u < feed->upstream_count; u++) {
			alive += !model->upstream_lost[feed->upstreams[u]];
		}
		model->alive[i] = alive;
	}
	for (size_t i = 0; i < topology->tier_count; i++) {
		try_tier(model, topology, model->order[i], &left[model->order[i]]);
	}
}
