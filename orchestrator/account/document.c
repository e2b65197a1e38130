/* The account as a document: its sections. */
#include "orchestrator/account/view.h"

#include "common/duration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOSTS_SHOWN 1000 /* the worst; CSV and JSON have all */
#define PLURAL(count) ((count) == 1 ? "" : "s")

static int
worst_first(const void *a, const void *b)
{
	const struct account_host *first = *(const struct account_host *const *)a;
	const struct account_host *second = *(const struct account_host *const *)b;
	const int64_t *x = first->tally.whole.ns, *y = second->tally.whole.ns;
	static const enum standing order[] = { STANDING_BEYOND, STANDING_UNPROVEN, STANDING_GAP };

	for (size_t i = 0; i < COUNT(order); i++) {
		if (x[order[i]] != y[order[i]]) {
			return x[order[i]] > y[order[i]] ? -1 : 1;
		}
	}
	return strcmp(first->name, second->name);
}

/* What is not good stands out where there is any. */
static void
percent_cell(struct document *document, const struct share *share, enum standing standing)
{
	static const enum paint paints[STANDING_COUNT] = {
		[STANDING_WITHIN] = PAINT_NONE,
		[STANDING_UNPROVEN] = PAINT_WARN,
		[STANDING_BEYOND] = PAINT_BAD,
		[STANDING_GAP] = PAINT_WARN,
	};
	char text[ACCOUNT_PERCENT_BYTES];

	document_painted(document, share->ns[standing] ? paints[standing] : PAINT_QUIET, "%s",
	    account_percent(share->ns[standing], share_total_ns(share), text));
}

/* A worst value, and when it was. */
static void
worst_cells(struct document *document, const struct worst *worst)
{
	char value[DURATION_TEXT_BYTES], when[CLOCK_TEXT_BYTES];

	document_painted(document, worst->known ? PAINT_NONE : PAINT_QUIET, "%s",
	    worst->known ? duration_text(worst->ns, value) : "not known");
	document_painted(document, PAINT_QUIET, "%s", account_moment(worst, when));
}

static void
verdict_call(const struct account_view *view)
{
	const struct share *whole = &view->account->whole;
	int64_t total = share_total_ns(whole);
	char part[STANDING_COUNT][ACCOUNT_PERCENT_BYTES];

	for (int i = 0; i < STANDING_COUNT; i++) {
		account_percent(whole->ns[i], total, part[i]);
	}
	if (view->account->host_count == 0) {
		document_call(view->document, PAINT_WARN, "Nothing is known of any host.");
	} else if (account_is_good(view->account)) {
		document_call(view->document, PAINT_GOOD,
		    "Every host was within its budget in all of this time, and no part of it is "
		    "unknown.");
	} else {
		document_call(view->document,
		    whole->ns[STANDING_BEYOND] > 0 ? PAINT_BAD : PAINT_WARN,
		    "Within the budget for %s of all hosts' time. Beyond it: %s. Not proven: %s. "
		    "Not known: %s.",
		    part[STANDING_WITHIN], part[STANDING_BEYOND], part[STANDING_UNPROVEN],
		    part[STANDING_GAP]);
	}
}

/* "1.2 ms at time1, 2026-11-22T05:00Z" */
static void
worst_row(struct document *document, const char *title, const struct worst *worst, const char *host)
{
	char value[DURATION_TEXT_BYTES], when[CLOCK_TEXT_BYTES];

	document_row(document);
	document_cell(document, PAINT_NONE, "%s", title);
	if (worst->known && host) {
		document_cell(document, PAINT_NONE, "%s on %s, %s", duration_text(worst->ns, value),
		    host, account_moment(worst, when));
	} else {
		document_cell(document, PAINT_QUIET, "not known");
	}
}

static void
add_summary(const struct account_view *view)
{
	static const char *const columns[] = { "What", "Value", NULL };
	const struct account *account = view->account;
	struct document *document = view->document;
	size_t good = 0, gaps = 0;
	int64_t longest_ns = 0;
	char length[ACCOUNT_PERCENT_BYTES];

	for (size_t i = 0; i < account->host_count; i++) {
		const struct tally *tally = &account->hosts[i].tally;

		good += tally->whole.ns[STANDING_WITHIN] == share_total_ns(&tally->whole);
		gaps += tally->gap_count;
		longest_ns =
		    tally->longest_gap_ns > longest_ns ? tally->longest_gap_ns : longest_ns;
	}
	document_section(document, "summary", "Summary");
	verdict_call(view);
	document_table(document, columns);
	document_row(document);
	document_cell(document, PAINT_NONE, "Hosts");
	document_cell(document, PAINT_NONE, "%zu, of which %zu within the budget all the time",
	    account->host_count, good);
	worst_row(document, "Worst offset", &account->whole.offset, account->worst_host);
	worst_row(
	    document, "Worst error bound", &account->whole.error_bound, account->worst_bound_host);
	document_row(document);
	document_cell(document, PAINT_NONE, "Clocks set (steps)");
	document_cell(
	    document, account->step_count ? PAINT_WARN : PAINT_NONE, "%zu", account->step_count);
	document_row(document);
	document_cell(document, PAINT_NONE, "Gaps");
	document_cell(document, gaps ? PAINT_WARN : PAINT_NONE,
	    gaps ? "%zu, the longest %s" : "%zu", gaps, account_length(longest_ns, length));
	document_row(document);
	document_cell(document, PAINT_NONE, "Runs that changed or were to change hosts");
	document_cell(document, PAINT_NONE, "%zu", account->run_count);
}

static void
limit_words(char *out, size_t size, int64_t limit_ns)
{
	char text[DURATION_TEXT_BYTES];

	snprintf(out, size, "%s", limit_ns == INT64_MAX ? "any" : duration_text(limit_ns, text));
}

/* The budgets of site.yaml, each once with the hosts that have it. */
static void
add_site_budgets(const struct account_view *view)
{
	static const char *const columns[] = { "Budget of", "Offset", "Error bound", NULL };
	const struct account *account = view->account;
	char offset[DURATION_TEXT_BYTES], bound[DURATION_TEXT_BYTES];
	const char *before[64];
	size_t shown = 0;

	document_table(view->document, columns);
	for (size_t i = 0; i < account->host_count && shown < COUNT(before); i++) {
		const struct account_host *host = &account->hosts[i];
		const char *group = host->group ? host->group : "hosts that left site.yaml";
		size_t at = 0;

		while (at < shown && strcmp(before[at], group) != 0) {
			at++;
		}
		if (at < shown) {
			continue;
		}
		before[shown++] = group;
		limit_words(offset, sizeof(offset), host->tally.budget.offset_ns);
		limit_words(bound, sizeof(bound), host->tally.budget.error_bound_ns);
		document_row(view->document);
		document_cell(view->document, PAINT_NONE, "%s", group);
		document_number(view->document, "%s", offset);
		document_number(view->document, "%s", bound);
	}
}

static void
add_budget(const struct account_view *view)
{
	const struct named_budget *named = view->account->named;
	struct document *document = view->document;

	document_section(document, "budget", "The budget");
	if (!named) {
		document_say(document,
		    "Each host is held to the budget that site.yaml gives it. `--budget` holds all "
		    "to a rule instead: `mifid-hft`, `mifid`, `finra`, `pci`.");
		add_site_budgets(view);
	} else {
		document_say(document, "%s.", named->title);
		document_say(document, "What it asks for: %s", named->asks);
		document_say(document, "Source: %s.", named->source);
		document_say(document, "What of it this report cannot show: %s", named->open);
	}
	document_say(document,
	    "Within: both the clock's offset from its sources and its error bound (|offset| + root "
	    "dispersion + root delay / 2, the most that it can be off from the upstreams' time) "
	    "are "
	    "within the budget. Not proven: the offset is, the bound is not. Beyond: the offset is "
	    "not. Not known: nobody reported for %d minutes or longer, or the daemon followed "
	    "nobody. Shares are of all time: what is not known is never counted as within.",
	    (int)(TALLY_GAP_NS / PAST_MINUTE_NS));
}

static void
add_days(const struct account_view *view)
{
	static const char *const columns[] = { "Day (UTC)", "Within", "Not proven", "Beyond",
		"Not known", "Worst offset", "When", "Host", NULL };
	const struct account *account = view->account;
	struct document *document = view->document;
	const char *words, *svg;
	char day[CLOCK_DAY_BYTES], last[CLOCK_DAY_BYTES];
	struct buf figure = { .limit_bytes = 0 };

	document_section(document, "days", "Day by day");
	svg = account_strip(account->days, account->day_count, document->arena, &words);
	clock_day(account->span.from_ns, day);
	clock_day(account->span.to_ns - 1, last);
	buf_text(&figure, svg);
	html_add(&figure,
	    "<figcaption><span>%s</span><span><i class=\"within\"></i>within <i "
	    "class=\"unproven\"></i>not proven <i class=\"beyond\"></i>beyond <i "
	    "class=\"gap\"></i>not known</span><span>%s</span></figcaption>",
	    day, last);
	document_figure(document, buf_str(&figure), words);
	buf_free(&figure);
	document_say(document,
	    "All hosts together, from below: within, not proven, not known, beyond. What there is "
	    "only little of is drawn larger, so that it is seen.");
	document_table(document, columns);
	for (size_t i = 0; i < account->day_count; i++) {
		const struct share *share = &account->days[i];

		document_row(document);
		document_cell(
		    document, PAINT_NONE, "%s", clock_day(span_day_ns(&account->span, i), day));
		percent_cell(document, share, STANDING_WITHIN);
		percent_cell(document, share, STANDING_UNPROVEN);
		percent_cell(document, share, STANDING_BEYOND);
		percent_cell(document, share, STANDING_GAP);
		worst_cells(document, &share->offset);
		document_cell(document, PAINT_NONE, "%s",
		    account->worst_of_day[i] ? account->worst_of_day[i] : "");
	}
}

static void
add_host(const struct account_view *view, const struct account_host *host)
{
	const struct share *whole = &host->tally.whole;
	struct document *document = view->document;
	enum paint paint = whole->ns[STANDING_BEYOND] > 0         ? PAINT_BAD
	    : whole->ns[STANDING_WITHIN] == share_total_ns(whole) ? PAINT_NONE
								  : PAINT_WARN;
	const char *words, *svg;

	svg = account_strip(host->tally.days, host->tally.day_count, document->arena, &words);
	document_row(document);
	document_cell(document, paint, "%s%s", host->name, host->asked ? " (asked)" : "");
	document_cell(document, PAINT_QUIET, "%s", host->group ? host->group : "left the site");
	document_picture(document, svg, words);
	percent_cell(document, whole, STANDING_WITHIN);
	percent_cell(document, whole, STANDING_UNPROVEN);
	percent_cell(document, whole, STANDING_BEYOND);
	percent_cell(document, whole, STANDING_GAP);
	document_painted(document, host->tally.gap_count ? PAINT_WARN : PAINT_QUIET, "%zu",
	    host->tally.gap_count);
	document_painted(
	    document, host->step_count ? PAINT_WARN : PAINT_QUIET, "%zu", host->step_count);
}

static void
add_worst(const struct account_view *view, size_t shown)
{
	static const char *const columns[] = { "Host", "Worst offset", "When", "Worst error bound",
		"When", NULL };

	document_section(view->document, "worst", "Worst moments");
	document_table(view->document, columns);
	for (size_t i = 0; i < shown; i++) {
		const struct share *whole = &view->worst[i]->tally.whole;

		document_row(view->document);
		document_cell(view->document, PAINT_NONE, "%s", view->worst[i]->name);
		worst_cells(view->document, &whole->offset);
		worst_cells(view->document, &whole->error_bound);
	}
}

static void
add_hosts(const struct account_view *view)
{
	static const char *const columns[] = { "Host", "Group", "Days", "Within", "Not proven",
		"Beyond", "Not known", "Gaps", "Steps", NULL };
	const struct account *account = view->account;
	size_t shown = account->host_count < HOSTS_SHOWN ? account->host_count : HOSTS_SHOWN;

	document_section(view->document, "hosts", "Host by host");
	if (shown < account->host_count) {
		document_say(view->document,
		    "The %zu of %zu hosts that were longest beyond their budget or unknown; the "
		    "CSV and JSON of this report have all of them.",
		    shown, account->host_count);
	} else {
		document_say(view->document, "The worst first.");
	}
	document_table(view->document, columns);
	for (size_t i = 0; i < shown; i++) {
		add_host(view, view->worst[i]);
	}
	add_worst(view, shown);
}

void
account_document(const struct account *account, struct document *document)
{
	char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES], made[CLOCK_TEXT_BYTES];
	struct account_view view = { .account = account, .document = document };

	view.worst = arena_alloc(document->arena, (account->host_count + 1) * sizeof(*view.worst));
	for (size_t i = 0; i < account->host_count; i++) {
		view.worst[i] = &account->hosts[i];
	}
	qsort(view.worst, account->host_count, sizeof(*view.worst), worst_first);
	document->title = arena_printf(document->arena, "The time of %s", account->site);
	document->subtitle = arena_printf(document->arena,
	    "%s to %s, UTC. %s%s%zu host%s. %s. Made %s by timetier %s.",
	    account_instant(account->span.from_ns, from), account_instant(account->span.to_ns, to),
	    account->chosen ? account->chosen : "", account->chosen ? ": " : "",
	    account->host_count, PLURAL(account->host_count),
	    account->named ? account->named->title : "Held to the budgets of site.yaml",
	    account_instant(account->made_ns, made), account->version);
	add_summary(&view);
	add_budget(&view);
	add_days(&view);
	add_hosts(&view);
	account_add_steps(&view);
	account_add_gaps(&view);
	account_add_sources(&view);
	account_add_runs(&view);
	account_add_limits(&view);
}
