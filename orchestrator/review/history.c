/* What the journal says: who reviewed the design last, and what was done since. */
#include "orchestrator/review/review.h"

#include "common/clock.h"
#include "orchestrator/rollout/plan/diff.h"

#include <string.h>

#define RUNS_SHOWN 20

int
review_history(
    struct journal *journal, struct arena *arena, struct review_history *history, struct error *err)
{
	struct journal_run run;
	int64_t id;

	*history = (struct review_history){ .reviewed_ns = 0 };
	if (journal_latest_good(journal, "keys rotate", &id, err) < 0) {
		return -1;
	}
	if (id > 0) {
		if (journal_read(journal, id, false, arena, &run, err) < 0) {
			return -1;
		}
		history->keys_ns = run.ended_ns;
	}
	if (journal_latest_good(journal, "review", &id, err) < 0) {
		return -1;
	}
	if (id > 0) {
		if (journal_read(journal, id, false, arena, &run, err) < 0) {
			return -1;
		}
		history->reviewed_ns = run.ended_ns;
		history->reviewed_by = run.who;
		history->site_text = run.site_text;
	}
	return journal_after(journal, id, arena, &history->runs, &history->run_count, err);
}

static void
add_runs(const struct review_history *history, struct document *document)
{
	static const char *const columns[] = { "When", "What", "Who", "How it ended", NULL };
	size_t first = history->run_count > RUNS_SHOWN ? history->run_count - RUNS_SHOWN : 0;
	char when[CLOCK_TEXT_BYTES];

	if (history->run_count == 0) {
		document_say(document, "Nothing was rolled out since then.");
		return;
	}
	if (first > 0) {
		document_say(
		    document, "The latest %d of %zu runs:", RUNS_SHOWN, history->run_count);
	}
	document_table(document, columns);
	for (size_t i = first; i < history->run_count; i++) {
		const struct journal_run *run = &history->runs[i];

		document_row(document);
		document_cell(document, PAINT_NONE, "%s",
		    clock_local_text(run->begun_ns, CLOCK_MINUTE, when, sizeof(when)));
		document_cell(document, PAINT_NONE, "%s", run->words[0] ? run->words : run->kind);
		document_cell(document, PAINT_NONE, "%s", run->who);
		if (run->ended_ns == 0) {
			document_cell(document, PAINT_WARN, "it was interrupted");
		} else if (run->status == 0) {
			document_cell(document, PAINT_GOOD, "done");
		} else {
			document_cell(document, PAINT_WARN, "exit status %d", run->status);
		}
	}
}

void
review_changes(const struct review *review, struct document *document)
{
	const struct review_history *history = review->history;
	struct buf diff = { .limit_bytes = 1 << 20 };
	char when[CLOCK_TEXT_BYTES];

	document_section(document, "changes", "What has changed");
	if (history->reviewed_ns == 0) {
		document_call(document, PAINT_WARN,
		    "Nobody has reviewed this design yet. `timetier review --done` writes down "
		    "that "
		    "you did; from then on, this section says what has changed since.");
	} else {
		document_say(document, "Last reviewed on %s by %s.",
		    clock_local_text(history->reviewed_ns, CLOCK_MINUTE, when, sizeof(when)),
		    history->reviewed_by);
		diff_unified(&diff, history->site_text, strlen(history->site_text),
		    review->site_text, strlen(review->site_text));
		if (diff.len == 0) {
			document_say(document, "The design is as it was then.");
		} else {
			document_say(document, "The design since then:");
			document_lines(document, buf_str(&diff));
		}
		buf_free(&diff);
	}
	if (history->run_count > 0 || history->reviewed_ns > 0) {
		add_runs(history, document);
	}
}
