/* The sections of what is open, what is accepted, and what the service costs. */
#include "orchestrator/review/cost.h"
#include "orchestrator/review/review.h"

#include "common/clock.h"
#include "orchestrator/lint/lint.h"

#include <string.h>

#define FINDINGS_SHOWN 200

static enum paint
paint_of(enum severity severity)
{
	return severity == SEVERITY_ERROR  ? PAINT_BAD
	    : severity == SEVERITY_WARNING ? PAINT_WARN
					   : PAINT_QUIET;
}

/* The first sentence of why the rule is one. */
static void
add_why(struct document *document, const struct lint_rule *rule)
{
	const char *why = rule && rule->why ? rule->why : "", *end = strstr(why, ". ");

	document_cell(
	    document, PAINT_NONE, "%.*s", end ? (int)(end + 1 - why) : (int)strlen(why), why);
}

/* Until when the site accepts @diag: the day, or that there is no end. */
static const char *
until_of(struct document *document, const struct topology *topology, const struct diag *diag)
{
	char day[CLOCK_DAY_BYTES];

	for (size_t i = 0; i < topology->accept_count; i++) {
		const struct accept *accept = &topology->accepts[i];
		const struct lint_rule *rule = lint_rule_find(accept->rule, NULL);

		if (rule && strcmp(rule->id, diag->rule) == 0 &&
		    strcmp(accept->because, diag->accepted) == 0 && accept->until_ns > 0) {
			return arena_strdup(
			    document->arena, clock_day(accept->until_ns - NS_PER_S, day));
		}
	}
	return "no end is set";
}

static void
add_open(const struct diags *diags, struct document *document)
{
	static const char *const columns[] = { "Severity", "What", "If nobody acts", "Remedy",
		"Rule", NULL };
	size_t shown = 0;

	for (size_t i = 0; i < diags->count && shown < FINDINGS_SHOWN; i++) {
		const struct diag *diag = &diags->list[i];
		const struct lint_rule *rule = lint_rule_find(diag->rule, NULL);

		if (diag->accepted) {
			continue;
		}
		if (shown++ == 0) {
			document_table(document, columns);
		}
		document_row(document);
		document_cell(
		    document, paint_of(diag->severity), "%s", severity_name(diag->severity));
		document_cell(document, PAINT_NONE, "%s", diag->text);
		add_why(document, rule);
		document_cell(document, PAINT_NONE, "%s", rule ? rule->remedy : "");
		document_cell(document, PAINT_QUIET, "%s", rule ? rule->number : diag->rule);
	}
	if (shown == 0) {
		document_say(document, "Nothing is open.");
	}
	if (diags->dropped > 0) {
		document_say(document, "And %zu more.", diags->dropped);
	}
}

static void
add_accepted(const struct diags *diags, const struct topology *topology, struct document *document)
{
	static const char *const columns[] = { "Accepted", "Because", "Until", "Rule", NULL };
	bool any = false;

	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->list[i];
		const struct lint_rule *rule = lint_rule_find(diag->rule, NULL);

		if (!diag->accepted) {
			continue;
		}
		if (!any) {
			document_say(document,
			    "Known, and accepted by whoever answers for the site. By "
			    "whom, the reason says, or the history of the site's file:");
			document_table(document, columns);
		}
		any = true;
		document_row(document);
		document_cell(document, PAINT_NONE, "%s", diag->text);
		document_cell(document, PAINT_NONE, "%s", diag->accepted);
		document_cell(document, PAINT_NONE, "%s", until_of(document, topology, diag));
		document_cell(document, PAINT_QUIET, "%s", rule ? rule->number : diag->rule);
	}
}

void
review_findings(const struct review *review, struct document *document)
{
	document_section(document, "findings", "Findings");
	document_say(document,
	    "Every rule has its source: a standard, an operator's terms, or an incident. `timetier "
	    "rules NUMBER` tells it.");
	add_open(review->diags, document);
	add_accepted(review->diags, review->topology, document);
}

/* A rate of bits in the unit that keeps it short. */
static const char *
bit_words(struct document *document, double bit_s)
{
	return bit_s >= 1e6 ? arena_printf(document->arena, "%.1f Mbit/s", bit_s / 1e6)
	    : bit_s >= 1e3  ? arena_printf(document->arena, "%.1f kbit/s", bit_s / 1e3)
			    : arena_printf(document->arena, "%.0f bit/s", bit_s);
}

static void
add_flow(struct document *document, const char *when, const struct cost_flow *flow)
{
	document_row(document);
	document_cell(document, PAINT_NONE, "%s", when);
	document_number(document, flow->packets_s < 10 ? "%.2f" : "%.0f", flow->packets_s);
	document_number(document, "%s", bit_words(document, flow->bit_s));
}

/* All who take time from the servers of the site: each group asks each of its sources. */
static struct cost_input
askers(const struct topology *topology)
{
	struct cost_input input = { .clients = 0 };
	double pairs = 0;

	for (size_t i = 0; i < topology->group_count; i++) {
		const struct client_group *group = &topology->groups[i];

		input.clients += group->host_count;
		pairs += (double)group->host_count * (double)group->sources.count;
	}
	input.servers_each = input.clients > 0 ? pairs / (double)input.clients : 0;
	return input;
}

void
review_traffic(const struct review *review, struct document *document)
{
	static const char *const columns[] = { "When", "Questions a second", "Each way", NULL };
	struct cost_input input = askers(review->topology);
	struct cost cost;

	document_section(document, "traffic", "Traffic and cost");
	cost_of(&input, &cost);
	document_say(document,
	    "%llu declared hosts ask %.1f servers each. A question and its answer are %d bytes "
	    "each, in "
	    "their Ethernet frames; there are as many answers as questions.",
	    (unsigned long long)input.clients, input.servers_each, COST_FRAME_BYTES);
	document_table(document, columns);
	add_flow(document, "now, settled: each asks every 1024 s", &cost.settled);
	add_flow(document, "after a power cut, the first 16 s: all start at once", &cost.start);
	add_flow(document, "after that, until settled: each asks every 64 s", &cost.unsettled);
	document_say(document,
	    "In %d days the answers are %.2f GB when all are settled, and %.2f GB when none ever "
	    "is.",
	    COST_DAYS, cost.gb_month, cost.gb_month_most);
	if (review->price_gb > 0) {
		document_say(document,
		    "If all of it were billed at %.3g USD a GB, that is %.2f to %.2f USD in %d "
		    "days; "
		    "traffic inside the site usually is not billed at all.",
		    review->price_gb, cost.gb_month * review->price_gb,
		    cost.gb_month_most * review->price_gb, COST_DAYS);
	} else {
		document_say(
		    document, "`--price USD` says what a GB costs, and this says the sum.");
	}
	document_say(document,
	    "Hosts that are not declared, and strangers where a server is open to all, come on "
	    "top; "
	    "`timetier clients` counts them.");
}
