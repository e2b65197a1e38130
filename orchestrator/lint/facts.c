/* Facts of a site that several rules need: who runs a source, how time flows through tiers. */
#include "common/hash.h"
#include "daemons/daemon.h"
#include "orchestrator/lint/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *
upstream_operator(const struct lint *lint, const struct upstream *upstream)
{
	return lint->operators[upstream - lint->topology->upstreams];
}

size_t
count_servers(const struct source_list *list)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		count += list->list[i].server != NULL;
	}
	return count;
}

size_t
count_upstreams(const struct source_list *list)
{
	return list->count - count_servers(list);
}

static int
compare_names(const void *a, const void *b)
{
	return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

struct operator_share
largest_operator(struct lint *lint, const struct tier *tier)
{
	const struct source_list *list = &tier->sources;
	unsigned clocks = tier_clock_votes(tier);
	struct operator_share largest = { 0 };
	struct arena arena = { 0 };
	const char **names = arena_alloc(&arena, list->count * sizeof(*names) + 1);
	size_t count = 0, run = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->list[i].upstream && !list->list[i].upstream->noselect) {
			names[count++] = upstream_operator(lint, list->list[i].upstream);
		}
	}
	if (count > 1) {
		qsort(names, count, sizeof(*names), compare_names);
	}
	for (size_t i = 0; i < count; i++) {
		bool same = i > 0 && strcasecmp(names[i], names[i - 1]) == 0;

		run = same ? run + 1 : 1;
		if (run > largest.count) {
			largest.count = run;
			largest.name = names[i];
		}
	}
	if (clocks > largest.count) {
		largest = (struct operator_share){ "the site's own clocks", clocks };
	}
	arena_free(&arena);
	return largest;
}

struct quorum_need
quorum_needed(struct lint *lint, const struct tier *tier)
{
	unsigned majority = tier_source_count(tier) / 2 + 1;
	struct quorum_need need = { majority, NULL };
	struct operator_share largest;

	if (tier_source_count(tier) < 5) {
		return need;
	}
	need.count = 3;
	largest = largest_operator(lint, tier);
	if (largest.count >= 3) {
		need.count = (unsigned)largest.count + 1;
		need.because_of = largest.name;
	}
	if (need.count > majority) {
		need = (struct quorum_need){ majority, NULL };
	}
	return need;
}

/* Fill @facts of @tier.  The tiers of its sources are settled already. */
static void
derive(struct lint *lint, const struct tier *tier, struct tier_facts *facts)
{
	for (size_t i = 0; i < tier->sources.count; i++) {
		const struct source *source = &tier->sources.list[i];
		unsigned stratum = 0;

		if (source->upstream) {
			bool smears = upstream_smears(source->upstream);

			facts->smears |= smears;
			facts->plain |= !smears;
			facts->doubtful |=
			    lint->upstream_doubts[source->upstream - lint->topology->upstreams];
			stratum = source->upstream->stratum;
		} else {
			const struct tier_facts *above =
			    &lint->tiers[source->server->tier - lint->topology->tiers];

			facts->doubtful |= above->doubtful;
			facts->smears |= above->smears;
			facts->plain |= above->plain;
			stratum = above->stratum > 0 ? above->stratum + 1 : 0;
		}
		if (stratum > facts->stratum) {
			facts->stratum = stratum;
		}
	}
	facts->settled = true;
}

/* The next tier above @tier that no walk has entered yet, or NULL. */
static const struct tier *
next_above(struct lint *lint, const struct tier *tier, struct tier_facts *facts)
{
	while (facts->cursor < tier->sources.count) {
		const struct host *server = tier->sources.list[facts->cursor++].server;

		if (server) {
			const struct tier_facts *above =
			    &lint->tiers[server->tier - lint->topology->tiers];

			if (!above->settled && above->cursor == 0) {
				return server->tier;
			}
		}
	}
	return NULL;
}

/* Settle @start and all tiers above it.  No recursion: there may be many tiers above each other. */
static void
settle_tier(struct lint *lint, const struct tier *start, const struct tier **stack)
{
	size_t depth = 0;

	stack[depth++] = start;
	while (depth > 0) {
		const struct tier *tier = stack[depth - 1];
		struct tier_facts *facts = &lint->tiers[tier - lint->topology->tiers];
		const struct tier *above = next_above(lint, tier, facts);

		if (above) {
			stack[depth++] = above;
		} else {
			derive(lint, tier, facts);
			depth--;
		}
	}
}

/*
 * An upstream, tier or client group: the line where it begins, and its mark.  The block ends where
 * the next one begins.
 */
struct block {
	unsigned line;
	bool *doubt; /* set when loading found an error in the block */
};

static int
compare_blocks(const void *a, const void *b)
{
	const struct block *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

/* The block that contains @line, or NULL. */
static struct block *
block_at(struct block *blocks, size_t count, unsigned line)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (blocks[middle].line <= line) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low > 0 ? &blocks[low - 1] : NULL;
}

/* Mark each upstream, tier and client group that contains an error that loading found. */
static void
mark_doubts(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	size_t count = 0,
	       most = topology->upstream_count + topology->tier_count + topology->group_count;
	struct block *blocks = arena_alloc(&lint->scratch, most * sizeof(*blocks) + 1);

	for (size_t i = 0; i < topology->upstream_count; i++) {
		blocks[count++] =
		    (struct block){ topology->upstreams[i].pos.line, &lint->upstream_doubts[i] };
	}
	for (size_t i = 0; i < topology->tier_count; i++) {
		blocks[count++] =
		    (struct block){ topology->tiers[i].pos.line, &lint->tiers[i].doubtful };
	}
	for (size_t i = 0; i < topology->group_count; i++) {
		blocks[count++] =
		    (struct block){ topology->groups[i].pos.line, &lint->group_doubts[i] };
	}
	if (count > 1) {
		qsort(blocks, count, sizeof(*blocks), compare_blocks);
	}
	for (size_t i = 0; i < lint->diags->count; i++) {
		const struct diag *diag = &lint->diags->list[i];
		struct block *block = block_at(blocks, count, diag->pos.line);

		if (block && diag->severity == SEVERITY_ERROR && diag->pos.file &&
		    strcmp(diag->pos.file, topology->file) == 0) {
			*block->doubt = true;
		}
	}
}

/* A client group is doubtful, too, when one of its sources is. */
static void
spread_doubts(struct lint *lint)
{
	const struct topology *topology = lint->topology;

	for (size_t i = 0; i < topology->group_count; i++) {
		const struct source_list *sources = &topology->groups[i].sources;

		for (size_t s = 0; s < sources->count && !lint->group_doubts[i]; s++) {
			const struct source *source = &sources->list[s];

			lint->group_doubts[i] = source->upstream
			    ? lint->upstream_doubts[source->upstream - topology->upstreams]
			    : lint->tiers[source->server->tier - topology->tiers].doubtful;
		}
	}
}

static uint64_t
hash_sources(const struct source_list *sources)
{
	uint64_t hash = HASH_START;

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->list[i];

		hash = hash_add(hash, &source->upstream, sizeof(source->upstream));
		hash = hash_add(hash, &source->server, sizeof(source->server));
	}
	return hash;
}

static bool
same_sources(const struct source_list *a, const struct source_list *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++) {
		same = a->list[i].upstream == b->list[i].upstream &&
		    a->list[i].server == b->list[i].server;
	}
	return same;
}

/* Many groups ask the same servers: what is true of one list is true of its likes. */
static void
find_alike(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	size_t slots = 4;
	size_t *table; /* 1 + the first group of a list, at the list's hash */

	while (slots < 2 * topology->group_count) {
		slots *= 2;
	}
	table = arena_alloc(&lint->scratch, slots * sizeof(*table));
	lint->alike = arena_alloc(&lint->scratch, topology->group_count * sizeof(size_t) + 1);
	for (size_t i = 0; i < topology->group_count; i++) {
		const struct source_list *sources = &topology->groups[i].sources;
		size_t at = hash_sources(sources) & (slots - 1);

		while (table[at] > 0 &&
		    !same_sources(sources, &topology->groups[table[at] - 1].sources)) {
			at = (at + 1) & (slots - 1);
		}
		table[at] = table[at] > 0 ? table[at] : i + 1;
		lint->alike[i] = table[at] - 1;
	}
}

void
facts_settle(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	const struct tier **stack;

	lint->operators =
	    arena_alloc(&lint->scratch, topology->upstream_count * sizeof(*lint->operators) + 1);
	for (size_t i = 0; i < topology->upstream_count; i++) {
		lint->operators[i] = operator_of(&lint->scratch, &topology->upstreams[i]);
	}
	lint->tiers = arena_alloc(&lint->scratch, topology->tier_count * sizeof(*lint->tiers) + 1);
	lint->upstream_doubts = arena_alloc(&lint->scratch, topology->upstream_count + 1);
	lint->group_doubts = arena_alloc(&lint->scratch, topology->group_count + 1);
	if (lint->diags->errors > 0) {
		mark_doubts(lint);
	}
	stack = arena_alloc(&lint->scratch, topology->tier_count * sizeof(*stack) + 1);
	for (size_t i = 0; i < topology->tier_count; i++) {
		if (!lint->tiers[i].settled) {
			settle_tier(lint, &topology->tiers[i], stack);
		}
	}
	spread_doubts(lint);
	find_alike(lint);
}

bool
host_may_have(const struct host *host, unsigned feature)
{
	const struct daemon_driver *driver = host->daemon ? daemon_find(host->daemon) : NULL;

	if (driver) {
		return (driver->features & feature) == feature;
	}
	for (size_t i = 0; daemon_drivers[i]; i++) {
		unsigned both = feature | DAEMON_SERVES;

		if ((daemon_drivers[i]->features & both) == both) {
			return true;
		}
	}
	return false;
}

bool
host_lacks(const struct host *host, unsigned feature)
{
	const struct daemon_driver *driver = host->daemon ? daemon_find(host->daemon) : NULL;

	return driver && (driver->features & feature) != feature;
}

bool
host_may_lack(const struct host *host, unsigned feature)
{
	for (size_t i = 0; daemon_drivers[i]; i++) {
		const struct daemon_driver *driver = daemon_drivers[i];

		if (host->daemon && strcmp(host->daemon, "auto") == 0 &&
		    (driver->features & DAEMON_SERVES) && !(driver->features & feature)) {
			return true;
		}
	}
	return false;
}

#define NAMES_SHOWN 3

void
name_list_add(struct name_list *names, const char *name)
{
	size_t used = strlen(names->text);

	if (names->count++ < NAMES_SHOWN) {
		/* a longer name is cut: the position of the finding leads to the whole name */
		snprintf(names->text + used, sizeof(names->text) - used, "%s%.64s",
		    used > 0 ? ", " : "", name);
	}
}

const char *
name_list_text(struct name_list *names)
{
	if (names->count > NAMES_SHOWN) {
		size_t used = strlen(names->text);

		snprintf(names->text + used, sizeof(names->text) - used, " and %zu more",
		    names->count - NAMES_SHOWN);
		names->count = 0; /* "and N more" is added once */
	}
	return names->text;
}
