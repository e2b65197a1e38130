#include "daemons/chrony/status.h"

#include "common/duration.h"
#include "common/shown.h"
#include "daemons/status_text.h"

#include <stdio.h>
#include <string.h>

#define LINE_BYTES 512
#define FIELDS_MAX 16
#define NEVER 4294967295.0 /* s: what chronyc prints for a source that never answered */
#define SPAN_LIMIT_S 1e6   /* larger root delays and errors are cut to it: they mean nothing */

/* One record, cut at its commas in place. */
struct record {
	char line[LINE_BYTES];
	char *fields[FIELDS_MAX];
	size_t count;
};

static void
split(struct record *record)
{
	char *rest = record->line;

	record->count = 0;
	while (rest && record->count < FIELDS_MAX) {
		record->fields[record->count++] = rest;
		rest = strchr(rest, ',');
		if (rest) {
			*rest++ = '\0';
		}
	}
}

static bool
seconds_at(const struct record *record, size_t index, double *value)
{
	return index < record->count && text_to_double(record->fields[index], value);
}

/* The same for what is never negative: the value is cut to 0 and SPAN_LIMIT_S. */
static bool
span_at(const struct record *record, size_t index, int64_t *span_ns)
{
	double seconds;

	if (!seconds_at(record, index, &seconds)) {
		return false;
	}
	*span_ns = duration_from_s(seconds < 0 ? 0
		: seconds > SPAN_LIMIT_S       ? SPAN_LIMIT_S
					       : seconds);
	return true;
}

static int
wrong(const struct record *record, const char *what, struct error *err)
{
	return error_set(err, "chronyc: %s without its numbers: \"%.60s\" and %zu more", what,
	    record->line, record->count > 0 ? record->count - 1 : 0);
}

static bool
leap_of(const char *text, enum leap *leap)
{
	static const char *const names[] = {
		[LEAP_NONE] = "Normal",
		[LEAP_INSERT] = "Insert second",
		[LEAP_DELETE] = "Delete second",
		[LEAP_UNSYNC] = "Not synchronised",
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(text, names[i]) == 0) {
			*leap = (enum leap)i;
			return true;
		}
	}
	return false;
}

/*
 * The fields of tracking: refid, name, stratum, time of the last update, correction (+: slow), last
 * offset (+: fast), rms offset, frequency (ppm, +: fast), residual, skew, root delay, root
 * dispersion, update interval, leap.
 */
static int
parse_tracking(
    const struct record *record, double *update_s, struct daemon_status *status, struct error *err)
{
	double correction_s, fast_ppm, ahead_s;

	if (record->count < 14 || !text_to_int(record->fields[2], 10, 0, 16, &status->stratum) ||
	    !seconds_at(record, 3, update_s) || !seconds_at(record, 4, &correction_s) ||
	    !seconds_at(record, 5, &ahead_s) || !span_at(record, 6, &status->rms_offset_ns) ||
	    !seconds_at(record, 7, &fast_ppm) || !seconds_at(record, 9, &status->skew_ppm) ||
	    !span_at(record, 10, &status->root_delay_ns) ||
	    !span_at(record, 11, &status->root_dispersion_ns) ||
	    !span_at(record, 12, &status->update_interval_ns) ||
	    !leap_of(record->fields[13], &status->leap)) {
		return wrong(record, "tracking", err);
	}
	status->offset_ns = duration_from_s(correction_s);
	status->last_offset_ns = -duration_from_s(ahead_s);
	status->frequency_ppm = fast_ppm == 0 ? 0 : -fast_ppm;
	if (status->leap == LEAP_UNSYNC || status->stratum == 0) {
		status->stratum = 16;
	}
	return 0;
}

static enum source_state
state_of(char mark, unsigned reach)
{
	switch (mark) {
	case '*':
		return SOURCE_SELECTED;
	case '+':
		return SOURCE_COMBINED;
	case '-':
		return SOURCE_OUTLIER;
	case 'x':
		return SOURCE_FALSETICKER;
	case '~':
		return SOURCE_REJECTED;
	case '?':
		return reach == 0 ? SOURCE_SILENT : SOURCE_REJECTED;
	default:
		return SOURCE_UNKNOWN;
	}
}

/*
 * The fields of a source: mode, state, name, stratum, poll, reach (octal), seconds since the last
 * sample, adjusted offset, measured offset, error.  Their offsets are against chronyd's own time,
 * which is the clock plus the correction that is still to be slewed; ours are against the clock.
 */
static int
parse_source(const struct record *record, struct daemon_status *status, struct error *err)
{
	struct source_status source = { .delay_ns = -1, .age_ns = -1 };
	double age_s, ahead_s;
	int reach;

	if (record->count < 10 || !record->fields[2][0] ||
	    !text_to_int(record->fields[3], 10, 0, 16, &source.stratum) ||
	    !text_to_int(record->fields[4], 10, -32, 32, &source.poll_log2) ||
	    !text_to_int(record->fields[5], 8, 0, 255, &reach) || !seconds_at(record, 6, &age_s) ||
	    !seconds_at(record, 7, &ahead_s) || !span_at(record, 9, &source.error_ns)) {
		return wrong(record, "a source", err);
	}
	shown_copy(source.address, sizeof(source.address), record->fields[2]);
	source.reach = (unsigned)reach;
	source.state = state_of(record->fields[1][0], source.reach);
	if (age_s >= 0 && age_s < NEVER) {
		source.age_ns = duration_from_s(age_s);
		source.offset_ns = duration_from_s((double)status->offset_ns / 1e9 - ahead_s);
	}
	if (status->source_count < DAEMON_SOURCES_MAX) {
		status->sources[status->source_count++] = source;
	}
	return 0;
}

/* Fill what follows from the selected source. */
static void
settle(struct daemon_status *status, double update_s, double now_s)
{
	status->update_age_ns = -1;
	if (now_s > 0 && update_s > 0) {
		status->update_age_ns = duration_from_s(now_s > update_s ? now_s - update_s : 0);
	}
	for (size_t i = 0; i < status->source_count; i++) {
		const struct source_status *source = &status->sources[i];
		int64_t apart_ns = source->offset_ns - status->offset_ns;

		if (source->state != SOURCE_SELECTED) {
			continue;
		}
		memcpy(status->selected, source->address, sizeof(status->selected));
		if (status->update_age_ns < 0) {
			status->update_age_ns = source->age_ns;
		}
		/* the source is selected but not followed: maxchange holds the clock where it is */
		if (apart_ns > source->error_ns || apart_ns < -source->error_ns) {
			status->offset_ns = source->offset_ns;
		}
	}
}

int
chrony_parse_status(const char *text, size_t len, struct daemon_status *status, struct error *err)
{
	struct daemon_status parsed = { .stratum = 16 };
	const char *end = text + len;
	double now_s = 0, update_s = 0;
	struct record record;
	bool tracking = false;

	while (next_line(&text, end, record.line, sizeof(record.line))) {
		char first = record.line[0];

		split(&record);
		if (!tracking && strcmp(record.fields[0], "now") == 0) {
			if (!seconds_at(&record, 1, &now_s)) {
				return wrong(&record, "now", err);
			}
		} else if (!tracking) {
			if (record.count < 2) {
				return error_set(err, "chronyc: %.100s", record.line);
			}
			if (parse_tracking(&record, &update_s, &parsed, err) < 0) {
				return -1;
			}
			tracking = true;
		} else if ((first == '^' || first == '=' || first == '#') &&
		    record.line[1] == '\0') {
			if (parse_source(&record, &parsed, err) < 0) {
				return -1;
			}
		} /* else a line of sourcestats, which is not used */
	}
	if (!tracking) {
		return error_set(err, "chronyc printed nothing");
	}
	settle(&parsed, update_s, now_s);
	*status = parsed;
	return 0;
}
