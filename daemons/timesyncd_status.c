/* timedatectl's view of systemd-timesyncd, as a status. */
#include "common/clock.h"
#include "common/duration.h"
#include "daemons/other_status.h"
#include "daemons/status_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINE_BYTES 1024

struct reading {
	struct daemon_status status;
	struct source_status source;
	int64_t now_ns;      /* 0: not told */
	int64_t received_ns; /* of the latest answer; 0: none */
	int64_t poll_ns, distance_ns, jitter_ns;
	bool served; /* it has heard a server */
};

/* "1min 4s", "+100.051ms", "528us", "0": what systemd prints for a span. */
static bool
span_ns(const char *text, int64_t *ns)
{
	static const struct {
		const char *unit;
		double s;
	} units[] = { { "us", 1e-6 }, { "ms", 1e-3 }, { "min", 60 }, { "s", 1 }, { "h", 3600 },
		{ "d", 86400 }, { "w", 604800 }, { "month", 2629800 }, { "y", 31557600 } };
	bool negative = text[0] == '-', any = false;
	double total_s = 0;

	text += negative || text[0] == '+';
	while (*text && *text != '(') {
		char *end;
		double value = strtod(text, &end), unit_s = 1;

		if (end == text) {
			break;
		}
		for (size_t i = 0; i < COUNT(units); i++) {
			if (strncmp(end, units[i].unit, strlen(units[i].unit)) == 0) {
				unit_s = units[i].s;
				break;
			}
		}
		total_s += value * unit_s;
		any = true;
		text = end + strcspn(end, " ");
		text += strspn(text, " ");
	}
	*ns = duration_from_s(negative ? -total_s : total_s);
	return any;
}

static void
take_server(struct reading *reading, const char *value)
{
	size_t len = strcspn(value, " ");

	if (len > 0 && len < sizeof(reading->source.address)) {
		memcpy(reading->source.address, value, len);
		reading->source.address[len] = '\0';
	}
}

static void
take_leap(struct reading *reading, const char *value)
{
	reading->status.leap = strstr(value, "61") ? LEAP_INSERT
	    : strstr(value, "59")                  ? LEAP_DELETE
	    : strcmp(value, "normal") == 0         ? LEAP_NONE
						   : LEAP_UNSYNC;
}

static void
take_value(struct reading *reading, const char *key, const char *value)
{
	int number;

	if (strcmp(key, "Server") == 0) {
		take_server(reading, value);
	} else if (strcmp(key, "Poll interval") == 0) {
		span_ns(value, &reading->poll_ns);
	} else if (strcmp(key, "Leap") == 0) {
		take_leap(reading, value);
	} else if (strcmp(key, "Stratum") == 0 && text_to_int(value, 10, 0, 16, &number)) {
		reading->source.stratum = number;
	} else if (strcmp(key, "Root distance") == 0) {
		span_ns(value, &reading->distance_ns);
	} else if (strcmp(key, "Offset") == 0) {
		reading->served = span_ns(value, &reading->source.offset_ns);
	} else if (strcmp(key, "Delay") == 0) {
		span_ns(value, &reading->source.delay_ns);
	} else if (strcmp(key, "Jitter") == 0) {
		span_ns(value, &reading->jitter_ns);
	} else if (strcmp(key, "Frequency") == 0) {
		double ppm = strtod(value, NULL);

		reading->status.frequency_ppm = ppm > -1e6 && ppm < 1e6 ? ppm : 0;
	}
}

/* "DestinationTimestamp=Sun 2026-11-22 09:29:50 UTC" within the line of NTPMessage. */
static void
take_message(struct reading *reading, const char *line)
{
	const char *at = strstr(line, "DestinationTimestamp=");
	struct tm tm = { .tm_isdst = 0 };

	if (at &&
	    sscanf(at, "DestinationTimestamp=%*3s %4d-%2d-%2d %2d:%2d:%2d UTC", &tm.tm_year,
		&tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) == 6) {
		tm.tm_year -= 1900;
		tm.tm_mon -= 1;
		reading->received_ns = timegm(&tm) * NS_PER_S;
	}
}

static void
read_line(struct reading *reading, char *line)
{
	char *colon = strstr(line, ": ");
	char *key = line + strspn(line, " ");
	double seconds;

	if (strncmp(line, "now,", 4) == 0 && text_to_double(line + 4, &seconds)) {
		reading->now_ns = duration_from_s(seconds);
	} else if (strncmp(line, "NTPMessage=", 11) == 0) {
		take_message(reading, line);
	} else if (colon) {
		*colon = '\0';
		take_value(reading, key, colon + 2);
	}
}

static int
poll_log2(int64_t poll_ns)
{
	int log2 = 0;

	while (log2 < 17 && (INT64_C(1) << log2) * NS_PER_S < poll_ns) {
		log2++;
	}
	return log2;
}

/* It follows the one server that it has, and nobody else. */
static void
settle(struct reading *reading)
{
	struct daemon_status *status = &reading->status;
	struct source_status *source = &reading->source;
	int64_t age_ns = reading->now_ns - reading->received_ns;

	status->stratum = 16;
	status->update_age_ns = -1;
	status->update_interval_ns = reading->poll_ns;
	if (!source->address[0]) {
		return;
	}
	source->poll_log2 = poll_log2(reading->poll_ns);
	source->age_ns = -1;
	source->state = SOURCE_SILENT;
	if (reading->served && status->leap != LEAP_UNSYNC) {
		source->state = SOURCE_SELECTED;
		source->reach = 1;
		source->age_ns = reading->received_ns > 0 && age_ns > 0 ? age_ns : 0;
		source->error_ns = reading->distance_ns + source->delay_ns / 2 + reading->jitter_ns;
		status->stratum = source->stratum < 15 ? source->stratum + 1 : 16;
		status->offset_ns = source->offset_ns;
		status->root_delay_ns = source->delay_ns;
		status->root_dispersion_ns = reading->distance_ns + reading->jitter_ns;
		status->update_age_ns = source->age_ns;
		memcpy(status->selected, source->address, sizeof(status->selected));
	}
	status->sources[0] = *source;
	status->source_count = 1;
}

int
timesyncd_parse_status(
    const char *text, size_t len, struct daemon_status *status, struct error *err)
{
	struct reading reading = { .status = { .leap = LEAP_UNSYNC } };
	const char *end = text + len;
	char line[LINE_BYTES];

	while (next_line(&text, end, line, sizeof(line))) {
		read_line(&reading, line);
	}
	if (!reading.source.address[0] && reading.poll_ns == 0) {
		return error_set(err, "timedatectl says nothing of a server");
	}
	settle(&reading);
	*status = reading.status;
	return 0;
}
