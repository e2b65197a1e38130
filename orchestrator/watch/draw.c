#include "orchestrator/watch/draw.h"

#include <stdio.h>
#include <string.h>

#define SIDE_COLUMNS 150  /* from so many on, the chosen host stands beside the others */
#define CONDITION_ROWS 34 /* from so many on, conditions stand below the hosts */
#define INDENT 2

static const struct watch_host *
side_host(int columns, const struct watch_view *view, const struct watch_state *state)
{
	return state->page == PAGE_HOST || state->page == PAGE_RESTART ||
		(state->page == PAGE_FLEET && columns >= SIDE_COLUMNS)
	    ? watch_state_chosen(state, view->fleet)
	    : NULL;
}

const char *
draw_wants(int columns, const struct watch_view *view, const struct watch_state *state)
{
	const struct watch_host *host = side_host(columns, view, state);

	return host ? host->name : NULL;
}

/* The lowest line: what can be typed here. */
static void
draw_keys(struct screen *screen, const struct watch_state *state)
{
	static const char *const keys[] = {
		[PAGE_FLEET] =
		    "Enter open  / filter  s sort  c conditions  r restart?  ? help  q quit",
		[PAGE_HOST] =
		    "Esc back  j k next host  + - span of time  r restart?  ? help  q quit",
		[PAGE_CONDITIONS] = "Esc back  j k scroll  ? help  q quit",
		[PAGE_RESTART] = "Esc back  q quit",
		[PAGE_HELP] = "Esc back  q quit",
	};
	int row = screen->rows - 1;

	if (state->typing) {
		screen_printf(screen, row, 0, screen->columns, LOOK_BOLD,
		    "filter: %s_   (Enter keeps it, Esc takes it away)", state->filter);
		return;
	}
	screen_put(screen, row, 0, screen->columns, LOOK_DIM, keys[state->page]);
}

static void
draw_fleet(struct screen *screen, const struct watch_view *view, struct watch_state *state, int row)
{
	const struct watch_host *side = side_host(screen->columns, view, state),
				*chosen = watch_state_chosen(state, view->fleet);
	int end = screen->rows - 2, columns = side ? screen->columns * 3 / 5 : screen->columns;
	struct area area = { row, 0, end - row, columns };
	char words[256];

	if (side) {
		struct area right = { row, columns + 1, end - row + 1,
			screen->columns - columns - 1 };

		draw_host(screen, &right, view, state, side);
	}
	draw_section(screen, &area, "who gives time to whom");
	area.row++;
	area.rows = screen->rows / 5 + 1;
	area.row += draw_map(screen, &area, view->fleet);
	if (screen->rows >= CONDITION_ROWS) {
		size_t count = view->fleet->condition_count, most = (size_t)screen->rows / 6;
		struct area lower = { 0, 0, (int)(count < most ? count : most) + 1, columns };

		end -= lower.rows;
		lower.row = end;
		snprintf(
		    words, sizeof(words), "what is wrong now: %zu", view->fleet->condition_total);
		draw_section(screen, &lower, words);
		lower.row++;
		lower.rows--;
		draw_conditions(screen, &lower, view->fleet, 0);
	}
	snprintf(words, sizeof(words), "%zu of %zu hosts, %s%s%s", state->order_count,
	    view->fleet->host_count, watch_sort_name(state->sort),
	    state->filter[0] ? ", filter: " : "", state->filter);
	draw_section(screen, &area, words);
	area.row++;
	area.rows = end - area.row;
	draw_hosts(screen, &area, view->fleet, state);
	if (chosen && chosen->reason[0]) {
		screen_printf(screen, screen->rows - 2, 0, columns, chosen->light, "%s: %s",
		    chosen->name, chosen->reason);
	}
}

/* What a restart would do, why, and what to type: nothing is restarted from here. */
static void
draw_restart(
    struct screen *screen, const struct watch_view *view, const struct watch_state *state, int row)
{
	const struct watch_detail *detail = view->detail;
	const char *name = state->chosen;
	bool told = detail && detail->host.name && strcmp(detail->host.name, name) == 0;
	int width = screen->columns - INDENT;
	struct area area = { row, 0, 1, screen->columns };
	char words[WATCH_NAME_BYTES + 64], amount[PARTS_NS_BYTES];

	snprintf(words, sizeof(words), "may the daemon of %s be restarted?", name);
	draw_section(screen, &area, words);
	row += 2;
	if (!told || !detail->host.restart[0]) {
		screen_put(screen, row, INDENT, width, STATE_UNKNOWN,
		    "Not known now: the host has not told what a restart would do.");
		row += 2;
	} else {
		bool safe = strcmp(detail->host.restart, "safe") == 0;

		screen_printf(screen, row, INDENT, width, safe ? STATE_GOOD : STATE_BAD,
		    "verdict: %s%s%s", detail->host.restart,
		    detail->amount.known && detail->amount.ns != 0 ? ", by " : "",
		    detail->amount.known && detail->amount.ns != 0
			? ns_words(&detail->amount, true, amount)
			: "");
		row++;
		for (size_t i = 0; i < detail->reason_count && row < screen->rows - 7; i++) {
			screen_printf(screen, row++, INDENT + 2, width - 2, LOOK_PLAIN,
			    "because %s", detail->reasons[i]);
		}
		row++;
	}
	screen_put(screen, row++, INDENT, width, LOOK_PLAIN,
	    "Nothing is restarted from this screen. To do it, type in a shell:");
	row++;
	screen_printf(screen, row++, INDENT + 2, width - 2, LOOK_BOLD, "timetier restart %s", name);
	row++;
	screen_put(screen, row, INDENT, width, LOOK_DIM,
	    "It asks the host anew, and refuses where the clock would be stepped.");
}

static void
draw_help(struct screen *screen, int row)
{
	static const char *const lines[] = {
		"Up Down j k    choose a host        PgUp PgDn Home End g G   farther",
		"Enter          open it: sources, offset over time, verdict",
		"Esc            back; on the first page: without filter",
		"/              filter by any word of a line: name, tier, state, source",
		"s S            sort in another way, and back",
		"c              all that is wrong now, worst first",
		"r              what a restart would do; it restarts nothing",
		"+ -            a longer or shorter time in the curve",
		"Ctrl-L         draw the screen anew         q   quit",
		"",
		"An offset is source minus local: positive means the clock is behind.",
		"The bound is how far the clock can be from true time at most.",
		"Reach are the last eight polls of a source, the latest at the right.",
	};
	struct area area = { row, 0, 1, screen->columns };

	draw_section(screen, &area, "keys and words");
	row++;
	for (size_t i = 0; i < COUNT(lines); i++) {
		screen_put(screen, row++, INDENT, screen->columns - INDENT, LOOK_PLAIN, lines[i]);
	}
	for (int i = 0, column = INDENT; i < STATE_COUNT; i++) {
		screen_rune(screen, row, column, (unsigned)i, screen_shape((enum health_state)i));
		column += 4 +
		    screen_put(screen, row, column + 2, 10, LOOK_PLAIN,
			health_state_name((enum health_state)i));
	}
}

static void
draw_page(struct screen *screen, const struct watch_view *view, struct watch_state *state, int row)
{
	const struct watch_host *host = watch_state_chosen(state, view->fleet);
	struct area area = { row, 0, screen->rows - 1 - row, screen->columns };

	switch (state->page) {
	case PAGE_FLEET:
		draw_fleet(screen, view, state, row);
		break;
	case PAGE_HOST:
		if (host) {
			draw_host(screen, &area, view, state, host);
		} else {
			screen_printf(screen, row, 0, screen->columns, STATE_UNKNOWN,
			    "%s is in the site no more", state->chosen);
		}
		break;
	case PAGE_CONDITIONS:
		draw_section(screen, &area, "what is wrong now, worst first");
		area.row++;
		area.rows--;
		state->page_rows = (size_t)area.rows;
		draw_conditions(screen, &area, view->fleet, state->first_condition);
		break;
	case PAGE_RESTART:
		draw_restart(screen, view, state, row);
		break;
	case PAGE_HELP:
		draw_help(screen, row);
		break;
	}
}

void
draw_screen(struct screen *screen, const struct watch_view *view, struct watch_state *state)
{
	if (screen->rows < WATCH_ROWS_MIN || screen->columns < WATCH_COLUMNS_MIN) {
		screen_printf(screen, 0, 0, screen->columns, LOOK_BOLD,
		    "%dx%d is too small: %dx%d is needed", screen->columns, screen->rows,
		    WATCH_COLUMNS_MIN, WATCH_ROWS_MIN);
		screen_put(screen, 1, 0, screen->columns, LOOK_PLAIN,
		    "timetier status --once needs less; q quits");
		return;
	}
	draw_page(screen, view, state, draw_headline(screen, view, state));
	draw_keys(screen, state);
}
