/*
 * An account of the site's time over a span: what its hosts' clocks did, who led them, what was
 * changed, and what of it cannot be shown.  It is gathered from the collector's history and the
 * journal (gather.c), and written as a document, as CSV and as JSON, which do no I/O.
 */
#ifndef ORCHESTRATOR_ACCOUNT_ACCOUNT_H
#define ORCHESTRATOR_ACCOUNT_ACCOUNT_H

#include "common/clock.h"
#include "orchestrator/account/budgets.h"
#include "orchestrator/account/tally.h"
#include "orchestrator/document/document.h"
#include "orchestrator/journal/journal.h"

struct account_host {
	const char *name;
	const char *group; /* tier or client group; NULL: it is not in site.yaml any more */
	bool asked;        /* nobody logs in there: the collector asked it over the network */
	struct tally tally;
	const struct step_row **steps; /* oldest first */
	size_t step_count;
	struct followed *followed; /* the first holds from the span's start, or from its own time */
	size_t followed_count;
};

struct account {
	const char *site;
	struct span span;
	int64_t made_ns;
	const char *version;              /* of timetier */
	const struct named_budget *named; /* NULL: each host by the budget of site.yaml */
	const char *chosen;               /* words of --group: "core, web"; NULL: all hosts */
	struct account_host *hosts;
	size_t host_count;
	struct share whole; /* of all hosts */
	struct share *days; /* of all hosts */
	size_t day_count;
	const char **worst_of_day; /* the host of each day's worst offset; NULL: none */
	const char *worst_host, *worst_bound_host;
	struct step_row *steps;
	size_t step_count;        /* of the chosen hosts */
	struct journal_run *runs; /* within the span, oldest first */
	size_t run_count;
	bool runs_forgotten; /* the journal does not reach back to the span's start */
};

struct account_question {
	const struct topology *topology; /* sound; it outlives the account */
	const struct host *const *hosts; /* the chosen ones */
	size_t host_count;
	bool all; /* also hosts that the history has and site.yaml has not */
	struct span span;
	const struct named_budget *named;
};

/*
 * Read all that the account needs.
 *
 * @journal: NULL: there is none
 * @account: filled, also on failure; the caller ends it with account_done()
 */
int account_gather(const struct account_question *question, struct store *store,
    struct journal *journal, struct arena *arena, struct account *account,
    struct error *err) MUST_CHECK;

/* Sum up what the hosts' tallies say; account_gather() has done it. */
void account_sum(struct account *account, struct arena *arena);

void account_done(struct account *account);

/* Whether every host was within its budget all the time. */
bool account_is_good(const struct account *account);

/* Make the document, in document->arena. */
void account_document(const struct account *account, struct document *document);

/* RFC 4180, with a line for each day of each host, and one for the whole span. */
void account_csv(const struct account *account, struct buf *out);

/* One JSON object, ended by a newline. */
void account_json(const struct account *account, struct buf *out);

/* "2026-11-22T05:00:00Z"; returns @out. */
const char *account_instant(int64_t real_ns, char out[CLOCK_TEXT_BYTES]);

/* A moment as exactly as it is known: "2026-11-22T05Z" is in that hour; "" when it is not known. */
const char *account_moment(const struct worst *worst, char out[CLOCK_TEXT_BYTES]);

#define ACCOUNT_PERCENT_BYTES 24

/* "99.98 %"; "100 %" and "0 %" are exact, and what is nearly so is not rounded to them. */
const char *account_percent(int64_t part_ns, int64_t whole_ns, char out[ACCOUNT_PERCENT_BYTES]);

/* "2 d 03:04:05": lengths of gaps, whole seconds; returns @out. */
const char *account_length(int64_t ns, char out[ACCOUNT_PERCENT_BYTES]);

/* A picture of shares, one column for each day or few days; SVG; words for who cannot see it. */
const char *account_strip(
    const struct share *days, size_t count, struct arena *arena, const char **words);

#endif
