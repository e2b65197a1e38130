/* The section that says what the site survives. */
#include "orchestrator/review/review.h"

#include "orchestrator/graph/words.h"

typedef void (*words_of)(const struct graph_tier *tier, struct buf *out);

static void
add_words(
    struct document *document, const char *what, words_of words, const struct graph_tier *tier)
{
	struct buf text = { 0 };

	words(tier, &text);
	document_row(document);
	document_cell(document, PAINT_NONE, "%s", what);
	document_cell(document, PAINT_NONE, "%s", buf_str(&text));
	buf_free(&text);
}

static void
add_losses(struct document *document, const char *what, const struct graph *graph,
    const struct graph_tier *tier, unsigned parts)
{
	struct buf text = { 0 };

	words_losses(graph, tier, parts, &text);
	document_row(document);
	document_cell(document, PAINT_NONE, "%s", what);
	document_cell(document, tier->losses[parts - 1].count > 0 ? PAINT_NONE : PAINT_GOOD, "%s",
	    buf_str(&text));
	buf_free(&text);
}

/* The worst of what 19 November 2012 would have done, for the summary. */
static enum paint
paint_of_day(enum graph_day day)
{
	return day == GRAPH_RIGHT                             ? PAINT_GOOD
	    : day == GRAPH_IF_FIRST || day == GRAPH_STALEMATE ? PAINT_WARN
							      : PAINT_BAD;
}

static void
add_day(struct document *document, const struct graph_tier *tier)
{
	struct buf text = { 0 };

	words_day(tier, &text);
	document_row(document);
	document_cell(document, PAINT_NONE, "19 November 2012");
	document_cell(document, paint_of_day(tier->day), "%s", buf_str(&text));
	buf_free(&text);
}

void
review_losses(const struct review *review, struct document *document)
{
	static const char *const columns[] = { "What", "What becomes of it", NULL };
	const struct graph *graph = review->graph;

	document_section(document, "losses", "What it survives");
	document_say(document,
	    "Every source, operator, link, server and network is taken away in turn, and then "
	    "every two of them; every country, and what several sources follow, as far as it is "
	    "known, goes alone; and all sources of one operator tell the same wrong time, as two "
	    "public "
	    "servers did on 19 November 2012, when they told the year 2000.");
	for (size_t i = 0; i < graph->tier_count; i++) {
		const struct graph_tier *tier = &graph->tiers[i];

		document_say(document, "Tier %s:", tier->tier->name); /* stays on a narrow page */
		document_table(document, columns);
		add_words(document, "It has", words_tier, tier);
		add_words(document, "Wrong sources", words_liars, tier);
		add_words(document, "Silent sources", words_spare, tier);
		add_losses(document, "One loss", graph, tier, 1);
		add_losses(document, "Two losses", graph, tier, 2);
		add_day(document, tier);
	}
	document_say(document, "%s", words_below);
}
