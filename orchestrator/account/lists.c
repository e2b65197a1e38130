/* The account as a document: the sections that list what happened, and what is not shown. */
#include "orchestrator/account/view.h"

#include "common/duration.h"

#define ROWS_SHOWN 500 /* of steps, gaps and sources */

static void
tell_rest(struct document *document, size_t count, const char *what)
{
	if (count > ROWS_SHOWN) {
		document_say(document,
		    "%zu more %s are left out here; the JSON of this report has them.",
		    count - ROWS_SHOWN, what);
	}
}

void
account_add_steps(const struct account_view *view)
{
	static const char *const columns[] = { "When", "Host", "By", "Cause", "What speaks for it",
		NULL };
	const struct account *account = view->account;
	char when[CLOCK_TEXT_BYTES], amount[DURATION_TEXT_BYTES];

	document_section(view->document, "steps", "Clocks that were set");
	if (account->step_count == 0) {
		document_say(view->document, "No clock was set as far as the agents saw.");
		return;
	}
	document_say(view->document, "A positive step set the clock forward.");
	document_table(view->document, columns);
	for (size_t i = 0; i < account->step_count && i < ROWS_SHOWN; i++) {
		const struct step_row *step = &account->steps[i];

		document_row(view->document);
		document_cell(
		    view->document, PAINT_NONE, "%s", account_instant(step->time_ns, when));
		document_cell(view->document, PAINT_NONE, "%s", step->host);
		document_number(view->document, "%s", duration_text(step->entry.amount_ns, amount));
		document_cell(view->document, PAINT_NONE, "%s", step_cause_name(step->entry.cause));
		document_cell(view->document, PAINT_QUIET, "%s", step->entry.words);
	}
	tell_rest(view->document, account->step_count, "steps");
}

void
account_add_gaps(const struct account_view *view)
{
	static const char *const columns[] = { "Host", "From", "To", "Length", NULL };
	struct document *document = view->document;
	char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES], length[ACCOUNT_PERCENT_BYTES];
	size_t count = 0;

	document_section(document, "gaps", "Gaps");
	document_say(document,
	    "In a gap nothing is known of a clock: the host or its agent did not run, the daemon "
	    "followed nobody, no collector could be reached, or none ran.");
	for (size_t i = 0; i < view->account->host_count; i++) {
		const struct account_host *host = view->worst[i];

		for (size_t gap = 0; gap < host->tally.gap_count; gap++, count++) {
			if (count >= ROWS_SHOWN || gap >= TALLY_GAPS_MAX) {
				continue;
			}
			if (count == 0) {
				document_table(document, columns);
			}
			document_row(document);
			document_cell(document, PAINT_NONE, "%s", host->name);
			document_cell(document, PAINT_NONE, "%s",
			    account_instant(host->tally.gaps[gap].from_ns, from));
			document_cell(document, PAINT_NONE, "%s",
			    account_instant(host->tally.gaps[gap].to_ns, to));
			document_number(document, "%s",
			    account_length(
				host->tally.gaps[gap].to_ns - host->tally.gaps[gap].from_ns,
				length));
		}
	}
	if (count == 0) {
		document_say(document, "There are none.");
	}
	tell_rest(document, count, "gaps");
}

/* "NTS", and whether that was seen. */
static const char *
proof_words(const struct followed *row)
{
	static const char *const names[] = {
		[AUTH_UNKNOWN] = "not told",
		[AUTH_NONE] = "none",
		[AUTH_KEY] = "symmetric key",
		[AUTH_NTS] = "NTS",
		[AUTH_BAD] = "a key that fails",
	};

	return names[row->auth];
}

static void
add_followed(const struct account_view *view, const struct account_host *host, size_t index)
{
	const struct followed *row = &host->followed[index];
	struct document *document = view->document;
	int64_t to_ns = index + 1 < host->followed_count ? host->followed[index + 1].time_ns
							 : view->account->span.to_ns;
	char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];

	document_row(document);
	document_cell(document, PAINT_NONE, "%s", host->name);
	document_cell(document, PAINT_NONE, "%s", account_instant(row->time_ns, from));
	document_cell(document, PAINT_NONE, "%s", account_instant(to_ns, to));
	if (row->address[0] == '\0') {
		document_cell(document, PAINT_WARN, "nobody");
		return;
	}
	document_cell(document, PAINT_NONE, "%s", row->source[0] ? row->source : row->address);
	document_cell(document, PAINT_QUIET, "%s", row->address);
	document_number(document, "%d", row->stratum);
	document_cell(document, row->auth == AUTH_BAD ? PAINT_BAD : PAINT_NONE, "%s%s",
	    proof_words(row),
	    row->auth != AUTH_UNKNOWN && !row->auth_told ? ", as configured" : "");
}

void
account_add_sources(const struct account_view *view)
{
	static const char *const columns[] = { "Host", "Since", "Until", "Followed", "Address",
		"Host's stratum", "Source proved by", NULL };
	struct document *document = view->document;
	size_t count = 0;

	document_section(document, "sources", "Traceability: who led whom");
	document_say(document,
	    "The source that each host's daemon said it followed. Gaps are not repeated here: in "
	    "them, the last source that was known is shown on.");
	for (size_t i = 0; i < view->account->host_count; i++) {
		const struct account_host *host = view->worst[i];

		for (size_t at = 0; at < host->followed_count; at++, count++) {
			if (count == 0) {
				document_table(document, columns);
			}
			if (count < ROWS_SHOWN) {
				add_followed(view, host, at);
			}
		}
	}
	if (count == 0) {
		document_say(document, "The history has no sources for this time.");
	}
	tell_rest(document, count, "rows");
}

void
account_add_runs(const struct account_view *view)
{
	static const char *const columns[] = { "When", "Who", "What", "Hosts", "How it ended",
		NULL };
	const struct account *account = view->account;
	struct document *document = view->document;
	char when[CLOCK_TEXT_BYTES];

	document_section(document, "changes", "Who changed what");
	if (account->runs_forgotten) {
		document_call(document, PAINT_WARN,
		    "The journal keeps the latest %d runs, and begins after this report does.",
		    JOURNAL_KEEP_RUNS);
	}
	if (account->run_count == 0) {
		document_say(document, "The journal has no run of this time.");
		return;
	}
	document_say(document, "`timetier runs show N` has each file that a run replaced.");
	document_table(document, columns);
	for (size_t i = 0; i < account->run_count; i++) {
		const struct journal_run *run = &account->runs[i];

		document_row(document);
		document_cell(document, PAINT_NONE, "%s", account_instant(run->begun_ns, when));
		document_cell(document, PAINT_NONE, "%s", run->who);
		document_cell(document, PAINT_NONE, "%s (run %lld)",
		    run->words[0] ? run->words : run->kind, (long long)run->id);
		document_number(document, "%zu", run->host_count);
		if (run->ended_ns == 0) {
			document_cell(document, PAINT_WARN, "it was interrupted");
		} else if (run->status == 0) {
			document_cell(document, PAINT_NONE, "done");
		} else {
			document_cell(document, PAINT_WARN, "exit status %d", run->status);
		}
	}
}

void
account_add_limits(const struct account_view *view)
{
	struct document *document = view->document;

	document_section(document, "limits", "What this report cannot prove");
	document_say(document,
	    "A host reports of itself: offset and error bound are what its own daemon says, and "
	    "whoever is root there can have it say anything. Hosts marked \"asked\" were measured "
	    "by the collector over the network instead.");
	document_say(document,
	    "The error bound is against the upstreams. That these are traceable to UTC, and how "
	    "far "
	    "they are from it, is for their operators to show: ask them for it.");
	document_say(document,
	    "All instants are by the collector's own clock, which is not part of this account "
	    "unless the collector is one of its hosts.");
	document_say(document,
	    "A silence shorter than %d minutes is not seen, and counts as what was before it. "
	    "Where only hours are kept, the worst minute of an hour holds for all of it, and "
	    "moments are as exact as they are written: 2026-11-22T05Z is some time in that hour.",
	    (int)(TALLY_GAP_NS / PAST_MINUTE_NS));
	document_say(document,
	    "The history is a file of the collector, which nobody signs: whoever may write that "
	    "file can change it. Keep this report, or a copy of the file, where its makers cannot "
	    "write.");
	document_say(document,
	    "How an application takes its stamps from the host's clock is not seen here.");
}
