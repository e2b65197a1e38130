/*
 * The JSON names stand in tables with one row per member.  Writing and reading walk the same rows,
 * so that what is written can be read.
 */
#include "verdict/report.h"

#include "common/json_fields.h"
#include "common/shown.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define OFFSET_MAX (INT64_C(4500000000) * NS_PER_S) /* an NTP era is 136 years */
#define SPAN_MAX (INT64_C(1000000) * NS_PER_S)      /* so that sums of a few never overflow */
#define LONG_MAX_NS (INT64_MAX / 2)

static const char *
leap_text(int value)
{
	return leap_name((enum leap)value);
}

/* On the way to a collector, which may be older than the agent, what is only shown is "rejected".
 */
static const char *
state_text(int value)
{
	enum source_state state = (enum source_state)value;

	return source_state_name(
	    state == SOURCE_MEASURED || state == SOURCE_NEW ? SOURCE_REJECTED : state);
}

static const char *
auth_text(int value)
{
	return source_auth_name((enum source_auth)value);
}

static const char *
verdict_text(int value)
{
	return verdict_name((enum verdict_kind)value);
}

const char *
first_set_state_name(enum first_set_state state)
{
	static const char *const names[] = {
		[FIRST_SET_NONE] = "none",
		[FIRST_SET_WAITS] = "waiting",
		[FIRST_SET_DONE] = "done",
		[FIRST_SET_REFUSES] = "refused",
	};

	return names[state];
}

static const char *
first_set_text(int value)
{
	return first_set_state_name((enum first_set_state)value);
}

const char *
reporting_state_name(enum reporting_state state)
{
	static const char *const names[] = {
		[REPORTING_UNKNOWN] = "unknown",
		[REPORTING_TAKEN] = "taken",
		[REPORTING_REFUSED] = "refused",
		[REPORTING_FAILS] = "fails",
	};

	return names[state];
}

static const char *
reporting_text(int value)
{
	return reporting_state_name((enum reporting_state)value);
}

#define AT FIELD_AT
#define OFFSET .min = -OFFSET_MAX, .max = OFFSET_MAX
#define SPAN .min = 0, .max = SPAN_MAX
#define RATE .min = -1000000, .max = 1000000, .sparse = true
#define AGE .min = -1, .max = OFFSET_MAX, .absent = -1

static const struct field report_fields[] = {
	{ "host", FIELD_TEXT, true, AT(report, host) },
	{ "agent_version", FIELD_TEXT, false, AT(report, agent_version) },
	{ "boot_id", FIELD_TEXT, true, AT(report, boot_id) },
	{ "session_id", FIELD_TEXT, true, AT(report, session_id) },
	{ "seq", FIELD_COUNT, true, AT(report, seq), .min = 1, .max = INT64_MAX },
	{ "boot_ns", FIELD_INT64, true, AT(report, boot_ns), .min = 0, .max = BOOT_MAX },
	{ "time", FIELD_INSTANT, true, AT(report, real_ns), .min = INSTANT_MIN,
	    .max = INSTANT_MAX },
	{ "interval_ns", FIELD_INT64, true, AT(report, interval_ns), .min = NS_PER_S,
	    .max = 86400 * NS_PER_S },
	{ "answered", FIELD_BOOL, true, AT(report, answered) },
	{ "measured", FIELD_BOOL, false, AT(report, measured) },
	{ "measured_age_ns", FIELD_INT64, false, AT(report, measured_age_ns), SPAN },
	{ "runs", FIELD_BOOL, false, AT(report, runs) },
	{ "daemon", FIELD_TEXT, false, AT(report, daemon) },
	{ "error", FIELD_TEXT, false, AT(report, error) },
	{ "resolver", FIELD_TEXT, false, AT(report, resolver) },
	{ "slewed_ns", FIELD_INT64, false, AT(report, slewed_ns), OFFSET },
	{ "rtc_offset_ns", FIELD_INT64, false, AT(report, rtc_offset_ns), OFFSET,
	    .absent = INT64_MAX },
	{ "kernel_ppm", FIELD_REAL, false, AT(report, kernel_ppm), RATE },
	{ "temperature_c", FIELD_REAL, false, AT(report, temperature_c), .min = -300, .max = 1000,
	    .sparse = true },
	{ "certificate_ends", FIELD_INSTANT, false, AT(report, certificate_ends_ns),
	    .min = INSTANT_MIN, .max = INSTANT_MAX },
	{ .name = NULL },
};

const struct field daemon_status_fields[] = {
	{ "version", FIELD_TEXT, false, AT(daemon_status, version) },
	{ "leap", FIELD_NAME, true, AT(daemon_status, leap), .max = LEAP_UNSYNC,
	    .name_of = leap_text },
	{ "stratum", FIELD_INT, true, AT(daemon_status, stratum), .min = 0, .max = 255 },
	{ "selected", FIELD_TEXT, false, AT(daemon_status, selected) },
	{ "offset_ns", FIELD_INT64, true, AT(daemon_status, offset_ns), OFFSET },
	{ "root_delay_ns", FIELD_INT64, true, AT(daemon_status, root_delay_ns), SPAN },
	{ "root_dispersion_ns", FIELD_INT64, true, AT(daemon_status, root_dispersion_ns), SPAN },
	{ "update_age_ns", FIELD_INT64, false, AT(daemon_status, update_age_ns), AGE },
	{ "update_interval_ns", FIELD_INT64, false, AT(daemon_status, update_interval_ns), SPAN },
	{ "frequency_ppm", FIELD_REAL, false, AT(daemon_status, frequency_ppm), RATE },
	{ "skew_ppm", FIELD_REAL, false, AT(daemon_status, skew_ppm), RATE },
	{ "wander_ppm", FIELD_REAL, false, AT(daemon_status, wander_ppm), RATE },
	{ "last_offset_ns", FIELD_INT64, false, AT(daemon_status, last_offset_ns), OFFSET,
	    .sparse = true },
	{ "rms_offset_ns", FIELD_INT64, false, AT(daemon_status, rms_offset_ns), SPAN,
	    .sparse = true },
	{ "clock_jitter_ns", FIELD_INT64, false, AT(daemon_status, clock_jitter_ns), SPAN,
	    .sparse = true },
	{ "system_jitter_ns", FIELD_INT64, false, AT(daemon_status, system_jitter_ns), SPAN,
	    .sparse = true },
	{ .name = NULL },
};

const struct field source_status_fields[] = {
	{ "address", FIELD_TEXT, true, AT(source_status, address) },
	{ "state", FIELD_NAME, true, AT(source_status, state), .max = SOURCE_SELECTED,
	    .name_of = state_text },
	{ "auth", FIELD_NAME, false, AT(source_status, auth), .max = AUTH_BAD,
	    .name_of = auth_text },
	{ "declared_auth", FIELD_NAME, false, AT(source_status, declared_auth), .max = AUTH_NTS,
	    .name_of = auth_text },
	{ "noselect", FIELD_BOOL, false, AT(source_status, noselect) },
	{ "stratum", FIELD_INT, false, AT(source_status, stratum), .min = 0, .max = 255 },
	{ "poll_log2", FIELD_INT, false, AT(source_status, poll_log2), .min = -32, .max = 32 },
	{ "reach", FIELD_UINT, false, AT(source_status, reach), .min = 0, .max = 255 },
	{ "jitter_ns", FIELD_UINT, false, AT(source_status, jitter_ns), .min = 0, .max = UINT32_MAX,
	    .sparse = true },
	{ "age_ns", FIELD_INT64, false, AT(source_status, age_ns), AGE },
	{ "offset_ns", FIELD_INT64, false, AT(source_status, offset_ns), OFFSET },
	{ "delay_ns", FIELD_INT64, false, AT(source_status, delay_ns), .min = -1, .max = SPAN_MAX,
	    .absent = -1 },
	{ "error_ns", FIELD_INT64, false, AT(source_status, error_ns), SPAN },
	{ "filter_ns", FIELD_INT64, false, AT(source_status, filter_ns), SPAN },
	{ .name = NULL },
};

const struct field verdict_fields[] = {
	{ "kind", FIELD_NAME, true, AT(verdict, kind), .max = VERDICT_UNKNOWN,
	    .name_of = verdict_text },
	{ "degraded", FIELD_BOOL, false, AT(verdict, degraded) },
	{ "amount_ns", FIELD_INT64, false, AT(verdict, amount_ns), OFFSET },
	{ "duration_ns", FIELD_INT64, false, AT(verdict, duration_ns), .min = 0,
	    .max = LONG_MAX_NS },
	{ .name = NULL },
};

const struct field step_record_fields[] = {
	{ "count", FIELD_COUNT, true, AT(step_record, count), .min = 0, .max = INT64_MAX },
	{ "last_ns", FIELD_INT64, false, AT(step_record, last_ns), OFFSET },
	{ "last_time", FIELD_INSTANT, false, AT(step_record, last_real_ns), .min = INSTANT_MIN,
	    .max = INSTANT_MAX },
	{ "total_ns", FIELD_INT64, false, AT(step_record, total_ns), OFFSET },
	{ .name = NULL },
};

static const struct field first_set_fields[] = {
	{ "state", FIELD_NAME, true, AT(first_set_report, state), .max = FIRST_SET_REFUSES,
	    .name_of = first_set_text },
	{ "words", FIELD_TEXT, false, AT(first_set_report, words) },
	{ .name = NULL },
};

static const struct field reporting_fields[] = {
	{ "state", FIELD_NAME, true, AT(reporting, state), .max = REPORTING_FAILS,
	    .name_of = reporting_text },
	{ "words", FIELD_TEXT, false, AT(reporting, words) },
	{ .name = NULL },
};

/* How a rival is switched off; its words stand in a list of their own, as older programs read it.
 */
static const struct field switch_fields[] = {
	{ "unit", FIELD_TEXT, false, AT(report_rival, unit) },
	{ "hook", FIELD_TEXT, false, AT(report_rival, hook) },
	{ "active", FIELD_BOOL, false, AT(report_rival, active) },
	{ "enabled", FIELD_BOOL, false, AT(report_rival, enabled) },
	{ .name = NULL },
};

bool
report_has_status(const struct report *report)
{
	return report->answered || report->measured;
}

static json_t *
encode_status(const struct daemon_status *status)
{
	json_t *json = fields_encode(daemon_status_fields, status);
	json_t *sources = json_array();

	for (size_t i = 0; i < status->source_count; i++) {
		json_array_append_new(
		    sources, fields_encode(source_status_fields, &status->sources[i]));
	}
	json_object_set_new(json, "sources", sources);
	return json;
}

static json_t *
encode_verdict(const struct verdict *verdict)
{
	json_t *json = fields_encode(verdict_fields, verdict);
	json_t *reasons = json_array();

	for (size_t i = 0; i < verdict->reason_count; i++) {
		json_array_append_new(reasons, fields_text(verdict->reasons[i]));
	}
	json_object_set_new(json, "reasons", reasons);
	return json;
}

static void
encode_rivals(const struct report *report, json_t *json)
{
	json_t *rivals = json_array(), *switches = json_array();

	for (size_t i = 0; i < report->rival_count; i++) {
		json_array_append_new(rivals, fields_text(report->rivals[i].words));
		json_array_append_new(switches, fields_encode(switch_fields, &report->rivals[i]));
	}
	json_object_set_new(json, "rivals", rivals);
	json_object_set_new(json, "switches", switches);
}

char *
report_encode(const struct report *report)
{
	json_t *json = fields_encode(report_fields, report);
	char *text;

	if (report_has_status(report)) {
		json_object_set_new(json, "status", encode_status(&report->status));
	}
	json_object_set_new(json, "verdict", encode_verdict(&report->verdict));
	json_object_set_new(json, "steps", fields_encode(step_record_fields, &report->steps));
	if (report->first_set.state != FIRST_SET_NONE) {
		json_object_set_new(
		    json, "first_set", fields_encode(first_set_fields, &report->first_set));
	}
	if (report->reporting.state != REPORTING_UNKNOWN) {
		json_object_set_new(
		    json, "reporting", fields_encode(reporting_fields, &report->reporting));
	}
	json_object_set_new(json, "proof", fields_encode(proof_fields, &report->proof));
	json_object_set_new(json, "ledger", ledger_encode(report->ledger, report->ledger_count));
	if (report->end.ended) {
		json_object_set_new(json, "end", fields_encode(daemon_end_fields, &report->end));
	}
	if (report->kernel.told) {
		json_object_set_new(json, "kernel", kernel_encode(&report->kernel));
	}
	encode_rivals(report, json);
	json_object_set_new(json, "names", stale_encode(report->names, report->name_count));
	text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9));
	json_decref(json);
	if (!text) {
		abort();
	}
	assert(strlen(text) <= REPORT_BYTES_MAX);
	return text;
}

/*
 * Copy texts of the list @name to @out, @max of @size bytes.
 * Returns how many, or -1: no list.
 */
static int
read_texts(const struct json_doc *doc, const struct json_value *object, const char *name, char *out,
    size_t size, size_t max)
{
	const struct json_value *list = json_doc_member(doc, object, name), *item;
	size_t count = 0;

	if (!list || list->type != JSON_ARRAY) {
		return list ? -1 : 0;
	}
	item = json_doc_first(list);
	for (size_t i = 0; i < list->count && count < max; i++) {
		if (item->type != JSON_STRING) {
			return -1;
		}
		shown_copy(out + count * size, size, item->text);
		count++;
		item = json_doc_next(doc, item);
	}
	return (int)count;
}

static int
read_status(const struct json_doc *doc, const struct json_value *read, struct daemon_status *status,
    struct error *err)
{
	const struct json_value *sources = json_doc_member(doc, read, "sources"), *source;

	if (fields_read(daemon_status_fields, doc, read, "status", status, err) < 0) {
		return -1;
	}
	if (!sources || sources->type != JSON_ARRAY || sources->count > DAEMON_SOURCES_MAX) {
		return error_set(
		    err, "status.sources is no list of at most %d", DAEMON_SOURCES_MAX);
	}
	source = json_doc_first(sources);
	for (size_t i = 0; i < sources->count; i++) {
		if (fields_read(source_status_fields, doc, source, "source", &status->sources[i],
			err) < 0) {
			return -1;
		}
		source = json_doc_next(doc, source);
	}
	status->source_count = sources->count;
	return 0;
}

static int
read_verdict(const struct json_doc *doc, const struct json_value *read, struct verdict *verdict,
    struct error *err)
{
	int count = read_texts(
	    doc, read, "reasons", verdict->reasons[0], VERDICT_REASON_BYTES, VERDICT_REASONS_MAX);

	if (fields_read(verdict_fields, doc, read, "verdict", verdict, err) < 0) {
		return -1;
	}
	if (count < 0) {
		return error_set(err, "verdict.reasons is no list of texts");
	}
	verdict->reason_count = (size_t)count;
	return 0;
}

/* Read the member @name of a report into @object, when it is there. */
static int
read_optional(const struct json_doc *doc, const char *name, const struct field *fields,
    void *object, struct error *err)
{
	const struct json_value *read = json_doc_member(doc, doc->values, name);

	return read ? fields_read(fields, doc, read, name, object, err) : 0;
}

/* Read what the agent saw of the clock.  What an agent of an older release omits stays empty. */
static int
read_watch(const struct json_doc *doc, struct report *report, struct error *err)
{
	json_t *ledger;
	int status;

	if (read_optional(doc, "proof", proof_fields, &report->proof, err) < 0 ||
	    read_optional(doc, "end", daemon_end_fields, &report->end, err) < 0 ||
	    read_optional(doc, "first_set", first_set_fields, &report->first_set, err) < 0 ||
	    read_optional(doc, "reporting", reporting_fields, &report->reporting, err) < 0) {
		return -1;
	}
	report->end.ended = json_doc_member(doc, doc->values, "end") != NULL;
	ledger = json_doc_tree(doc, json_doc_member(doc, doc->values, "ledger"));
	status =
	    ledger_decode(ledger, report->ledger, LEDGER_REPORTED_MAX, &report->ledger_count, err);
	json_decref(ledger);
	return status;
}

static int
read_names(const struct json_doc *doc, struct report *report, struct error *err)
{
	json_t *names = json_doc_tree(doc, json_doc_member(doc, doc->values, "names"));
	int status = stale_decode(names, report->names, &report->name_count, err);

	json_decref(names);
	return status;
}

/* Read the rivals; an older agent says of none how it is switched off. */
static int
read_rivals(const struct json_doc *doc, struct report *report, struct error *err)
{
	const struct json_value *list = json_doc_member(doc, doc->values, "rivals"), *one, *how;
	const struct json_value *switches = json_doc_member(doc, doc->values, "switches");
	size_t switch_count = switches && switches->type == JSON_ARRAY ? switches->count : 0;

	if (list && list->type != JSON_ARRAY) {
		return error_set(err, "report.rivals is no list of texts");
	}
	one = list ? json_doc_first(list) : NULL;
	how = switch_count > 0 ? json_doc_first(switches) : NULL;
	for (size_t i = 0; list && i < list->count && i < REPORT_RIVALS_MAX; i++) {
		struct report_rival *rival = &report->rivals[report->rival_count++];

		if (one->type != JSON_STRING) {
			return error_set(err, "report.rivals is no list of texts");
		}
		shown_copy(rival->words, sizeof(rival->words), one->text);
		one = json_doc_next(doc, one);
		if (i < switch_count) {
			if (fields_read(switch_fields, doc, how, "switch", rival, err) < 0) {
				return -1;
			}
			how = json_doc_next(doc, how);
		}
	}
	return 0;
}

static int
read_report(const struct json_doc *doc, struct report *report, struct error *err)
{
	const struct json_value *read = doc->values;

	if (fields_read(report_fields, doc, read, "report", report, err) < 0 ||
	    read_verdict(doc, json_doc_member(doc, read, "verdict"), &report->verdict, err) < 0 ||
	    fields_read(step_record_fields, doc, json_doc_member(doc, read, "steps"), "steps",
		&report->steps, err) < 0 ||
	    kernel_read(doc, json_doc_member(doc, read, "kernel"), &report->kernel, err) < 0 ||
	    read_names(doc, report, err) < 0 || read_rivals(doc, report, err) < 0 ||
	    read_watch(doc, report, err) < 0) {
		return -1;
	}
	if (report_has_status(report)) {
		return read_status(doc, json_doc_member(doc, read, "status"), &report->status, err);
	}
	return 0;
}

int
report_decode(const char *bytes, size_t len, struct report *report, struct error *err)
{
	struct report *decoded;
	struct json_doc doc;
	int status;

	if (len > REPORT_BYTES_MAX) {
		return error_set(
		    err, "a report of %zu bytes is too long: %d at most", len, REPORT_BYTES_MAX);
	}
	status = json_doc_read(&doc, bytes, len, err);
	if (status == 0) {
		decoded = calloc(1, sizeof(*decoded));
		if (!decoded) {
			abort();
		}
		status = read_report(&doc, decoded, err);
		if (status == 0) {
			*report = *decoded;
		}
		free(decoded);
	}
	json_doc_free(&doc);
	return status;
}
