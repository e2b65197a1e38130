/* Reads the status of ntpd-rs from ntp-ctl's metrics. */
#include "common/duration.h"
#include "daemons/other_status.h"
#include "daemons/status_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 512
#define LEAP_VALUES 4

struct reading {
	struct daemon_status status;
	bool heard;
};

/* Copy the value of a label, address="192.0.2.1:123", to @out.  @name is `address="`. */
static bool
label(const char *labels, const char *name, char *out, size_t size)
{
	const char *at = strstr(labels, name);
	size_t len;

	if (!at) {
		return false;
	}
	at += strlen(name);
	len = strcspn(at, "\"");
	if (len == 0 || len >= size) {
		return false;
	}
	memcpy(out, at, len);
	out[len] = '\0';
	return text_is_plain(out);
}

static void
cut_port(char *address)
{
	char *colon = strrchr(address, ':');
	size_t len;

	if (colon && (address[0] == '[' || strchr(address, ':') == colon)) {
		*colon = '\0';
	}
	len = strlen(address);
	if (address[0] == '[' && len > 1 && address[len - 1] == ']') {
		memmove(address, address + 1, len - 2);
		address[len - 2] = '\0';
	}
}

/* The source that the labels name, added if it is new; NULL: they name none, or it is too many. */
static struct source_status *
source_of(struct reading *reading, const char *labels)
{
	struct daemon_status *status = &reading->status;
	char address[SOURCE_NAME_BYTES];
	struct source_status *source;

	if (!label(labels, "address=\"", address, sizeof(address))) {
		return NULL;
	}
	cut_port(address);
	if (!address[0]) {
		return NULL;
	}
	for (size_t i = 0; i < status->source_count; i++) {
		if (strcmp(status->sources[i].address, address) == 0) {
			return &status->sources[i];
		}
	}
	if (status->source_count == DAEMON_SOURCES_MAX) {
		return NULL;
	}
	source = &status->sources[status->source_count++];
	*source = (struct source_status){ .state = SOURCE_REJECTED, .age_ns = -1, .delay_ns = -1 };
	memcpy(source->address, address, sizeof(address));
	return source;
}

static int
log2_of(double seconds)
{
	int log2 = 0;

	while (log2 < 17 && (double)(1L << log2) < seconds - 0.5) {
		log2++;
	}
	return log2;
}

static void
take_source(struct reading *reading, const char *name, const char *labels, double value)
{
	struct source_status *source = source_of(reading, labels);

	if (!source) {
		return;
	}
	if (strcmp(name, "poll_interval_seconds") == 0) {
		source->poll_log2 = log2_of(value);
	} else if (strcmp(name, "unanswered_polls") == 0) {
		source->reach = value < 8 ? 255U >> (unsigned)(value < 0 ? 0 : value) : 0;
	} else if (strcmp(name, "offset_seconds") == 0) {
		source->offset_ns = duration_from_s(value);
		source->state = SOURCE_COMBINED;
		source->age_ns = 0; /* the age is not told; old samples have a large uncertainty */
	} else if (strcmp(name, "delay_seconds") == 0) {
		source->delay_ns = duration_from_s(value);
	} else if (strcmp(name, "uncertainty_seconds") == 0 && value >= 0) {
		source->error_ns = duration_from_s(value);
	}
}

static void
take_system(struct reading *reading, const char *name, double value)
{
	static const enum leap leaps[LEAP_VALUES] = { LEAP_NONE, LEAP_INSERT, LEAP_DELETE,
		LEAP_UNSYNC };
	struct daemon_status *status = &reading->status;

	if (strcmp(name, "stratum") == 0 && value >= 1 && value <= 16) {
		status->stratum = (int)value;
		reading->heard = true;
	} else if (strcmp(name, "leap_indicator") == 0 && value >= 0 && value < LEAP_VALUES) {
		status->leap = leaps[(size_t)value];
	} else if (strcmp(name, "root_delay_seconds") == 0 && value >= 0) {
		status->root_delay_ns = duration_from_s(value);
	} else if (strcmp(name, "root_dispersion_seconds") == 0 && value >= 0) {
		status->root_dispersion_ns = duration_from_s(value);
	}
}

/* "NAME{LABELS} VALUE" or "NAME VALUE". */
static void
read_line(struct reading *reading, char *line)
{
	static const char source[] = "ntp_source_", system_name[] = "ntp_system_";
	char *brace = strchr(line, '{');
	char *space = strrchr(line, ' ');
	const char *labels = "";
	double value;

	if (line[0] == '#' || !space || !text_to_double(space + 1, &value)) {
		return;
	}
	*space = '\0';
	if (brace) {
		*brace = '\0';
		labels = brace + 1;
	}
	if (strcmp(line, "ntp_uptime_seconds") == 0) {
		label(
		    labels, "version=\"", reading->status.version, sizeof(reading->status.version));
	} else if (strncmp(line, source, strlen(source)) == 0) {
		take_source(reading, line + strlen(source), labels, value);
	} else if (strncmp(line, system_name, strlen(system_name)) == 0) {
		take_system(reading, line + strlen(system_name), value);
	}
}

/* ntpd-rs does not tell whom it follows: we take the answering source with the least error. */
static void
settle(struct daemon_status *status)
{
	struct source_status *best = NULL;

	for (size_t i = 0; i < status->source_count; i++) {
		struct source_status *source = &status->sources[i];

		if (source->reach == 0) {
			source->state = SOURCE_SILENT;
		}
		if (source->state == SOURCE_COMBINED &&
		    (!best || source->error_ns < best->error_ns)) {
			best = source;
		}
	}
	if (best && status->stratum < 16) {
		best->state = SOURCE_SELECTED;
		memcpy(status->selected, best->address, sizeof(status->selected));
		status->offset_ns = best->offset_ns;
		status->update_age_ns = 0;
		status->update_interval_ns = (INT64_C(1) << best->poll_log2) * NS_PER_S;
	}
}

int
ntpd_rs_parse_status(const char *text, size_t len, struct daemon_status *status, struct error *err)
{
	struct reading reading = { .status = {
				       .leap = LEAP_UNSYNC, .stratum = 16, .update_age_ns = -1 } };
	const char *end = text + len;
	char line[LINE_BYTES];

	while (next_line(&text, end, line, sizeof(line))) {
		read_line(&reading, line);
	}
	if (!reading.heard) {
		return error_set(
		    err, "ntp-ctl says nothing: its configuration has no observation-path?");
	}
	settle(&reading.status);
	*status = reading.status;
	return 0;
}
