#include "orchestrator/watch/parts.h"

#include "common/duration.h"

#include <stdio.h>
#include <string.h>

#define BRIEF_ROWS 36 /* with fewer, a host needs the rows of the headline for itself */

const char *
ns_words(const struct watch_ns *value, bool sign, char *out)
{
	char text[DURATION_TEXT_BYTES];

	snprintf(out, PARTS_NS_BYTES, "%s%s", value->known && sign && value->ns > 0 ? "+" : "",
	    value->known ? duration_text(value->ns, text) : "-");
	return out;
}

const char *
age_words(const struct watch_ns *value, char *out)
{
	char text[DURATION_TEXT_BYTES];

	snprintf(
	    out, PARTS_NS_BYTES, "%s", value->known ? duration_age_text(value->ns, text) : "-");
	return out;
}

void
draw_section(struct screen *screen, const struct area *area, const char *words)
{
	int used;

	for (int i = 0; i < area->columns; i++) {
		screen_rune(screen, area->row, area->column + i, LOOK_DIM, 0x2500);
	}
	screen_put(screen, area->row, area->column + 2, 1, LOOK_DIM, " ");
	used = screen_put(screen, area->row, area->column + 3, area->columns - 5, LOOK_BOLD, words);
	screen_put(screen, area->row, area->column + 3 + used, 1, LOOK_DIM, " ");
}

/* "(8 good) (1 warn) ...", each with its shape. */
static int
draw_counts(struct screen *screen, int row, int column, const size_t *counts, bool all)
{
	static const enum health_state worst_first[] = { STATE_BAD, STATE_STALE, STATE_WARN,
		STATE_UNKNOWN, STATE_GOOD };

	for (size_t i = 0; i < COUNT(worst_first); i++) {
		enum health_state state = worst_first[i];

		if (counts[state] > 0 || all) {
			screen_rune(screen, row, column, state, screen_shape(state));
			column += 2;
			column += screen_printf(screen, row, column, 24, LOOK_PLAIN, "%zu %s  ",
			    counts[state], health_state_name(state));
		}
	}
	return column;
}

/* The uppermost line: which site, asked where, and of when the figures are. */
static void
draw_title(struct screen *screen, const struct watch_fleet *fleet, const struct watch_state *state)
{
	const char *clock = strchr(fleet->time ? fleet->time : "", 'T');
	char right[128];
	int width;

	screen_look(screen, 0, 0, screen->columns, LOOK_HEAD);
	snprintf(
	    right, sizeof(right), "%.60s  %.8s UTC ", state->from, clock ? clock + 1 : "--:--:--");
	width = (int)strlen(right);
	screen_printf(screen, 0, 0, screen->columns - width - 1, LOOK_HEAD, " timetier  %s",
	    fleet->site ? fleet->site : "");
	screen_put(screen, 0, screen->columns - width, width, LOOK_HEAD, right);
}

static void
draw_worst(struct screen *screen, int row, const struct watch_fleet *fleet)
{
	char offset[PARTS_NS_BYTES], bound[PARTS_NS_BYTES];

	if (fleet->worst) {
		screen_printf(screen, row, 0, screen->columns, LOOK_PLAIN,
		    "worst offset %s on %s; least certain: %s, within %s of true time",
		    ns_words(&fleet->worst->offset, true, offset), fleet->worst->name,
		    fleet->widest ? fleet->widest->name : "-",
		    fleet->widest ? ns_words(&fleet->widest->bound, false, bound) : "-");
	} else {
		screen_put(screen, row, 0, screen->columns, LOOK_PLAIN, "no host tells its offset");
	}
}

/* Why no figures come now, and how old those are that are shown. */
static void
draw_trouble(
    struct screen *screen, int row, const struct watch_view *view, const struct watch_state *state)
{
	struct watch_ns age = { true, state->figures_age_ns };
	bool known = view->fleet->site != NULL;
	char words[PARTS_NS_BYTES];

	screen_printf(screen, row, 0, screen->columns, STATE_STALE, "%s%s%s: %s",
	    known ? "what is shown is " : "", known ? age_words(&age, words) : "",
	    known ? " old" : "it is asked again and again", state->trouble);
}

int
draw_headline(struct screen *screen, const struct watch_view *view, const struct watch_state *state)
{
	const struct watch_fleet *fleet = view->fleet;
	bool trouble = state->trouble[0] != '\0';
	bool brief = state->page == PAGE_HOST && screen->rows < BRIEF_ROWS;
	int column;

	draw_title(screen, fleet, state);
	if (trouble) {
		draw_trouble(screen, brief || !fleet->site ? 1 : 5, view, state);
	}
	if (!fleet->site) {
		if (!trouble) {
			screen_put(
			    screen, 1, 0, screen->columns, LOOK_BOLD, "no figures have come yet");
		}
		return 6;
	}
	if (!trouble || !brief) {
		screen_rune(screen, 1, 0, fleet->light, screen_shape(fleet->light));
		screen_printf(screen, 1, 2, screen->columns - 2, fleet->light, "%s: %s%s",
		    health_state_name(fleet->light), fleet->text, trouble ? " (then)" : "");
	}
	if (brief) {
		return 2;
	}
	column = screen_printf(screen, 2, 0, screen->columns, LOOK_PLAIN,
	    "%zu of %zu hosts report   ", fleet->reporting, fleet->host_count);
	draw_counts(screen, 2, column, fleet->counts, true);
	draw_worst(screen, 3, fleet);
	screen_printf(screen, 4, 0, screen->columns, LOOK_PLAIN, "may daemons be restarted? %s",
	    fleet->restart);
	if (!trouble) {
		screen_put(screen, 5, 0, screen->columns, LOOK_PLAIN,
		    fleet->leap[0] ? fleet->leap : fleet->detail);
	}
	return 6;
}

static void
draw_upstreams(struct screen *screen, const struct area *area, const struct watch_fleet *fleet)
{
	int end = area->column + area->columns;
	int column = area->column +
	    screen_put(screen, area->row, area->column, area->columns, LOOK_PLAIN, "upstreams  ");

	for (size_t i = 0; i < fleet->upstream_count && column < end - 4; i++) {
		const struct watch_upstream *upstream = &fleet->upstreams[i];
		bool good = upstream->light == STATE_GOOD;

		screen_rune(
		    screen, area->row, column, upstream->light, screen_shape(upstream->light));
		column += 4 +
		    screen_printf(screen, area->row, column + 2, end - column - 2, LOOK_PLAIN,
			"%s%s%s", upstream->name, good ? "" : " ", good ? "" : upstream->state);
	}
}

static void
draw_part(struct screen *screen, const struct area *area, const struct watch_fleet *fleet,
    const struct watch_part *part)
{
	int end = area->column + area->columns, column = area->column;
	char words[96];

	screen_put(screen, area->row, column, 5, LOOK_DIM, part->tier ? "tier" : "group");
	screen_put(screen, area->row, column + 6, 14, LOOK_PLAIN, part->name);
	column += 21;
	if (!part->tier) {
		column = draw_counts(screen, area->row, column, part->counts, false);
		screen_printf(
		    screen, area->row, column, end - column, LOOK_DIM, "from %s", part->from);
		return;
	}
	snprintf(words, sizeof(words), "%zu of %zu good, quorum %zu", part->counts[STATE_GOOD],
	    part->hosts, part->quorum);
	end -= screen_put(screen, area->row, end - (int)strlen(words), (int)strlen(words),
		   part->counts[STATE_GOOD] >= part->quorum ? LOOK_DIM : STATE_WARN, words) +
	    1;
	for (size_t i = 0; i < fleet->host_count && column < end - 4; i++) {
		const struct watch_host *host = &fleet->hosts[i];

		if (host->server && strcmp(host->place, part->name) == 0) {
			screen_rune(
			    screen, area->row, column, host->light, screen_shape(host->light));
			column += 4 +
			    screen_put(screen, area->row, column + 2, end - column - 2, LOOK_PLAIN,
				host->name);
		}
	}
}

int
draw_map(struct screen *screen, const struct area *area, const struct watch_fleet *fleet)
{
	struct area line = *area;
	size_t left = fleet->part_count, bad = 0;

	draw_upstreams(screen, &line, fleet);
	for (size_t i = 0; i < fleet->part_count; i++) {
		const struct watch_part *part = &fleet->parts[i];

		line.row++;
		if (line.row - area->row + 1 == area->rows && left > 1) {
			for (size_t k = i; k < fleet->part_count; k++) {
				bad += fleet->parts[k].counts[STATE_GOOD] < fleet->parts[k].hosts;
			}
			screen_printf(screen, line.row, line.column, line.columns,
			    bad > 0 ? STATE_WARN : LOOK_DIM,
			    "and %zu more tiers and groups, %zu of them not all good", left, bad);
			break;
		}
		draw_part(screen, &line, fleet, part);
		left--;
	}
	return line.row - area->row + 1;
}

void
draw_conditions(
    struct screen *screen, const struct area *area, const struct watch_fleet *fleet, size_t first)
{
	if (fleet->condition_count == 0) {
		screen_put(screen, area->row, area->column, area->columns, STATE_GOOD, "nothing");
	}
	for (int i = 0; i < area->rows && first + (size_t)i < fleet->condition_count; i++) {
		const struct watch_condition *condition = &fleet->conditions[first + (size_t)i];
		int row = area->row + i, column = area->column, end = column + area->columns;

		screen_rune(screen, row, column, condition->light, screen_shape(condition->light));
		screen_put(screen, row, column + 2, 20, LOOK_BOLD, condition->subject);
		column += 23 +
		    screen_put(screen, row, column + 23, 28, condition->light, condition->code);
		column += 2;
		screen_put(screen, row, column, end - column, LOOK_PLAIN, condition->reason);
	}
}
