/* The offset over time in braille: two dots wide and four dots high a character. */
#include "orchestrator/watch/parts.h"

#include "common/duration.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define BRAILLE 0x2800
#define SCALE_COLUMNS 10
#define ROWS_MOST 30

struct plot {
	struct screen *screen;
	struct area area; /* of the dots alone */
	int64_t low_ns, high_ns;
};

/* Which row of dots, from the top, is @ns. */
static int
dot_of(const struct plot *plot, int64_t ns)
{
	int dots = plot->area.rows * 4;
	double part =
	    (double)(plot->high_ns - ns) / (double)(plot->high_ns - plot->low_ns) * (dots - 1);

	return part < 0 ? 0 : part > dots - 1 ? dots - 1 : (int)(part + 0.5);
}

static void
set_dot(struct plot *plot, int x, int y, unsigned look)
{
	static const uint8_t bits[4][2] = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 },
		{ 0x40, 0x80 } };
	int row = plot->area.row + y / 4, column = plot->area.column + x / 2;
	struct cell *cell;

	if (row >= plot->screen->rows || column >= plot->screen->columns) {
		return;
	}
	cell = &plot->screen->cells[row * plot->screen->columns + column];
	if (cell->rune < BRAILLE || cell->rune > BRAILLE + 0xff) {
		*cell = (struct cell){ BRAILLE, (uint8_t)look };
	}
	cell->rune |= bits[y % 4][x % 2];
	if (look == STATE_BAD) {
		cell->look = STATE_BAD;
	}
}

/* Zero is always on the scale: how far from true time the clock was is what is asked. */
static void
find_scale(struct plot *plot, const struct watch_curve *curve)
{
	for (size_t i = 0; i < curve->count; i++) {
		plot->low_ns = curve->min_ns[i] < plot->low_ns ? curve->min_ns[i] : plot->low_ns;
		plot->high_ns = curve->max_ns[i] > plot->high_ns ? curve->max_ns[i] : plot->high_ns;
	}
	if (plot->low_ns < -NS_PER_S * 1000000000) {
		plot->low_ns = -NS_PER_S * 1000000000; /* differences must not overflow */
	}
	if (plot->high_ns > NS_PER_S * 1000000000) {
		plot->high_ns = NS_PER_S * 1000000000;
	}
	if (plot->low_ns == plot->high_ns) {
		plot->high_ns++;
	}
}

static void
draw_level(struct plot *plot, int64_t ns, uint32_t rune, unsigned look)
{
	int row = plot->area.row + dot_of(plot, ns) / 4;

	for (int i = 0; i < plot->area.columns; i++) {
		screen_rune(plot->screen, row, plot->area.column + i, look, rune);
	}
}

static void
draw_label(struct plot *plot, int64_t ns)
{
	struct watch_ns value = { true, ns };
	char words[PARTS_NS_BYTES];

	screen_printf(plot->screen, plot->area.row + dot_of(plot, ns) / 4,
	    plot->area.column - SCALE_COLUMNS, SCALE_COLUMNS - 1, LOOK_DIM, "%9s",
	    ns_words(&value, true, words));
}

static void
draw_points(struct plot *plot, const struct watch_curve *curve)
{
	int width = plot->area.columns * 2;
	double span = (double)(curve->to_ms - curve->from_ms);

	for (size_t i = 0; i < curve->count; i++) {
		double part = span > 0 ? (double)(curve->time_ms[i] - curve->from_ms) / span : 1;
		int x = (int)(part * (width - 1) + 0.5);
		int from = dot_of(plot, curve->max_ns[i]), to = dot_of(plot, curve->min_ns[i]);
		bool out = curve->budget.known &&
		    (curve->max_ns[i] > curve->budget.ns || curve->min_ns[i] < -curve->budget.ns);

		for (int y = from; x >= 0 && x < width && y <= to; y++) {
			set_dot(plot, x, y, out ? STATE_BAD : STATE_GOOD);
		}
	}
}

static void
draw_time(struct screen *screen, int row, int column, int64_t ms)
{
	time_t at = (time_t)(ms / 1000);
	struct tm parts;
	char text[24];

	if (gmtime_r(&at, &parts) && strftime(text, sizeof(text), "%d %b %H:%M", &parts) > 0) {
		screen_put(screen, row, column, 12, LOOK_DIM, text);
	}
}

void
draw_curve(struct screen *screen, const struct area *area, const struct watch_curve *curve)
{
	struct plot plot = { .screen = screen, .area = *area };
	int rows = area->rows < ROWS_MOST ? area->rows : ROWS_MOST;

	if (curve->count == 0) {
		screen_put(screen, area->row, area->column, area->columns, LOOK_DIM,
		    "nothing was heard in this time");
		return;
	}
	if (rows < 3 || area->columns < 3 * SCALE_COLUMNS) {
		return;
	}
	plot.area.column += SCALE_COLUMNS;
	plot.area.columns -= SCALE_COLUMNS;
	plot.area.rows = rows - 1;
	find_scale(&plot, curve);
	draw_level(&plot, 0, 0x2500, LOOK_DIM);
	if (curve->budget.known && curve->budget.ns < plot.high_ns) {
		draw_level(&plot, curve->budget.ns, 0x2508, STATE_WARN);
	}
	if (curve->budget.known && -curve->budget.ns > plot.low_ns) {
		draw_level(&plot, -curve->budget.ns, 0x2508, STATE_WARN);
	}
	draw_points(&plot, curve);
	draw_label(&plot, 0);
	draw_label(&plot, plot.high_ns);
	draw_label(&plot, plot.low_ns);
	draw_time(screen, plot.area.row + plot.area.rows, plot.area.column, curve->from_ms);
	draw_time(screen, plot.area.row + plot.area.rows, plot.area.column + plot.area.columns - 12,
	    curve->to_ms);
}
