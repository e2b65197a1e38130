#include "orchestrator/show/probe.h"

#include "common/clock.h"
#include "common/duration.h"
#include "common/json_fields.h"
#include "common/shown.h"
#include "orchestrator/cli/colour.h"
#include "orchestrator/cli/table.h"
#include "orchestrator/probe/replace.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum column {
	COLUMN_NAME,
	COLUMN_ADDRESS,
	COLUMN_STRATUM,
	COLUMN_REFERENCE,
	COLUMN_OFFSET,
	COLUMN_DISTANCE,
	COLUMN_LEAP,
	COLUMN_NTS,
	COLUMN_WORTH,
};

static const char *
leap_word(int leap)
{
	return leap == NTP_LEAP_INSERT ? "insert" : leap == NTP_LEAP_DELETE ? "delete" : "none";
}

static const char *
colour_of(enum source_worth worth)
{
	if (worth == WORTH_GOOD) {
		return COLOUR_GREEN;
	}
	if (worth == WORTH_HELD) {
		return COLOUR_GREY;
	}
	return worth <= WORTH_UNDECIDED ? COLOUR_YELLOW : COLOUR_RED;
}

static void
put_nts(const struct probe_nts *nts, const struct upstream *upstream, char *cell)
{
	if (nts->state == NTS_UNTRIED && !upstream->nts) {
		snprintf(cell, TABLE_CELL_BYTES, "-");
	} else if (nts->state == NTS_GOOD && nts->dated) {
		snprintf(cell, TABLE_CELL_BYTES, "%s, %d day%s", nts_state_name(nts->state),
		    nts->days, nts->days == 1 ? "" : "s");
	} else {
		snprintf(cell, TABLE_CELL_BYTES, "%s", nts_state_name(nts->state));
	}
}

static void
add_view(struct table *table, const struct probe_view *view)
{
	char(*cells)[TABLE_CELL_BYTES] = table_add(table, colour_of(view->worth));
	char text[DURATION_TEXT_BYTES];

	for (size_t i = 0; i < table->columns; i++) {
		memcpy(cells[i], "-", 2);
	}
	shown_copy(cells[COLUMN_NAME], TABLE_CELL_BYTES, view->upstream->name);
	shown_copy(cells[COLUMN_ADDRESS], TABLE_CELL_BYTES,
	    view->target.address[0] ? view->target.address : view->address->text);
	put_nts(&view->nts, view->upstream, cells[COLUMN_NTS]);
	snprintf(cells[COLUMN_WORTH], TABLE_CELL_BYTES, "%s", source_worth_name(view->worth));
	if (view->answered) {
		snprintf(cells[COLUMN_STRATUM], TABLE_CELL_BYTES, "%u", view->best.stratum);
		probe_refid(&view->best, cells[COLUMN_REFERENCE]);
		snprintf(cells[COLUMN_OFFSET], TABLE_CELL_BYTES, "%s%s",
		    view->best.offset_ns > 0 ? "+" : "", duration_text(view->best.offset_ns, text));
		snprintf(cells[COLUMN_DISTANCE], TABLE_CELL_BYTES, "%s",
		    duration_text(view->distance_ns, text));
		snprintf(cells[COLUMN_LEAP], TABLE_CELL_BYTES, "%s", leap_word(view->best.leap));
	}
}

static void
print_table(const struct probe_shown *shown, bool colour)
{
	static const char *const heads[] = { "UPSTREAM", "ADDRESS", "STRATUM", "REFERENCE",
		"OFFSET", "DISTANCE", "LEAP", "NTS", "WORTH", NULL };
	struct table table = {
		.heads = heads, .columns = COUNT(heads) - 1, .state_column = COLUMN_WORTH
	};

	for (size_t i = 0; i < shown->count; i++) {
		add_view(&table, &shown->views[i]);
	}
	table_print(&table, colour);
	table_free(&table);
}

/* The finding that says what the worth of @view says. */
static const struct probe_finding *
finding_of(const struct probe_shown *shown, const struct probe_view *view)
{
	for (size_t i = 0; i < shown->finding_count; i++) {
		const struct probe_finding *finding = &shown->findings[i];

		if (finding->on == view->upstream->name && finding->text == view->words) {
			return finding;
		}
	}
	return NULL;
}

static void
print_finding(const struct probe_finding *finding)
{
	if (finding->because) {
		printf(" [%s, accepted: %s]", finding->rule->id, finding->because);
	} else {
		printf(" [%s]", finding->rule->id);
	}
}

/* What is wrong with each that is not good. */
static void
print_words(const struct probe_shown *shown)
{
	for (size_t i = 0; i < shown->count; i++) {
		const struct probe_view *view = &shown->views[i];
		const struct probe_finding *finding = finding_of(shown, view);
		char instead[PROBE_WORDS_BYTES];

		if (view->words[0] == '\0') {
			continue;
		}
		printf("%s (%s): %s: %s", view->upstream->name,
		    view->target.address[0] ? view->target.address : view->address->text,
		    source_worth_name(view->worth), view->words);
		if (finding) {
			print_finding(finding);
		}
		putchar('\n');
		if (view->nts.state > NTS_GOOD && view->worth != WORTH_NTS_BROKEN) {
			printf("  %s\n", view->nts.words);
		}
		if (view->instead) {
			printf("  replace it: %s\n", probe_instead_words(view, instead));
		}
	}
}

/* What to do, once for each kind of trouble. */
static void
print_remedies(const struct probe_shown *shown)
{
	bool seen[WORTH_SILENT + 1] = { false };

	for (size_t i = 0; i < shown->count; i++) {
		seen[shown->views[i].worth] = true;
	}
	for (int worth = 0; worth <= WORTH_SILENT; worth++) {
		const char *remedy = source_worth_remedy((enum source_worth)worth);

		if (seen[worth] && remedy) {
			printf("  remedy for %s: %s\n", source_worth_name((enum source_worth)worth),
			    remedy);
		}
	}
}

/* Findings about more than what one upstream is worth. */
static void
print_findings(const struct probe_shown *shown)
{
	for (size_t i = 0; i < shown->finding_count; i++) {
		const struct probe_finding *finding = &shown->findings[i];
		bool told = false;

		for (size_t k = 0; k < shown->count; k++) {
			told |= finding->text == shown->views[k].words;
		}
		if (!told) {
			printf("%s: %s", finding->on, finding->text);
			print_finding(finding);
			putchar('\n');
		}
	}
}

/* Sources that one daemon would follow and the other would not. */
static void
print_difference(const struct probe_shown *shown)
{
	for (size_t i = 0; i < shown->count; i++) {
		const struct probe_view *view = &shown->views[i];
		bool chrony = view->states[PROBE_CHRONY] > SELECT_FALSETICKER;
		bool ntpd = view->states[PROBE_NTPD] > SELECT_FALSETICKER;

		if (view->votes && chrony != ntpd) {
			printf("%s: %s would believe it, and %s would not\n", view->upstream->name,
			    chrony ? "chrony" : "ntpd and NTPsec",
			    chrony ? "ntpd and NTPsec" : "chrony");
		}
	}
}

static void
print_sum(const struct probe_shown *shown)
{
	const struct probe_sum *sum = shown->sum;
	const struct select_result *result = &sum->results[PROBE_NTPD];
	char offset[DURATION_TEXT_BYTES], error[DURATION_TEXT_BYTES];

	if (sum->voters == 0) {
		puts("Nobody answers.");
	} else if (!result->majority) {
		printf("%u answer%s, and no majority agrees.\n", sum->voters,
		    sum->voters == 1 ? "s" : "");
	} else {
		printf("%u of %u agree: the clock of %s is %s %s, give or take %s.\n", sum->agree,
		    sum->voters, shown->from ? shown->from : "this machine",
		    duration_text(duration_size_ns(result->offset_ns), offset),
		    result->offset_ns < 0 ? "ahead of them" : "behind them",
		    duration_text(result->error_ns, error));
	}
}

void
probe_show(const struct probe_shown *shown, bool quiet, bool colour)
{
	char at[32];

	if (!quiet) {
		printf("%s: upstreams as seen from %s at %s (offset: source minus local)\n\n",
		    shown->topology->site, shown->from ? shown->from : "here",
		    clock_local_text(shown->real_ns, CLOCK_SECOND, at, sizeof(at)));
		print_table(shown, colour);
		putchar('\n');
	}
	print_words(shown);
	print_findings(shown);
	if (!quiet) {
		print_remedies(shown);
		print_difference(shown);
		print_sum(shown);
	}
}

bool
probe_is_bad(const struct probe_shown *shown)
{
	bool bad = false;

	for (size_t i = 0; i < shown->count; i++) {
		const struct probe_finding *finding = finding_of(shown, &shown->views[i]);

		bad |= source_worth_is_bad(shown->views[i].worth) && !(finding && finding->because);
	}
	for (size_t i = 0; i < shown->finding_count; i++) {
		bad |= !shown->findings[i].because &&
		    shown->findings[i].rule->severity >= SEVERITY_WARNING;
	}
	return bad;
}

/* --- JSON --- */

static const char *
state_word(enum select_state state)
{
	static const char *const words[] = {
		[SELECT_UNFIT] = "no vote",
		[SELECT_FALSETICKER] = "falseticker",
		[SELECT_OUTLIER] = "outlier",
		[SELECT_SURVIVOR] = "survivor",
		[SELECT_PEER] = "selected",
	};

	return words[state];
}

static const char *const rules_names[] = {
	[PROBE_RFC5905] = "rfc5905",
	[PROBE_NTPD] = "ntpd",
	[PROBE_CHRONY] = "chrony",
};

static void
set_text(json_t *json, const char *name, const char *text)
{
	json_object_set_new(json, name, fields_text(text));
}

static void
set_number(json_t *json, const char *name, int64_t number)
{
	json_object_set_new(json, name, json_integer(number));
}

static json_t *
nts_json(const struct probe_nts *nts)
{
	json_t *json = json_object();

	json_object_set_new(json, "good", json_boolean(nts->state == NTS_GOOD));
	set_text(json, "state", nts_state_name(nts->state));
	if (nts->words[0]) {
		set_text(json, "words", nts->words);
	}
	if (nts->dated) {
		set_number(json, "certificate_days", nts->days);
	}
	if (nts->state == NTS_GOOD) {
		set_number(json, "cookies", nts->cookies);
	}
	if (nts->server[0]) {
		set_text(json, "server", nts->server);
	}
	if (nts->port > 0) {
		set_number(json, "port", nts->port);
	}
	return json;
}

static void
set_sample(json_t *json, const struct probe_view *view)
{
	json_t *selection = json_object();
	char refid[16];

	set_number(json, "stratum", view->best.stratum);
	set_text(json, "reference", probe_refid(&view->best, refid));
	set_number(json, "offset_ns", view->best.offset_ns);
	set_number(json, "jitter_ns", view->jitter_ns);
	set_number(json, "delay_ns", view->best.delay_ns);
	set_number(json, "root_distance_ns", view->distance_ns);
	set_text(json, "leap", leap_word(view->best.leap));
	for (int who = 0; who < PROBE_RULES; who++) {
		set_text(selection, rules_names[who], state_word(view->states[who]));
	}
	json_object_set_new(json, "selection", selection);
}

static json_t *
view_json(const struct probe_view *view)
{
	const struct measure_target *target = &view->target;
	json_t *json = json_object();

	set_text(json, "name", view->upstream->name);
	set_text(json, "asked", view->address->text);
	if (target->address[0]) {
		set_text(json, "address", target->address);
	}
	set_text(json, "worth", source_worth_name(view->worth));
	if (view->words[0]) {
		set_text(json, "words", view->words);
	}
	set_number(json, "sent", target->sent);
	set_number(json, "answered", target->answered);
	if (target->bogus > 0) {
		set_number(json, "bogus", target->bogus);
	}
	if (target->kiss[0]) {
		set_text(json, "kiss", target->kiss);
	}
	if (view->twin) {
		set_text(json, "twin", view->twin->upstream->name);
	}
	if (view->instead) {
		set_text(json, "instead", view->instead_name);
	}
	if (view->answered) {
		set_sample(json, view);
	}
	if (view->nts.state != NTS_UNTRIED) {
		json_object_set_new(json, "nts", nts_json(&view->nts));
	}
	return json;
}

static json_t *
result_json(const struct probe_shown *shown, enum probe_rules who)
{
	const struct select_result *result = &shown->sum->results[who];
	json_t *json = json_object();

	json_object_set_new(json, "majority", json_boolean(result->majority));
	if (result->majority) {
		set_number(json, "offset_ns", result->offset_ns);
		set_number(json, "error_ns", result->error_ns);
	}
	if (result->synced) {
		set_text(json, "selected", shown->views[result->peer].upstream->name);
	}
	return json;
}

static json_t *
finding_json(const struct probe_finding *finding)
{
	json_t *json = json_object();

	set_text(json, "rule", finding->rule->id);
	set_text(json, "number", finding->rule->number);
	set_text(json, "on", finding->on);
	set_text(json, "text", finding->text);
	if (finding->because) {
		set_text(json, "accepted", finding->because);
	}
	return json;
}

json_t *
probe_json(const struct probe_shown *shown)
{
	json_t *json = json_object(), *list = json_array(), *findings = json_array();
	json_t *selection = json_object();
	char at[CLOCK_TEXT_BYTES];

	set_text(json, "site", shown->topology->site);
	if (shown->from) {
		set_text(json, "from", shown->from);
	}
	set_text(json, "asked_at", clock_text(shown->real_ns, at));
	for (size_t i = 0; i < shown->count; i++) {
		json_array_append_new(list, view_json(&shown->views[i]));
	}
	for (int who = 0; who < PROBE_RULES; who++) {
		json_object_set_new(
		    selection, rules_names[who], result_json(shown, (enum probe_rules)who));
	}
	for (size_t i = 0; i < shown->finding_count; i++) {
		json_array_append_new(findings, finding_json(&shown->findings[i]));
	}
	json_object_set_new(json, "upstreams", list);
	json_object_set_new(json, "selection", selection);
	json_object_set_new(json, "findings", findings);
	json_object_set_new(json, "bad", json_boolean(probe_is_bad(shown)));
	return json;
}
