#include "orchestrator/review/review.h"

#include "common/clock.h"
#include "common/version.h"

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
review_document(const struct review *review, struct arena *arena, struct document *document)
{
	char when[CLOCK_TEXT_BYTES];

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
}
