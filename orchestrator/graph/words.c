#include "orchestrator/graph/words.h"

#define LOSSES_SHOWN 3 /* sentences */
#define PARTS_SHOWN 4  /* names in one of them */

const char words_below[] =
    "A tier that has lost its time from outside does not stop: its servers run on by their own "
    "clocks, which part from true time by some hundredths of a second to some seconds a day, and "
    "everybody below follows them.";

static const char *const kind_words[] = {
	[GRAPH_UPSTREAM] = "source",
	[GRAPH_OPERATOR] = "operator",
	[GRAPH_LINK] = "link",
	[GRAPH_SERVER] = "server",
	[GRAPH_CLOCK] = "clock",
	[GRAPH_NETWORK] = "network",
	[GRAPH_COUNTRY] = "country",
	[GRAPH_REFERENCE] = "reference",
};

static const char *const effect_words[] = {
	[GRAPH_KEPT] = "kept",
	[GRAPH_PARTLY] = "partly",
	[GRAPH_BELOW] = "below",
	[GRAPH_FEW] = "few",
	[GRAPH_GONE] = "gone",
};

static const char *const day_words[] = {
	[GRAPH_RIGHT] = "right",
	[GRAPH_IF_FIRST] = "right-unless-first",
	[GRAPH_STALEMATE] = "stalemate",
	[GRAPH_WRONG] = "wrong",
};

const char *
graph_kind_word(enum graph_kind kind)
{
	return kind_words[kind];
}

const char *
graph_effect_word(enum graph_effect effect)
{
	return effect_words[effect];
}

const char *
graph_day_word(enum graph_day day)
{
	return day_words[day];
}

/* "" or "s" */
static const char *
plural(size_t count)
{
	return count == 1 ? "" : "s";
}

void
words_part(const struct graph_part *part, struct buf *out)
{
	buf_printf(out, "%s %s%s", kind_words[part->kind], part->kind == GRAPH_CLOCK ? "of " : "",
	    part->name);
	if (part->kind == GRAPH_UPSTREAM || part->kind == GRAPH_SERVER ||
	    part->kind == GRAPH_CLOCK) {
		return;
	}
	buf_text(out, " (");
	if (part->upstream_count > 0) {
		buf_printf(out, "%zu source%s", part->upstream_count, plural(part->upstream_count));
	}
	if (part->server_count > 0) {
		buf_printf(out, "%s%zu server%s", part->upstream_count > 0 ? ", " : "",
		    part->server_count, plural(part->server_count));
	}
	buf_text(out, ")");
}

void
words_tier(const struct graph_tier *tier, struct buf *out)
{
	size_t servers = tier->tier->server_count;
	unsigned inside = tier->sources - tier->upstreams - tier->clocks;

	buf_printf(out, "%zu server%s", servers, plural(servers));
	if (tier->sources == 0) {
		buf_text(out, ", without any source: they keep a time of their own.");
		return;
	}
	buf_printf(out, "%s with ", servers == 1 ? "" : ", each");
	if (tier->upstreams > 0) {
		buf_printf(out, "%u source%s outside the site, of %u operator%s", tier->upstreams,
		    plural(tier->upstreams), tier->operators, plural(tier->operators));
	}
	if (inside > 0) {
		buf_printf(out, "%s%u server%s of this site above %s",
		    tier->upstreams > 0 ? ", and " : "", inside, plural(inside),
		    servers == 1 ? "it" : "them");
	}
	if (tier->clocks > 0) {
		buf_printf(out, "%s%u hardware clock%s of %s own",
		    tier->upstreams > 0 || inside > 0 ? ", and " : "", tier->clocks,
		    plural(tier->clocks), servers == 1 ? "its" : "their");
	}
	buf_printf(out, "; %u of these %u must agree.", tier->quorum, tier->sources);
}

void
words_liars(const struct graph_tier *tier, struct buf *out)
{
	if (tier->liars == 0) {
		buf_printf(out,
		    "None of its %u source%s may be wrong: one that is leaves no "
		    "majority that can be obeyed.",
		    tier->sources, plural(tier->sources));
		return;
	}
	buf_printf(out, "Up to %u of its %u sources may be wrong at once: the others outvote %s",
	    tier->liars, tier->sources, tier->liars == 1 ? "it" : "them");
	if (tier->liars_at_start < tier->liars) {
		buf_printf(out,
		    "; only %u while a server starts, because %u that agree may answer "
		    "first",
		    tier->liars_at_start, tier->quorum);
	}
	buf_text(out, ".");
}

void
words_spare(const struct graph_tier *tier, struct buf *out)
{
	if (tier->spare == 0) {
		buf_printf(out, "None of its %u source%s may be silent: %u must agree.",
		    tier->sources, plural(tier->sources), tier->quorum);
		return;
	}
	buf_printf(out, "Up to %u of its %u sources may be silent.", tier->spare, tier->sources);
}

/* What is left of @tier after @loss: "2 of 6 sources are left, and 3 must agree". */
static void
add_effect(const struct graph_tier *tier, const struct graph_loss *loss, struct buf *out)
{
	size_t servers = tier->tier->server_count;

	if (loss->effect == GRAPH_GONE) {
		buf_text(out, servers == 1 ? "its server is gone" : "all its servers are gone");
	} else if (loss->effect == GRAPH_FEW) {
		buf_printf(out, "%u of %zu servers %s left, and clients need %u", loss->servers,
		    servers, loss->servers == 1 ? "is" : "are", tier->needed);
	} else if (loss->above) {
		buf_printf(out,
		    "%u of its %u sources still %s time from outside, and %u must agree",
		    loss->left, tier->sources, loss->left == 1 ? "has" : "have", tier->quorum);
	} else {
		buf_printf(out, "%u of %u sources %s left, and %u must agree", loss->left,
		    tier->sources, loss->left == 1 ? "is" : "are", tier->quorum);
	}
}

static bool
is_own_server(
    const struct graph *graph, const struct graph_tier *tier, const struct graph_part *part)
{
	return part->kind == GRAPH_SERVER &&
	    graph->topology->hosts[part->members[0]].tier == tier->tier;
}

/* Whether @loss is of two servers of @tier itself. */
static bool
is_own_pair(const struct graph *graph, const struct graph_tier *tier, const struct graph_loss *loss)
{
	return loss->parts[1] && is_own_server(graph, tier, loss->parts[0]) &&
	    is_own_server(graph, tier, loss->parts[1]);
}

/* Whether @b is @a with another second part, of which the same is said. */
static bool
is_alike(const struct graph *graph, const struct graph_tier *tier, const struct graph_loss *a,
    const struct graph_loss *b)
{
	return a->parts[1] && a->parts[0] == b->parts[0] &&
	    is_own_pair(graph, tier, a) == is_own_pair(graph, tier, b) && a->effect == b->effect &&
	    a->above == b->above &&
	    (a->effect == GRAPH_FEW ? a->servers == b->servers : a->left == b->left);
}

/* Whether any two servers of @tier are one of its pairs: then they are one sentence. */
static bool
any_two_servers(const struct graph *graph, const struct graph_tier *tier)
{
	size_t servers = tier->tier->server_count, found = 0;

	for (size_t i = 0; i < tier->losses[1].kept; i++) {
		const struct graph_loss *loss = &tier->losses[1].list[i];

		found += is_own_pair(graph, tier, loss);
	}
	return servers > 2 && found == servers * (servers - 1) / 2;
}

/* Add one sentence for the @count losses of @list, which are alike. */
static void
add_losses(
    const struct graph_tier *tier, const struct graph_loss *list, size_t count, struct buf *out)
{
	words_part(list[0].parts[0], out);
	for (size_t i = 0; i < count && list[0].parts[1]; i++) {
		if (i == PARTS_SHOWN && count > PARTS_SHOWN + 1) {
			buf_printf(out, " or one of %zu more", count - i);
			break;
		}
		buf_text(out, i == 0 ? " and " : i + 1 == count ? " or " : ", ");
		words_part(list[i].parts[1], out);
	}
	buf_text(out, ": ");
	add_effect(tier, list, out);
	buf_text(out, ".");
}

void
words_losses(
    const struct graph *graph, const struct graph_tier *tier, unsigned parts, struct buf *out)
{
	const struct graph_loss *list = tier->losses[parts - 1].list;
	size_t count = tier->losses[parts - 1].count, kept = tier->losses[parts - 1].kept;
	size_t shown = 0, sentences = 0, start = out->len;
	size_t servers = tier->tier->server_count;
	bool any_two = parts == 2 && any_two_servers(graph, tier);

	if (tier->now >= GRAPH_BELOW) {
		buf_text(out, "It has no time from outside as it is.");
		return;
	}
	if (count == 0) {
		buf_printf(out, "No %s its time%s.",
		    parts == 1 ? "single loss takes" : "two losses at once take",
		    graph->examined[parts - 1] < graph->part_count ? " (of the largest parts)"
								   : "");
		return;
	}
	if (any_two) {
		buf_printf(
		    out, "Any two of its %zu servers: clients need %u.", servers, tier->needed);
		count -= servers * (servers - 1) / 2;
	}
	for (size_t i = 0, alike; i < kept && sentences < LOSSES_SHOWN; i += alike) {
		for (alike = 1;
		     i + alike < kept && is_alike(graph, tier, &list[i], &list[i + alike]);
		     alike++) {
		}
		if (!any_two || !is_own_pair(graph, tier, &list[i])) {
			buf_text(out, out->len > start ? " " : "");
			add_losses(tier, &list[i], alike, out);
			sentences++;
			shown += alike;
		}
	}
	if (count > shown) {
		buf_printf(out, " And %zu more%s.", count - shown,
		    parts == 1               ? ""
			: count - shown == 1 ? " pair"
					     : " pairs");
	}
}

/* The sentence of a tier whose bad day comes from the tiers above it. */
static void
add_day_below(const struct graph_tier *tier, struct buf *out)
{
	switch (tier->day) {
	case GRAPH_RIGHT:
		buf_text(out, "The servers above it stay right, and so does this tier.");
		break;
	case GRAPH_IF_FIRST:
		buf_text(out,
		    "As right as the servers above it, of which one that starts just then "
		    "may believe the wrong ones.");
		break;
	case GRAPH_STALEMATE:
	case GRAPH_WRONG:
		buf_text(out,
		    "The servers above it have no right time from outside on that day; this "
		    "tier follows them, on their own clocks.");
		break;
	}
}

void
words_day(const struct graph_tier *tier, struct buf *out)
{
	unsigned right = tier->sources - tier->wrong;

	if (tier->sources == 0) {
		buf_text(out, "It has no source that could be wrong.");
		return;
	}
	if (tier->clocks > 0 && tier->clocks == tier->sources) {
		buf_text(out,
		    "All its sources are hardware clocks of its own: when a receiver is wrong, "
		    "nobody outvotes it.");
		return;
	}
	if (!tier->wrong_operator ||
	    graph_day_of(tier->sources, tier->quorum, tier->wrong) < tier->day) {
		add_day_below(tier, out);
		return;
	}
	if (tier->wrong > 1) {
		buf_printf(out, "With all sources of %s wrong by 12 years (%u of %u)",
		    tier->wrong_operator, tier->wrong, tier->sources);
	} else {
		buf_text(out, "With the source of any one operator wrong by 12 years");
	}
	switch (tier->day) {
	case GRAPH_RIGHT:
		buf_printf(out,
		    ", the other %u outvote %s: the time stays right, also of a server that "
		    "starts just then.",
		    right, tier->wrong == 1 ? "it" : "them");
		break;
	case GRAPH_IF_FIRST:
		buf_printf(out,
		    ", the other %u outvote them; but a server that starts just then may hear "
		    "%u of them first, and %u that agree are enough.",
		    right, tier->quorum, tier->quorum);
		break;
	case GRAPH_STALEMATE:
		buf_printf(out,
		    ", it is %u against %u, and nobody has a majority: servers obey nobody, and "
		    "run on by their own clocks.",
		    tier->wrong, right);
		break;
	case GRAPH_WRONG:
		buf_printf(out,
		    ", they outvote the other %u. No clock that runs follows, because the "
		    "correction is beyond the limit: servers run on by their own clocks, and an "
		    "ntpd "
		    "ends. A server that starts just then has no right time.",
		    right);
		break;
	}
}
