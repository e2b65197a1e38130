/* One host: what it says of itself, its sources, its offset over time. */
#include "orchestrator/watch/parts.h"

#include <stdio.h>
#include <string.h>

#define REACH_POLLS 8
#define CURVE_ROWS_MIN 6

/* Its figures, a line each; returns the rows used. */
static int
draw_figures(struct screen *screen, const struct area *area, const struct watch_host *host,
    const struct watch_detail *detail)
{
	char offset[PARTS_NS_BYTES], bound[PARTS_NS_BYTES], age[PARTS_NS_BYTES];
	char stratum[24];
	int row = area->row, column = area->column, width = area->columns;

	screen_rune(screen, row, column, host->light, screen_shape(host->light));
	screen_printf(screen, row++, column + 2, width - 2, host->light, "%s: %s%s%s",
	    health_state_name(host->light), host->health, host->reason[0] ? ", " : "",
	    host->reason);
	screen_printf(screen, row++, column, width, LOOK_PLAIN,
	    "offset %s  bound %s  source %s  report %s ago", ns_words(&host->offset, true, offset),
	    ns_words(&host->bound, false, bound), host->source[0] ? host->source : "-",
	    age_words(&host->age, age));
	snprintf(stratum, sizeof(stratum), ", stratum %d", detail ? detail->stratum : -1);
	screen_printf(screen, row++, column, width, LOOK_PLAIN, "%s of %s, %s %s%s",
	    host->server ? "server" : "client", host->place, host->daemon,
	    detail ? detail->version : "", detail && detail->stratum >= 0 ? stratum : "");
	screen_printf(screen, row++, column, width, LOOK_PLAIN, "a restart would be: %s%s%s",
	    host->restart[0] ? host->restart : "not known",
	    detail && detail->reason_count > 0 ? ", because " : "",
	    detail && detail->reason_count > 0 ? detail->reasons[0] : "");
	if (detail && detail->proof[0]) {
		screen_printf(
		    screen, row++, column, width, LOOK_PLAIN, "last start: %s", detail->proof);
	}
	return row - area->row;
}

static void
draw_reach(struct screen *screen, int row, int column, unsigned reach)
{
	for (int i = 0; i < REACH_POLLS; i++) {
		bool heard = reach >> (REACH_POLLS - 1 - i) & 1;

		screen_rune(screen, row, column + i, heard ? LOOK_PLAIN : STATE_STALE,
		    heard ? 0x25cf : 0x25cb);
	}
}

/* Returns the rows used, with the line of heads. */
static int
draw_sources(struct screen *screen, const struct area *area, const struct watch_host *host)
{
	int row = area->row, end = area->column + area->columns;
	char words[PARTS_NS_BYTES];

	screen_put(screen, row++, area->column, area->columns, LOOK_DIM,
	    "  SOURCE             STATE          OFFSET     DELAY    REACH     HEARD   PROOF");
	if (host->source_count == 0) {
		screen_put(
		    screen, row++, area->column + 2, area->columns - 2, LOOK_DIM, "none told");
	}
	for (size_t i = 0; i < host->source_count && row < area->row + area->rows; i++, row++) {
		const struct watch_source *source = &host->sources[i];
		int at = area->column;

		if (row + 1 == area->row + area->rows && i + 1 < host->source_count) {
			screen_printf(screen, row, at, area->columns, LOOK_DIM,
			    "  and %zu more: a taller terminal shows them", host->source_count - i);
			continue;
		}
		screen_rune(screen, row, at, source->light, screen_shape(source->light));
		screen_put(screen, row, at + 2, 18, LOOK_PLAIN, source->name);
		screen_put(screen, row, at + 21, 11, source->light, source->state);
		screen_printf(screen, row, at + 32, 10, LOOK_PLAIN, "%10s",
		    ns_words(&source->offset, true, words));
		screen_printf(screen, row, at + 43, 9, LOOK_PLAIN, "%9s",
		    ns_words(&source->delay, false, words));
		draw_reach(screen, row, at + 54, source->reach);
		screen_printf(
		    screen, row, at + 63, 6, LOOK_PLAIN, "%6s", age_words(&source->age, words));
		screen_put(screen, row, at + 71, end - at - 71, LOOK_PLAIN, source->auth);
	}
	return row - area->row;
}

void
draw_host(struct screen *screen, const struct area *area, const struct watch_view *view,
    const struct watch_state *state, const struct watch_host *host)
{
	struct area part = *area;
	const struct watch_detail *detail = view->detail;
	const struct watch_curve *curve = view->curve;
	char words[WATCH_NAME_BYTES + 64];
	int end = area->row + area->rows;

	if (!detail || !detail->host.name || strcmp(detail->host.name, host->name) != 0) {
		detail = NULL;
	}
	draw_section(screen, &part, host->name);
	part.row++;
	part.row += draw_figures(screen, &part, host, detail);
	draw_section(screen, &part, "its sources");
	part.row++;
	part.rows = end - part.row - CURVE_ROWS_MIN - 1;
	part.row += draw_sources(screen, &part, detail ? &detail->host : host);
	snprintf(words, sizeof(words), "offset, the last %s (+ -)", watch_span_name(state->span));
	draw_section(screen, &part, words);
	part.row++;
	part.rows = end - part.row;
	if (!curve || !curve->host || strcmp(curve->host, host->name) != 0) {
		screen_put(screen, part.row, part.column, part.columns, LOOK_DIM, "no history yet");
		return;
	}
	if (curve->latest_step[0]) {
		screen_printf(screen, part.row++, part.column, part.columns, STATE_BAD,
		    "latest step: %s", curve->latest_step);
		part.rows--;
	}
	draw_curve(screen, &part, curve);
}
