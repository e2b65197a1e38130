/* What who watches has chosen, and what each key does with it.  No I/O. */
#ifndef ORCHESTRATOR_WATCH_STATE_H
#define ORCHESTRATOR_WATCH_STATE_H

#include "orchestrator/watch/model.h"

#define WATCH_ROWS_MIN 24
#define WATCH_COLUMNS_MIN 80
#define WATCH_FILTER_BYTES 64
#define WATCH_NAME_BYTES 256

enum watch_page {
	PAGE_FLEET,
	PAGE_HOST,
	PAGE_CONDITIONS,
	PAGE_RESTART, /* what a restart of the host would do, and the command to type */
	PAGE_HELP,
};

enum watch_sort {
	SORT_WORST,
	SORT_NAME,
	SORT_PLACE,
	SORT_OFFSET,
	SORT_BOUND,
	SORT_AGE,
	SORT_COUNT, /* their number */
};

/* Keys that are no character. */
enum watch_key {
	WATCH_KEY_NONE = 0,
	WATCH_KEY_ERASE = 0x08,
	WATCH_KEY_ENTER = 0x0a,
	WATCH_KEY_REDRAW = 0x0c, /* Ctrl-L */
	WATCH_KEY_ESCAPE = 0x1b,
	WATCH_KEY_UP = 0x110000,
	WATCH_KEY_DOWN,
	WATCH_KEY_PAGE_UP,
	WATCH_KEY_PAGE_DOWN,
	WATCH_KEY_HOME,
	WATCH_KEY_END,
};

/* Begin with watch_state_init(). */
struct watch_state {
	enum watch_page page, before_help;
	enum watch_sort sort;
	char chosen[WATCH_NAME_BYTES]; /* name of a host; "": none yet */
	char filter[WATCH_FILTER_BYTES];
	bool typing; /* the filter is being typed */
	size_t span; /* index of watch_span_name() */
	bool quit;
	size_t *order;          /* hosts that are shown, as indexes of the fleet's, in order */
	size_t order_count, at; /* at: which of them is chosen */
	size_t first;           /* the first one on the screen */
	size_t page_rows;       /* how many were drawn: as far as a page goes */
	size_t first_condition; /* on PAGE_CONDITIONS */
	/* where the figures come from, for the line that tells it; filled by the loop */
	const char *from, *trouble; /* trouble: why none come now; "" */
	int64_t figures_age_ns;     /* -1: none have come yet */
};

void watch_state_init(struct watch_state *state);
void watch_state_done(struct watch_state *state);

/* Find anew which hosts are shown, and keep the chosen one chosen: after each change of the fleet.
 */
void watch_state_follow(struct watch_state *state, const struct watch_fleet *fleet);

/* Do what @key, a character or an enum watch_key, means. */
void watch_state_key(struct watch_state *state, const struct watch_fleet *fleet, int key);

/* The host that is chosen, or NULL. */
const struct watch_host *watch_state_chosen(
    const struct watch_state *state, const struct watch_fleet *fleet);

/* "1h", as history?last= takes it; "name", "offset", ... */
const char *watch_span_name(size_t span);
const char *watch_sort_name(enum watch_sort sort);

#endif
