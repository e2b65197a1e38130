/* The table of hosts: as many columns as there is room for. */
#include "orchestrator/watch/parts.h"

#include <stdio.h>
#include <string.h>

enum column {
	COLUMN_STATE,
	COLUMN_HOST,
	COLUMN_OFFSET,
	COLUMN_BOUND,
	COLUMN_SOURCE,
	COLUMN_RESTART,
	COLUMN_AGE,
	COLUMN_PLACE,
	COLUMN_DAEMON,
	COLUMN_WHY,
	COLUMN_COUNT,
};

/* In the order in which they are given room; columns is at least what a table has in 80. */
static const struct {
	const char *head;
	int width;
	bool right; /* figures stand at the right */
} columns[COLUMN_COUNT] = {
	[COLUMN_STATE] = { "STATE", 15, false },
	[COLUMN_HOST] = { "HOST", 17, false },
	[COLUMN_OFFSET] = { "OFFSET", 9, true },
	[COLUMN_BOUND] = { "BOUND", 8, true },
	[COLUMN_SOURCE] = { "SOURCE", 11, false },
	[COLUMN_RESTART] = { "RESTART", 8, false },
	[COLUMN_AGE] = { "AGE", 6, true },
	[COLUMN_PLACE] = { "IN", 12, false },
	[COLUMN_DAEMON] = { "DAEMON", 11, false },
	[COLUMN_WHY] = { "WHY", 20, false },
};

#define HOST_WIDTH_MAX 34

/* How wide each is, 0: not there. */
static void
give_room(int room, int widths[COLUMN_COUNT])
{
	int left = room + 1;

	for (int i = 0; i < COLUMN_COUNT; i++) {
		widths[i] = columns[i].width + 1 <= left ? columns[i].width : 0;
		left = widths[i] > 0 ? left - widths[i] - 1 : 0;
	}
	for (int i = 0; i < COLUMN_COUNT; i++) {
		left = i == 0 ? room + 1 : left;
		left -= widths[i] > 0 ? widths[i] + 1 : 0;
	}
	if (left > 0) {
		int more = left < HOST_WIDTH_MAX - widths[COLUMN_HOST]
		    ? left
		    : HOST_WIDTH_MAX - widths[COLUMN_HOST];

		widths[COLUMN_HOST] += more;
		left -= more;
	}
	if (widths[COLUMN_WHY] > 0) {
		widths[COLUMN_WHY] += left;
	}
}

static const char *
cell_words(const struct watch_host *host, enum column column, char *out)
{
	const char *words = "";

	switch (column) {
	case COLUMN_STATE:
		return host->health;
	case COLUMN_HOST:
		return host->name;
	case COLUMN_OFFSET:
		return ns_words(&host->offset, true, out);
	case COLUMN_BOUND:
		return ns_words(&host->bound, false, out);
	case COLUMN_AGE:
		return age_words(&host->age, out);
	case COLUMN_SOURCE:
		words = host->source;
		break;
	case COLUMN_RESTART:
		words = host->restart;
		break;
	case COLUMN_PLACE:
		return host->place;
	case COLUMN_DAEMON:
		return host->daemon;
	case COLUMN_WHY:
		return host->reason;
	case COLUMN_COUNT:
		break;
	}
	return words[0] ? words : "-";
}

static void
draw_row(struct screen *screen, int row, int left, const int *widths, const struct watch_host *host,
    bool chosen)
{
	unsigned mark = chosen ? LOOK_CHOSEN : 0;
	char words[PARTS_NS_BYTES];

	for (int i = 0; i < COLUMN_COUNT && widths[i] > 0; i++) {
		const char *text = host ? cell_words(host, (enum column)i, words) : columns[i].head;
		unsigned look = !host   ? LOOK_DIM
		    : i == COLUMN_STATE ? (unsigned)host->light | mark
					: (unsigned)LOOK_PLAIN | mark;
		int shift = columns[i].right && (int)strlen(text) < widths[i]
		    ? widths[i] - (int)strlen(text)
		    : 0;

		screen_look(screen, row, left,
		    widths[i] + (widths[i + 1 < COLUMN_COUNT ? i + 1 : i] > 0), look);
		if (i == COLUMN_STATE && host) {
			screen_rune(screen, row, left, look, screen_shape(host->light));
			shift = 2;
		}
		screen_put(screen, row, left + shift, widths[i] - shift, look, text);
		left += widths[i] + 1;
	}
}

void
draw_hosts(struct screen *screen, const struct area *area, const struct watch_fleet *fleet,
    struct watch_state *state)
{
	int widths[COLUMN_COUNT];
	size_t rows = area->rows > 1 ? (size_t)area->rows - 1 : 0;

	give_room(area->columns, widths);
	draw_row(screen, area->row, area->column, widths, NULL, false);
	state->page_rows = rows;
	if (state->at < state->first) {
		state->first = state->at;
	} else if (rows > 0 && state->at >= state->first + rows) {
		state->first = state->at - rows + 1;
	}
	if (state->order_count <= rows) {
		state->first = 0;
	}
	if (state->order_count == 0) {
		screen_put(screen, area->row + 1, area->column, area->columns, LOOK_DIM,
		    state->filter[0] ? "no host has this in its line: Esc shows all" : "no hosts");
	}
	for (size_t i = 0; i < rows && state->first + i < state->order_count; i++) {
		size_t at = state->first + i;

		draw_row(screen, area->row + 1 + (int)i, area->column, widths,
		    &fleet->hosts[state->order[at]], at == state->at);
	}
}
