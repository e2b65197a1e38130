/* The parts that pages are made of. */
#ifndef ORCHESTRATOR_WATCH_PARTS_H
#define ORCHESTRATOR_WATCH_PARTS_H

#include "orchestrator/watch/screen.h"
#include "orchestrator/watch/state.h"

/* What a screen is made of.  Those that have not come yet are empty. */
struct watch_view {
	const struct watch_fleet *fleet;
	const struct watch_detail *detail;
	const struct watch_curve *curve;
};

#define PARTS_NS_BYTES 40

/* "+212 ms", or "-" */
const char *ns_words(const struct watch_ns *value, bool sign, char *out);
const char *age_words(const struct watch_ns *value, char *out);

/* A line across the area with @words in it. */
void draw_section(struct screen *screen, const struct area *area, const char *words);

/* Site, state, and how many hosts report: from the top; returns the rows used. */
int draw_headline(
    struct screen *screen, const struct watch_view *view, const struct watch_state *state);

/* Upstreams, tiers and groups: a row for each, in @area; returns the rows used. */
int draw_map(struct screen *screen, const struct area *area, const struct watch_fleet *fleet);

/* The hosts in @area, with a line of heads. */
void draw_hosts(struct screen *screen, const struct area *area, const struct watch_fleet *fleet,
    struct watch_state *state);

/* What is wrong now, from @first on. */
void draw_conditions(
    struct screen *screen, const struct area *area, const struct watch_fleet *fleet, size_t first);

/* One host: what it says of itself, its sources, its offset over time. */
void draw_host(struct screen *screen, const struct area *area, const struct watch_view *view,
    const struct watch_state *state, const struct watch_host *host);

/* The offset over time in braille, two by four dots a character, with its scale. */
void draw_curve(struct screen *screen, const struct area *area, const struct watch_curve *curve);

#endif
