/* What the journal says: who reviewed the design last, and what was done since. */
#include "orchestrator/review/review.h"

#include "common/clock.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/rollout/plan/diff.h"

#include <string.h>

#define RUNS_SHOWN 20

int
review_history(
    struct journal *journal, struct arena *arena, struct review_history *history, struct error *err)
{
	struct journal_run run;
	int64_t id, id_of_last;

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
	if (journal_latest_change(journal, &id_of_last, err) < 0 ||
	    (id_of_last > 0 &&
		journal_read(journal, id_of_last, false, arena, &history->last, err) < 0)) {
		return -1;
	}
	return journal_after(journal, id, arena, &history->runs, &history->run_count, err);
}

void
review_judge_then(
    const struct topology *now, int64_t now_ns, struct review_history *history, struct diags *then)
{
	struct topology topology;

	history->then = NULL;
	if (!history->site_text) {
		return;
	}
	if (topology_load_text(
		&topology, now->file, history->site_text, strlen(history->site_text), then) == 0) {
		lint_run(&topology, now_ns, then);
		diags_sort(then);
		history->then = then;
	}
	topology_free(&topology);
}

/* Whether @diags has an open finding as @like: what it says names who it is about. */
static bool
has_open(const struct diags *diags, const struct diag *like)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->list[i];

		if (!diag->accepted && strcmp(diag->rule, like->rule) == 0 &&
		    strcmp(diag->text, like->text) == 0) {
			return true;
		}
	}
	return false;
}

size_t
review_only_in(const struct diags *of, const struct diags *other)
{
	size_t count = 0;

	for (size_t i = 0; i < of->count; i++) {
		count += !of->list[i].accepted && !has_open(other, &of->list[i]);
	}
	return count;
}

/* Rows for the open findings of @of that are not open in @other. */
static void
add_only_in(struct document *document, const struct diags *of, const struct diags *other,
    enum paint paint, const char *word)
{
	for (size_t i = 0; i < of->count; i++) {
		const struct diag *diag = &of->list[i];
		const struct lint_rule *rule = lint_rule_find(diag->rule, NULL);

		if (!diag->accepted && !has_open(other, diag)) {
			document_row(document);
			document_cell(document, paint, "%s", word);
			document_cell(document, PAINT_NONE, "%s", diag->text);
			document_cell(
			    document, PAINT_QUIET, "%s", rule ? rule->number : diag->rule);
		}
	}
}

/* Which findings are new since the last review, and which are gone. */
static void
add_findings(const struct review *review, struct document *document)
{
	static const char *const columns[] = { "Since then", "Finding", "Rule", NULL };
	const struct diags *then = review->history->then;

	if (!then) {
		document_say(document,
		    "The design of then has mistakes by the rules of today: what was found in it "
		    "cannot be compared.");
		return;
	}
	if (review_only_in(review->diags, then) + review_only_in(then, review->diags) == 0) {
		document_say(document, "No finding is new since then, and none is gone.");
		return;
	}
	document_table(document, columns);
	add_only_in(document, review->diags, then, PAINT_WARN, "new");
	add_only_in(document, then, review->diags, PAINT_GOOD, "gone");
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
		add_findings(review, document);
	}
	if (history->run_count > 0 || history->reviewed_ns > 0) {
		add_runs(history, document);
	}
}
