#include "orchestrator/account/tally.h"

#include "common/duration.h"

#include <stdlib.h>

const char *
standing_name(enum standing standing)
{
	static const char *const names[] = {
		[STANDING_WITHIN] = "within",
		[STANDING_UNPROVEN] = "unproven",
		[STANDING_BEYOND] = "beyond",
		[STANDING_GAP] = "gap",
	};

	return names[standing];
}

static int64_t
day_of(int64_t time_ns)
{
	return time_ns / TALLY_DAY_NS - (time_ns % TALLY_DAY_NS < 0);
}

size_t
span_days(const struct span *span)
{
	return (size_t)(day_of(span->to_ns - 1) - day_of(span->from_ns) + 1);
}

int64_t
span_day_ns(const struct span *span, size_t index)
{
	return (day_of(span->from_ns) + (int64_t)index) * TALLY_DAY_NS;
}

int64_t
share_total_ns(const struct share *share)
{
	int64_t total_ns = 0;

	for (size_t i = 0; i < STANDING_COUNT; i++) {
		total_ns += share->ns[i];
	}
	return total_ns;
}

static void
worse(struct worst *worst, int64_t ns, int64_t at_ns, int64_t length_ns)
{
	if (!worst->known || duration_size_ns(ns) > duration_size_ns(worst->ns)) {
		*worst = (struct worst){ true, ns, at_ns, length_ns };
	}
}

void
share_add(struct share *sum, const struct share *more)
{
	for (size_t i = 0; i < STANDING_COUNT; i++) {
		sum->ns[i] += more->ns[i];
	}
	if (more->offset.known) {
		worse(&sum->offset, more->offset.ns, more->offset.at_ns, more->offset.length_ns);
		worse(&sum->error_bound, more->error_bound.ns, more->error_bound.at_ns,
		    more->error_bound.length_ns);
	}
}

int64_t
tally_from_ns(const struct span *span)
{
	return span->from_ns - TALLY_GAP_NS - PAST_MINUTE_NS;
}

void
tally_begin(struct tally *tally, const struct span *span, const struct budget *budget)
{
	*tally = (struct tally){ .span = *span,
		.budget = *budget,
		.day_count = span_days(span),
		.until_ns = tally_from_ns(span),
		.last = STANDING_GAP };
	tally->days = calloc(tally->day_count, sizeof(*tally->days));
	if (!tally->days) {
		abort();
	}
}

/* The worst that is in @row. */
static enum standing
standing_of(const struct tally *tally, const struct past_row *row)
{
	const struct budget *budget = &tally->budget;

	if (row->offset_max_ns > budget->offset_ns || row->offset_min_ns < -budget->offset_ns) {
		return STANDING_BEYOND;
	}
	return row->error_bound_max_ns > budget->error_bound_ns ? STANDING_UNPROVEN
								: STANDING_WITHIN;
}

bool
tally_needs_minutes(const struct tally *tally, const struct past_row *hour)
{
	const struct budget *budget = &tally->budget;
	bool inside = hour->time_ns >= tally->span.from_ns &&
	    hour->time_ns + hour->length_ns <= tally->span.to_ns;

	if (!inside || hour->heard == 0) {
		return true;
	}
	switch (standing_of(tally, hour)) {
	case STANDING_UNPROVEN:
		return hour->error_bound_min_ns <= budget->error_bound_ns;
	case STANDING_BEYOND:
		return hour->offset_min_ns <= budget->offset_ns &&
		    hour->offset_max_ns >= -budget->offset_ns;
	case STANDING_WITHIN:
	case STANDING_GAP:
	case STANDING_COUNT:
		break;
	}
	return false;
}

static void
count_gap(struct tally *tally, int64_t from_ns, int64_t to_ns)
{
	size_t at = tally->gap_count;

	if (at < TALLY_GAPS_MAX && (at & (at - 1)) == 0) { /* 0, 1, 2, 4, ... are in use: double */
		tally->gaps = realloc(tally->gaps, (at ? 2 * at : 1) * sizeof(*tally->gaps));
		if (!tally->gaps) {
			abort();
		}
	}
	if (at < TALLY_GAPS_MAX) {
		tally->gaps[at] = (struct span){ from_ns, to_ns };
	}
	tally->gap_count++;
	if (to_ns - from_ns > tally->longest_gap_ns) {
		tally->longest_gap_ns = to_ns - from_ns;
	}
}

/* Count the part of the span from @from_ns to before @to_ns, day by day. */
static void
count(struct tally *tally, int64_t from_ns, int64_t to_ns, enum standing standing)
{
	from_ns = from_ns > tally->span.from_ns ? from_ns : tally->span.from_ns;
	to_ns = to_ns < tally->span.to_ns ? to_ns : tally->span.to_ns;
	if (from_ns >= to_ns) {
		return;
	}
	tally->whole.ns[standing] += to_ns - from_ns;
	if (standing == STANDING_GAP) {
		count_gap(tally, from_ns, to_ns);
	}
	while (from_ns < to_ns) {
		int64_t day = day_of(from_ns), end_ns = (day + 1) * TALLY_DAY_NS;

		end_ns = end_ns < to_ns ? end_ns : to_ns;
		tally->days[day - day_of(tally->span.from_ns)].ns[standing] += end_ns - from_ns;
		from_ns = end_ns;
	}
}

/* Count what is between the last row and @from_ns: a short silence is like what was before it. */
static void
count_until(struct tally *tally, int64_t from_ns)
{
	bool short_silence = tally->heard && from_ns - tally->until_ns < TALLY_GAP_NS;

	count(tally, tally->until_ns, from_ns, short_silence ? tally->last : STANDING_GAP);
}

static void
stretch(struct tally *tally, int64_t from_ns, int64_t to_ns, enum standing standing)
{
	if (from_ns > tally->until_ns) {
		count_until(tally, from_ns);
	} else {
		from_ns = tally->until_ns;
	}
	if (to_ns > from_ns) {
		count(tally, from_ns, to_ns, standing);
		tally->until_ns = to_ns;
	}
	tally->last = standing;
	tally->heard = true;
}

/* Note the worst of @row; a row is in one day. */
static void
note_worst(struct tally *tally, const struct past_row *row)
{
	int64_t ns = duration_size_ns(row->offset_min_ns) > duration_size_ns(row->offset_max_ns)
	    ? row->offset_min_ns
	    : row->offset_max_ns;
	int64_t at_ns = row->time_ns > tally->span.from_ns ? row->time_ns : tally->span.from_ns;
	struct share *day = &tally->days[day_of(at_ns) - day_of(tally->span.from_ns)];

	worse(&tally->whole.offset, ns, row->time_ns, row->length_ns);
	worse(&tally->whole.error_bound, row->error_bound_max_ns, row->time_ns, row->length_ns);
	worse(&day->offset, ns, row->time_ns, row->length_ns);
	worse(&day->error_bound, row->error_bound_max_ns, row->time_ns, row->length_ns);
}

/* The minutes of an hour in which the host was heard, run after run. */
static void
add_hour(struct tally *tally, const struct past_row *hour)
{
	enum standing standing = standing_of(tally, hour);
	unsigned minute = 0;

	while (minute < 60) {
		unsigned first = minute;

		while (minute < 60 && (hour->heard >> minute & 1)) {
			minute++;
		}
		if (minute > first) {
			stretch(tally, hour->time_ns + first * PAST_MINUTE_NS,
			    hour->time_ns + minute * PAST_MINUTE_NS, standing);
		}
		minute++;
	}
}

void
tally_add(struct tally *tally, const struct past_row *row)
{
	bool touches =
	    row->time_ns < tally->span.to_ns && row->time_ns + row->length_ns > tally->span.from_ns;

	if (row->length_ns == PAST_HOUR_NS) {
		add_hour(tally, row);
	} else {
		stretch(
		    tally, row->time_ns, row->time_ns + row->length_ns, standing_of(tally, row));
	}
	if (touches) {
		note_worst(tally, row);
	}
}

void
tally_end(struct tally *tally)
{
	count_until(tally, tally->span.to_ns);
	tally->until_ns = tally->span.to_ns;
}

void
tally_done(struct tally *tally)
{
	free(tally->days);
	free(tally->gaps);
	*tally = (struct tally){ .day_count = 0 };
}
