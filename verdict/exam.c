#include "verdict/exam.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define OFFSET_MAX (INT64_C(4500000000) * NS_PER_S) /* an NTP era is 136 years */
#define SPAN_MAX (INT64_C(1000000) * NS_PER_S)
#define QUESTIONS_MAX 1000

static const char *
rtc_text(int value)
{
	static const char *const names[] = {
		[EXAM_RTC_NONE] = "none",
		[EXAM_RTC_UTC] = "utc",
		[EXAM_RTC_LOCAL] = "local",
	};

	return names[value];
}

#define AT FIELD_AT

static const struct field exam_fields[] = {
	{ "measured", FIELD_BOOL, true, AT(exam, measured) },
	{ "refclocks", FIELD_UINT, false, AT(exam, refclocks), .min = 0, .max = QUESTIONS_MAX },
	{ "quorum", FIELD_UINT, false, AT(exam, quorum), .min = 0, .max = QUESTIONS_MAX },
	{ "machine", FIELD_TEXT, false, AT(exam, machine) },
	{ "container", FIELD_TEXT, false, AT(exam, container) },
	{ "clocksource", FIELD_TEXT, false, AT(exam, clocksource) },
	{ "rtc", FIELD_NAME, true, AT(exam, rtc), .max = EXAM_RTC_LOCAL, .name_of = rtc_text },
	{ "leap_file", FIELD_TEXT, false, AT(exam, leap_file) },
	{ "leap_there", FIELD_BOOL, false, AT(exam, leap_there) },
	{ "leap_until", FIELD_INSTANT, false, AT(exam, leap_until_ns), .min = INSTANT_MIN,
	    .max = INSTANT_MAX },
	{ .name = NULL },
};

static const struct field source_fields[] = {
	{ "name", FIELD_TEXT, true, AT(exam_source, name) },
	{ "address", FIELD_TEXT, false, AT(exam_source, address) },
	{ "place", FIELD_TEXT, false, AT(exam_source, place) },
	{ "key", FIELD_BOOL, false, AT(exam_source, key) },
	{ "sent", FIELD_UINT, true, AT(exam_source, sent), .min = 0, .max = QUESTIONS_MAX },
	{ "answered", FIELD_UINT, true, AT(exam_source, answered), .min = 0, .max = QUESTIONS_MAX },
	{ "good", FIELD_BOOL, true, AT(exam_source, good) },
	{ "stratum", FIELD_INT, false, AT(exam_source, stratum), .min = 0, .max = 255 },
	{ "offset_ns", FIELD_INT64, false, AT(exam_source, offset_ns), .min = -OFFSET_MAX,
	    .max = OFFSET_MAX },
	{ "error_ns", FIELD_INT64, false, AT(exam_source, error_ns), .min = 0, .max = SPAN_MAX },
	{ "kiss", FIELD_TEXT, false, AT(exam_source, kiss) },
	{ "why", FIELD_TEXT, false, AT(exam_source, why) },
	{ "fence", FIELD_TEXT, false, AT(exam_source, fence) },
	{ .name = NULL },
};

char *
exam_encode(const struct exam *exam)
{
	char *report = report_encode(&exam->report), *text;
	json_t *json = fields_encode(exam_fields, exam), *sources = json_array();

	json_object_set_new(json, "report", json_loads(report, 0, NULL));
	for (size_t i = 0; i < exam->source_count; i++) {
		json_array_append_new(sources, fields_encode(source_fields, &exam->sources[i]));
	}
	json_object_set_new(json, "sources", sources);
	text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9));
	json_decref(json);
	free(report);
	if (!text) {
		abort();
	}
	assert(strlen(text) <= EXAM_BYTES_MAX);
	return text;
}

static int
decode_report(const json_t *json, struct report *report, struct error *err)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9));
	int status = text ? report_decode(text, strlen(text), report, err)
			  : error_set(err, "report is not there");

	free(text);
	return status;
}

static int
decode(const json_t *json, struct exam *exam, struct error *err)
{
	const json_t *sources = json_object_get(json, "sources");

	if (fields_decode(exam_fields, json, "exam", exam, err) < 0 ||
	    decode_report(json_object_get(json, "report"), &exam->report, err) < 0) {
		return -1;
	}
	if (!json_is_array(sources) || json_array_size(sources) > EXAM_SOURCES_MAX) {
		return error_set(err, "sources is no list of at most %d", EXAM_SOURCES_MAX);
	}
	for (size_t i = 0; i < json_array_size(sources); i++) {
		if (fields_decode(source_fields, json_array_get(sources, i), "source",
			&exam->sources[i], err) < 0) {
			return -1;
		}
	}
	exam->source_count = json_array_size(sources);
	return 0;
}

int
exam_decode(const char *bytes, size_t len, struct exam *exam, struct error *err)
{
	struct exam *decoded;
	json_error_t wrong;
	json_t *json;
	int status;

	if (len > EXAM_BYTES_MAX) {
		return error_set(err, "%zu bytes are too many for what a host is found to be", len);
	}
	json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &wrong);
	if (!json) {
		return error_set(err, "not JSON: byte %d: %s", wrong.position, wrong.text);
	}
	decoded = calloc(1, sizeof(*decoded));
	if (!decoded) {
		abort();
	}
	status = decode(json, decoded, err);
	if (status == 0) {
		*exam = *decoded;
	}
	free(decoded);
	json_decref(json);
	return status;
}

bool
exam_clocksource_is_poor(const char *clocksource)
{
	static const char *const poor[] = { "acpi_pm", "hpet", "jiffies", "refined-jiffies",
		"pit" };

	for (size_t i = 0; i < COUNT(poor); i++) {
		if (strcmp(clocksource, poor[i]) == 0) {
			return true;
		}
	}
	return false;
}
