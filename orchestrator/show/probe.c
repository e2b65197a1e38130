#include "orchestrator/show/probe.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/duration.h"
#include "common/shown.h"
#include "orchestrator/cli/colour.h"
#include "orchestrator/cli/fill.h"
#include "orchestrator/cli/table.h"
#include "orchestrator/probe/replace.h"

#include <stdio.h>
#include <string.h>

#define LINE_MOST 10000 /* elsewhere than on a terminal no line is broken */

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
		if (view->best.leap != NTP_LEAP_NONE) {
			snprintf(cells[COLUMN_LEAP], TABLE_CELL_BYTES, "%s",
			    probe_leap(view->best.leap));
		}
	}
}

static void
print_table(const struct probe_shown *shown, bool colour)
{
	static const char *const heads[] = { "UPSTREAM", "ADDRESS", "STRATUM", "REFERENCE",
		"OFFSET", "DISTANCE", "LEAP", "NTS", "WORTH", NULL };
	static const size_t spare[] = { COLUMN_LEAP, COLUMN_REFERENCE, COLUMN_ADDRESS,
		COLUMN_DISTANCE, COLUMN_NTS, COLUMN_STRATUM };
	struct table table = { .heads = heads,
		.columns = COUNT(heads) - 1,
		.state_column = COLUMN_WORTH,
		.spare = spare,
		.spare_count = COUNT(spare) };

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
add_rule(struct buf *line, const struct probe_finding *finding)
{
	if (finding->because) {
		buf_printf(line, " [%s, accepted: %s]", finding->rule->id, finding->because);
	} else {
		buf_printf(line, " [%s]", finding->rule->id);
	}
}

/* Print @line, in lines of the terminal's width, and empty it. */
static void
print_line(struct buf *line, unsigned indent)
{
	printf("%*s", (int)indent, "");
	fill_paragraph(buf_str(line), line->len, indent, fill_width(stdout, LINE_MOST), stdout);
	buf_reset(line);
}

/* "maple (192.0.2.1)" */
static void
add_name(struct buf *line, const struct probe_view *view)
{
	buf_printf(line, "%s (%s)", view->upstream->name,
	    view->target.address[0] ? view->target.address : view->address->text);
}

static void
print_one(const struct probe_shown *shown, const struct probe_view *view, struct buf *line)
{
	const struct probe_finding *finding = finding_of(shown, view);

	add_name(line, view);
	buf_printf(line, ": %s", view->words);
	if (finding) {
		add_rule(line, finding);
	}
	print_line(line, 2);
}

/* Those that are worth so much, and what to do. */
static void
print_group(const struct probe_shown *shown, enum source_worth worth, const char *remedy,
    const char *tint, struct buf *line)
{
	bool first = true;

	for (size_t i = 0; i < shown->count; i++) {
		const struct probe_view *view = &shown->views[i];

		if (view->worth == worth && view->words[0]) {
			if (first) {
				printf("%s%s%s:\n", tint, source_worth_name(worth),
				    *tint ? COLOUR_NONE : "");
			}
			first = false;
			print_one(shown, view, line);
		}
	}
	if (!first && remedy) {
		buf_printf(line, "remedy: %s", remedy);
		print_line(line, 2);
	}
}

/* What is to be told of NTS of those whose worth does not tell it. */
static void
print_nts(const struct probe_shown *shown, struct buf *line)
{
	for (size_t i = 0; i < shown->count; i++) {
		const struct probe_view *view = &shown->views[i];

		if (view->nts.words[0] && view->worth != WORTH_NTS_BROKEN) {
			add_name(line, view);
			buf_printf(line, ": %s", view->nts.words);
			print_line(line, 0);
		}
	}
}

static void
print_instead(const struct probe_shown *shown, struct buf *line)
{
	char words[PROBE_WORDS_BYTES];
	bool first = true;

	for (size_t i = 0; i < shown->count; i++) {
		const struct probe_view *view = &shown->views[i];

		if (view->instead) {
			if (first) {
				buf_text(line,
				    "in their place, open to all by their operators' "
				    "terms (read them first):");
				print_line(line, 0);
			}
			first = false;
			buf_printf(
			    line, "%s: %s", view->upstream->name, probe_instead_words(view, words));
			print_line(line, 2);
		}
	}
}

/* Findings about more than what one upstream is worth. */
static void
print_findings(const struct probe_shown *shown, struct buf *line)
{
	for (size_t i = 0; i < shown->finding_count; i++) {
		const struct probe_finding *finding = &shown->findings[i];
		bool told = false;

		for (size_t k = 0; k < shown->count; k++) {
			told |= finding->text == shown->views[k].words;
		}
		if (!told) {
			buf_printf(line, "%s: %s", finding->on, finding->text);
			add_rule(line, finding);
			print_line(line, 0);
		}
	}
}

/* Sources that one daemon would follow and the other would not. */
static void
print_difference(const struct probe_shown *shown, struct buf *line)
{
	for (size_t i = 0; i < shown->count; i++) {
		const struct probe_view *view = &shown->views[i];
		bool chrony = view->states[PROBE_CHRONY] > SELECT_FALSETICKER;
		bool ntpd = view->states[PROBE_NTPD] > SELECT_FALSETICKER;

		if (view->votes && chrony != ntpd) {
			buf_printf(line, "%s: %s would believe it, and %s would not",
			    view->upstream->name, chrony ? "chrony" : "ntpd and NTPsec",
			    chrony ? "ntpd and NTPsec" : "chrony");
			print_line(line, 0);
		}
	}
}

static void
print_sum(const struct probe_shown *shown, struct buf *line)
{
	const struct probe_sum *sum = shown->sum;
	const struct select_result *result = &sum->results[PROBE_NTPD];
	const char *whose = shown->from ? shown->from : "this machine";
	char offset[DURATION_TEXT_BYTES], error[DURATION_TEXT_BYTES];

	if (sum->voters == 0) {
		buf_printf(line, "Nobody tells the time: see to the network of %s first.", whose);
	} else if (!result->majority) {
		buf_printf(line, "%u answer%s, and no majority agrees.", sum->voters,
		    sum->voters == 1 ? "s" : "");
	} else {
		buf_printf(line, "%u of %u agree: the clock of %s is %s %s, give or take %s.",
		    sum->agree, sum->voters, whose,
		    duration_text(duration_size_ns(result->offset_ns), offset),
		    result->offset_ns < 0 ? "ahead of them" : "behind them",
		    duration_text(result->error_ns, error));
	}
	print_line(line, 0);
}

/* What is wrong, the worst first. */
static void
print_words(const struct probe_shown *shown, bool brief, bool colour, struct buf *line)
{
	for (int i = SOURCE_WORTH_COUNT - 1; i >= 0; i--) {
		enum source_worth worth = (enum source_worth)i;

		print_group(shown, worth, brief ? NULL : source_worth_remedy(worth),
		    colour ? colour_of(worth) : "", line);
	}
	print_nts(shown, line);
	print_findings(shown, line);
	if (!brief) {
		print_instead(shown, line);
	}
}

void
probe_show(const struct probe_shown *shown, bool quiet, bool colour)
{
	struct buf line = { .limit_bytes = 4096 };
	char at[32];

	if (!quiet) {
		buf_printf(&line,
		    "%s: upstreams as seen from %s at %s (offset: source minus local)",
		    shown->topology->site, shown->from ? shown->from : "here",
		    clock_local_text(shown->real_ns, CLOCK_SECOND, at, sizeof(at)));
		print_line(&line, 0);
		putchar('\n');
		print_table(shown, colour);
		putchar('\n');
		print_sum(shown, &line);
		print_difference(shown, &line);
		putchar('\n');
	}
	print_words(shown, quiet || shown->again, colour, &line);
	buf_free(&line);
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
