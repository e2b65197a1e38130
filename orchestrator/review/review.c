/* What stands at the front and at the end of the document, and the document as a whole. */
#include "orchestrator/review/review.h"

#include "common/clock.h"
#include "common/version.h"
#include "orchestrator/graph/names.h"
#include "orchestrator/graph/words.h"

#include <string.h>

#define DAY_NS (86400 * NS_PER_S)

static void
ask(struct document *document, const char *question)
{
	document_row(document);
	document_cell(document, PAINT_NONE, "%s", question);
}

static const char *
plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void
answer_open(const struct review *review, struct document *document)
{
	const struct diags *diags = review->diags, *then = review->history->then;
	size_t open = diags->count - diags->accepted + diags->dropped;

	ask(document, "What is open?");
	document_cell(document,
	    diags->errors > 0         ? PAINT_BAD
		: diags->warnings > 0 ? PAINT_WARN
				      : PAINT_GOOD,
	    "%zu error%s, %zu warning%s, %zu note%s", diags->errors, plural(diags->errors),
	    diags->warnings, plural(diags->warnings), open - diags->errors - diags->warnings,
	    plural(open - diags->errors - diags->warnings));
	ask(document, "Better or worse than at the last review?");
	if (then) {
		size_t new = review_only_in(diags, then), gone = review_only_in(then, diags);

		if (new + gone == 0) {
			document_cell(document, PAINT_NONE, "The same findings as then");
		} else {
			document_cell(document, new > gone ? PAINT_WARN : PAINT_NONE,
			    "%zu finding%s new since then, %zu gone", new,
			    new == 1 ? " is" : "s are", gone);
		}
	} else {
		document_cell(document, PAINT_NONE, "Not known");
	}
}

/* The end that comes first of what the site accepts or denies for a while. */
static void
answer_accepted(const struct review *review, struct document *document)
{
	const struct topology *topology = review->topology;
	const struct accept *first = NULL;
	char day[CLOCK_DAY_BYTES];

	for (size_t i = 0; i < topology->accept_count; i++) {
		const struct accept *accept = &topology->accepts[i];

		if (accept->until_ns > review->now_ns &&
		    (!first || accept->until_ns < first->until_ns)) {
			first = accept;
		}
	}
	ask(document, "Which risks are accepted?");
	if (review->diags->accepted == 0) {
		document_cell(document, PAINT_GOOD, "None");
	} else if (first) {
		document_cell(document, PAINT_NONE, "%zu, of which the first comes back on %s",
		    review->diags->accepted, clock_day(first->until_ns, day));
	} else {
		document_cell(document, PAINT_NONE, "%zu, without an end: see Findings",
		    review->diags->accepted);
	}
}

/* The worst single loss of the first tier that has one, in one sentence. */
static void
answer_losses(const struct review *review, struct document *document)
{
	const struct graph *graph = review->graph;
	const struct graph_tier *weak = NULL, *lost = NULL;
	struct buf text = { 0 };

	for (size_t i = 0; i < graph->tier_count; i++) {
		const struct graph_tier *tier = &graph->tiers[i];

		if (tier->sources > 0 && (!weak || tier->liars < weak->liars)) {
			weak = tier;
		}
		if (!lost && tier->losses[0].count > 0) {
			lost = tier;
		}
	}
	ask(document, "What is lost with one thing?");
	if (lost) {
		words_losses(graph, lost, 1, &text);
		document_cell(document, PAINT_WARN, "Tier %s, with %.*s", lost->tier->name,
		    (int)(strstr(buf_str(&text), ". ") ? strstr(buf_str(&text), ". ") - text.data
						       : (ptrdiff_t)text.len - 1),
		    buf_str(&text));
	} else {
		document_cell(document, PAINT_GOOD, "No tier");
	}
	ask(document, "How many sources may be wrong at once?");
	if (weak) {
		document_cell(document, weak->liars > 0 ? PAINT_GOOD : PAINT_BAD,
		    "%u of %u, in tier %s, which is the weakest", weak->liars, weak->sources,
		    weak->tier->name);
	} else {
		document_cell(document, PAINT_NONE, "There are none");
	}
	buf_free(&text);
}

static void
answer_probed(const struct review *review, struct document *document)
{
	const struct kept *kept = review->kept;
	char day[CLOCK_DAY_BYTES];

	ask(document, "Do the sources answer, and rightly?");
	if (kept->at_ns == 0) {
		document_cell(document, PAINT_WARN, "Nobody has looked: `timetier probe` does");
	} else {
		document_cell(document,
		    kept->good == review->topology->upstream_count ? PAINT_GOOD : PAINT_WARN,
		    "%zu of %zu did on %s, asked from %s", kept->good,
		    review->topology->upstream_count, clock_day(kept->at_ns, day),
		    kept->from ? kept->from : "where this page was made");
	}
}

static void
answer_history(const struct review *review, struct document *document)
{
	const struct review_history *history = review->history;
	char when[CLOCK_TEXT_BYTES];

	ask(document, "What was changed last, and by whom?");
	if (history->last.id > 0) {
		document_cell(document, PAINT_NONE, "`%s` on %s, by %s",
		    history->last.words[0] ? history->last.words : history->last.kind,
		    clock_local_text(history->last.begun_ns, CLOCK_MINUTE, when, sizeof(when)),
		    history->last.who);
	} else {
		document_cell(document, PAINT_NONE, "No rollout is known here");
	}
	ask(document, "Who signed the design, and when?");
	if (history->reviewed_ns > 0) {
		document_cell(document,
		    review->now_ns - history->reviewed_ns > 366 * DAY_NS ? PAINT_WARN : PAINT_NONE,
		    "%s, on %s%s", history->reviewed_by,
		    clock_local_text(history->reviewed_ns, CLOCK_MINUTE, when, sizeof(when)),
		    strcmp(history->site_text, review->site_text) == 0
			? "; it has not changed since"
			: "; it has changed since");
	} else {
		document_cell(document, PAINT_WARN, "Nobody");
	}
}

static void
answer_leap(const struct review *review, struct document *document)
{
	const struct topology *topology = review->topology;
	size_t smearing = 0;

	for (size_t i = 0; i < topology->upstream_count; i++) {
		smearing += upstream_smears(&topology->upstreams[i]);
	}
	ask(document, "What happens at the next leap second?");
	if (topology->upstream_count == 0) {
		document_cell(document, PAINT_NONE, "Nothing: no source tells it");
	} else if (smearing == 0) {
		document_cell(document, PAINT_NONE,
		    "All clocks insert it at the same moment, as UTC does; nothing is restarted on "
		    "that day");
	} else if (smearing == topology->upstream_count) {
		document_cell(document, PAINT_NONE,
		    "The sources spread it over a day: clocks here are up to 0.5 s from UTC then");
	} else {
		document_cell(document, PAINT_BAD,
		    "%zu of %zu sources spread it over a day, and the others do not: they disagree "
		    "by up to 0.5 s then",
		    smearing, topology->upstream_count);
	}
}

void
review_glance(const struct review *review, struct document *document)
{
	static const char *const columns[] = { "Question", "Answer", NULL };

	document_table(document, columns);
	answer_open(review, document);
	answer_accepted(review, document);
	answer_losses(review, document);
	answer_probed(review, document);
	answer_leap(review, document);
	answer_history(review, document);
}

/* What this page cannot know, and which command tells it. */
void
review_next(const struct review *review, struct document *document)
{
	static const char *const columns[] = { "Question", "Who answers it", NULL };
	static const struct {
		const char *question, *command;
	} rows[] = {
		{ "Are the sources right, today?", "timetier probe" },
		{ "Do the servers refuse what they must refuse?", "timetier audit" },
		{ "Do the hosts still have what was rolled out?", "timetier drift" },
		{ "How well do the hosts keep time, and would a restart step a clock?",
		    "timetier status, and the page of timetier serve" },
		{ "Who asks too fast, and who asks at all?", "timetier clients" },
		{ "What would a change do?", "timetier plan" },
	};

	document_section(document, "next", "What a design cannot tell");
	document_say(document,
	    "This page is about what %s declares. What is there in fact is for these to say:",
	    review->topology->site);
	document_table(document, columns);
	for (size_t i = 0; i < COUNT(rows); i++) {
		document_row(document);
		document_cell(document, PAINT_NONE, "%s", rows[i].question);
		document_cell(document, PAINT_NONE, "%s", rows[i].command);
	}
}

void
review_document(const struct review *given, struct arena *arena, struct document *document)
{
	struct review all = *given;
	const struct review *review = &all;
	struct graph graph;
	char when[CLOCK_TEXT_BYTES];

	graph_make(&graph, given->topology, given->kept->seen);
	all.graph = &graph;
	*document = (struct document){ .arena = arena };
	document->title =
	    arena_printf(arena, "The time service of %s: review", review->topology->site);
	document->subtitle = arena_printf(arena, "As %s says on %s; made by timetier %s.",
	    review->topology->file,
	    clock_local_text(review->now_ns, CLOCK_MINUTE, when, sizeof(when)), TIMETIER_VERSION);
	review_summary(review, document);
	review_sources(review, document);
	review_losses(review, document);
	review_servers(review, document);
	review_access(review, document);
	review_keys(review, document);
	review_findings(review, document);
	review_traffic(review, document);
	review_changes(review, document);
	review_next(review, document);
	graph_free(&graph);
}
