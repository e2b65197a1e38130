#include "verdict/report.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What its witness saw, and where names lead. */
static void
add_watch(struct report *report)
{
	report->proof = (struct proof){ .state = PROOF_STEPPED,
		.started_boot_ns = 41,
		.started_real_ns = 2 * NS_PER_S,
		.window_ns = 900 * NS_PER_S,
		.proved_real_ns = 902 * NS_PER_S,
		.steps = 1,
		.stepped_ns = -NS_PER_S,
		.touched = 3,
		.moved_ns = -43,
		.unwatched_ns = 44,
		.ended = true,
		.words = "stepped" };
	report->ledger[0] = (struct ledger_entry){ .boot_id = "a0b1",
		.boot_ns = 51,
		.amount_ns = -NS_PER_S,
		.before_real_ns = 2 * NS_PER_S,
		.after_real_ns = NS_PER_S,
		.cause = CAUSE_BY_HAND,
		.settled = true,
		.words = "set" };
	report->ledger[1] = (struct ledger_entry){ .boot_id = "9999",
		.boot_ns = 61,
		.amount_ns = 5 * NS_PER_S,
		.before_real_ns = NS_PER_S,
		.after_real_ns = 6 * NS_PER_S };
	report->ledger_count = 2;
	report->first_set =
	    (struct first_set_report){ .state = FIRST_SET_REFUSES, .words = "2014" };
	report->reporting = (struct reporting){ .state = REPORTING_REFUSED, .words = "403" };
	report->runs = true;
	report->kernel = (struct kernel_clock){
		.told = true, .flags = 0xffff, .max_error_ns = 33, .estimated_error_ns = 34
	};
	report->temperature_c = 47.5;
	report->names[0] = (struct stale_name){ "time.example", "192.0.2.1", "192.0.2.2" };
	report->name_count = 1;
	snprintf(report->resolver, sizeof(report->resolver), "/etc/resolv.conf is not readable");
	report->end = (struct daemon_end){ .ended = true,
		.refused = true,
		.real_ns = NS_PER_S,
		.exit_status = 255,
		.result = "exit-code",
		.words = "exited" };
}

/* A report in which every member has a value of its own. */
static struct report
full_report(void)
{
	struct report report = {
		.host = "time1",
		.agent_version = "0.1.0",
		.boot_id = "a0b1",
		.session_id = "c2d3",
		.seq = 7,
		.boot_ns = 123456789,
		.real_ns = INT64_C(1763788800123456789),
		.interval_ns = 16 * NS_PER_S,
		.answered = true,
		.daemon = "chrony",
		.status = {
			.version = "4.3",
			.leap = LEAP_INSERT,
			.stratum = 2,
			.selected = "192.0.2.1",
			.offset_ns = -1500,
			.root_delay_ns = 2000,
			.root_dispersion_ns = 3000,
			.update_age_ns = 4 * NS_PER_S,
			.update_interval_ns = 64 * NS_PER_S,
			.frequency_ppm = -12.25,
			.skew_ppm = 0.5,
			.wander_ppm = 0.25,
			.last_offset_ns = -15,
			.rms_offset_ns = 16,
			.clock_jitter_ns = 17,
			.system_jitter_ns = 18,
			.source_count = 2,
			.sources = {
				{ .address = "192.0.2.1", .state = SOURCE_SELECTED,
				    .auth = AUTH_KEY, .declared_auth = AUTH_NTS, .noselect = true,
				    .stratum = 1, .poll_log2 = 6, .reach = 255, .jitter_ns = 8,
				    .age_ns = 11, .offset_ns = -12, .delay_ns = 13, .error_ns = 14,
				    .filter_ns = 9 },
				{ .address = "2001:db8::1", .state = SOURCE_SILENT, .age_ns = -1,
				    .delay_ns = -1 },
			},
		},
		.verdict = { .kind = VERDICT_SLEW, .degraded = true, .amount_ns = 21, .duration_ns = 22,
		    .reasons = { "one", "two" }, .reason_count = 2 },
		.steps = { .count = 1, .last_ns = -NS_PER_S, .last_real_ns = NS_PER_S,
		    .total_ns = -NS_PER_S },
		.slewed_ns = -31,
		.rtc_offset_ns = 32,
		.certificate_ends_ns = 1800000000 * NS_PER_S,
		.kernel_ppm = 210.5,
		.rivals = { { .words = "systemd-timesyncd", .unit = "a.timer", .hook = "/etc/h",
		    .active = true, .enabled = true } },
		.rival_count = 1,
		.error = "none",
	};

	add_watch(&report);
	return report;
}

static void
what_was_encoded_decodes_the_same(void **state UNUSED)
{
	struct report out = full_report(), in = { .seq = 77 };
	struct error err = { "" };
	char *first = report_encode(&out), *second;

	assert_null(strchr(first, '\n'));
	if (report_decode(first, strlen(first), &in, &err) < 0) {
		fail_msg("%s", err.text);
	}
	second = report_encode(&in);
	assert_string_equal(first, second);
	assert_string_equal(in.status.sources[1].address, "2001:db8::1");
	assert_int_equal(in.status.sources[0].declared_auth, AUTH_NTS);
	assert_true(in.status.sources[0].noselect);
	assert_int_equal(in.status.sources[1].age_ns, -1);
	assert_int_equal(in.status.offset_ns, -1500);
	assert_true(in.kernel.told);
	assert_int_equal(in.kernel.flags, 0xffff);
	assert_int_equal(in.kernel.estimated_error_ns, 34);
	assert_true(in.temperature_c > 47.4 && in.temperature_c < 47.6);
	assert_int_equal(in.status.last_offset_ns, -15);
	assert_int_equal(in.status.sources[0].jitter_ns, 8);
	assert_int_equal(in.verdict.kind, VERDICT_SLEW);
	assert_true(in.verdict.degraded);
	assert_int_equal(in.real_ns, out.real_ns);
	assert_string_equal(in.rivals[0].words, "systemd-timesyncd");
	assert_string_equal(in.rivals[0].unit, "a.timer");
	assert_string_equal(in.rivals[0].hook, "/etc/h");
	assert_true(in.rivals[0].active && in.rivals[0].enabled);
	assert_int_equal(in.name_count, 1);
	assert_string_equal(in.names[0].now, "192.0.2.2");
	assert_string_equal(in.resolver, "/etc/resolv.conf is not readable");
	assert_int_equal(in.proof.state, PROOF_STEPPED);
	assert_int_equal(in.ledger_count, 2);
	assert_int_equal(in.ledger[0].cause, CAUSE_BY_HAND);
	assert_int_equal(in.ledger[1].amount_ns, 5 * NS_PER_S);
	assert_true(in.end.ended);
	assert_int_equal(in.first_set.state, FIRST_SET_REFUSES);
	assert_string_equal(in.first_set.words, "2014");
	assert_int_equal(in.reporting.state, REPORTING_REFUSED);
	assert_string_equal(in.reporting.words, "403");
	assert_true(in.runs);
	assert_int_equal(in.certificate_ends_ns, 1800000000 * NS_PER_S);
	free(first);
	free(second);
}

/* What the agent measured stands where the daemon's own word would. */
static void
a_report_of_a_daemon_that_may_not_be_asked_tells_what_was_measured(void **state UNUSED)
{
	struct report out = full_report(), in;
	char *text;

	out.answered = false;
	out.measured = true;
	out.measured_age_ns = 90 * NS_PER_S;
	text = report_encode(&out);
	assert_int_equal(report_decode(text, strlen(text), &in, NULL), 0);
	assert_false(in.answered);
	assert_true(in.measured && report_has_status(&in));
	assert_true(in.measured_age_ns == 90 * NS_PER_S);
	assert_int_equal(in.status.offset_ns, out.status.offset_ns);
	assert_int_equal(in.status.source_count, out.status.source_count);
	free(text);
}

static void
a_report_without_a_daemon_has_no_status_and_tells_no_rtc(void **state UNUSED)
{
	struct report out = full_report(), in;
	char *text;

	out.answered = false;
	out.rtc_offset_ns = INT64_MAX;
	out.certificate_ends_ns = 0;
	text = report_encode(&out);
	assert_null(strstr(text, "\"status\""));
	assert_null(strstr(text, "rtc_offset_ns"));
	assert_null(strstr(text, "certificate"));
	assert_int_equal(report_decode(text, strlen(text), &in, NULL), 0);
	assert_false(in.answered);
	assert_true(in.rtc_offset_ns == INT64_MAX);
	free(text);
}

/* What is not known is absent, never 0. */
static void
what_is_not_told_has_no_member(void **state UNUSED)
{
	static const char *const names[] = { "frequency_ppm", "skew_ppm", "wander_ppm",
		"last_offset_ns", "rms_offset_ns", "clock_jitter_ns", "system_jitter_ns",
		"jitter_ns", "kernel", "kernel_ppm", "temperature_c" };
	struct report out = full_report(), in = full_report();
	char *text, quoted[32];

	out.status = (struct daemon_status){ .stratum = 2, .source_count = 1 };
	snprintf(out.status.sources[0].address, SOURCE_NAME_BYTES, "192.0.2.1");
	out.kernel = (struct kernel_clock){ .flags = 1 };
	out.kernel_ppm = out.temperature_c = 0;
	text = report_encode(&out);
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(quoted, sizeof(quoted), "\"%s\"", names[i]);
		if (strstr(text, quoted)) {
			fail_msg("%s is told", names[i]);
		}
	}
	assert_int_equal(report_decode(text, strlen(text), &in, NULL), 0);
	assert_false(in.kernel.told);
	assert_true(in.status.skew_ppm == 0);
	free(text);
}

/* Decode @text with the first @from replaced by @to; it must fail with @words. */
static void
must_refuse(const char *text, const char *from, const char *to, const char *words)
{
	struct report in = { .seq = 77 };
	struct error err = { "" };
	const char *at = strstr(text, from);
	char *changed;

	assert_non_null(at);
	changed = malloc(strlen(text) + strlen(to) + 1);
	assert_non_null(changed);
	memcpy(changed, text, (size_t)(at - text));
	memcpy(changed + (at - text), to, strlen(to) + 1);
	memcpy(changed + strlen(changed), at + strlen(from), strlen(at + strlen(from)) + 1);
	assert_int_equal(report_decode(changed, strlen(changed), &in, &err), -1);
	if (!strstr(err.text, words)) {
		fail_msg("\"%s\" does not say \"%s\"", err.text, words);
	}
	assert_int_equal(in.seq, 77);
	free(changed);
}

static void
a_wrong_member_is_named_and_the_report_is_untouched(void **state UNUSED)
{
	struct report out = full_report();
	char *text = report_encode(&out);

	must_refuse(text, "{", "", "not JSON");
	must_refuse(text, "\"seq\":7", "\"seq\":0", "report.seq is out of range");
	must_refuse(text, "\"seq\":7", "\"seq\":1e3", "report.seq is no integer");
	must_refuse(text, "\"boot_ns\":123456789", "\"boot_ns\":9223372036854775807",
	    "report.boot_ns is out of range");
	must_refuse(
	    text, "\"boot_ns\":123456789", "\"boot_ns\":-1", "report.boot_ns is out of range");
	must_refuse(text, "\"seq\":7", "\"seq\":99999999999999999999", "not JSON");
	must_refuse(text, "\"seq\":7", "\"seq\":7,\"seq\":7", "duplicate");
	must_refuse(text, "\"host\":\"time1\"", "\"host\":\"\"", "report.host is empty");
	must_refuse(text, "\"host\":\"time1\",", "", "report.host is missing");
	must_refuse(text, "2025-11-22T", "2525-11-22T", "report.time");
	must_refuse(text, "\"answered\":true", "\"answered\":1", "report.answered");
	must_refuse(text, "\"insert\"", "\"sideways\"", "status.leap: \"sideways\"");
	must_refuse(
	    text, "\"offset_ns\":-1500", "\"offset_ns\":9000000000000000000", "status.offset");
	must_refuse(text, "-12.25", "\"x\"", "status.frequency_ppm");
	must_refuse(text, "-12.25", "1e300", "status.frequency_ppm");
	must_refuse(text, "\"sources\":[", "\"sources\":[1,", "source is no object");
	must_refuse(text, "[\"one\"", "[1", "verdict.reasons");
	must_refuse(text, "\"state\":\"stepped\"", "\"state\":\"hopped\"", "proof.state");
	must_refuse(text, "\"flags\":[", "\"flags\":[1,", "kernel.flags");
	must_refuse(text, "\"max_error_ns\":33", "\"max_error_ns\":-1", "kernel.max_error_ns");
	must_refuse(text, "\"by hand\"", "\"by foot\"", "ledger.cause");
	must_refuse(text, "\"exit_status\":255", "\"exit_status\":256", "end.exit_status");
	must_refuse(text, "\"ledger\":[", "\"ledger\":[1,", "ledger is no object");
	must_refuse(text, "\"steps\":{", "\"stairs\":{", "steps is no object");
	free(text);
}

static void
unknown_members_are_ignored(void **state UNUSED)
{
	struct report out = full_report(), in;
	char *text = report_encode(&out), *more = malloc(strlen(text) + 64);

	assert_non_null(more);
	memcpy(more, "{\"moon\":{\"phase\":[1,2]},", 25);
	memcpy(more + 24, text + 1, strlen(text));
	assert_int_equal(report_decode(more, strlen(more), &in, NULL), 0);
	free(text);
	free(more);
}

static void
a_report_of_an_agent_that_knows_no_proof_is_taken(void **state UNUSED)
{
	struct report out = full_report(), in;
	char *text = report_encode(&out);
	json_t *json = json_loads(text, 0, NULL);

	free(text);
	json_object_del(json, "proof");
	json_object_del(json, "ledger");
	json_object_del(json, "end");
	text = json_dumps(json, JSON_COMPACT);
	assert_int_equal(report_decode(text, strlen(text), &in, NULL), 0);
	assert_int_equal(in.proof.state, PROOF_NONE);
	assert_int_equal(in.ledger_count, 0);
	assert_false(in.end.ended);
	json_decref(json);
	free(text);
}

static void
texts_from_outside_are_cut_and_cannot_draw(void **state UNUSED)
{
	struct report out = full_report(), in;
	char *text;

	memcpy(out.daemon, "a\x1b[2J\xff\xe2\x80\xae", 10);
	memset(out.error, 'x', sizeof(out.error) - 1);
	memcpy(out.error + sizeof(out.error) - 3, "\xc3\xa4", 3);
	text = report_encode(&out);
	assert_int_equal(report_decode(text, strlen(text), &in, NULL), 0);
	assert_string_equal(in.daemon, "a\\x1b[2J\\xff\\u202e");
	assert_int_equal(strlen(in.error), sizeof(in.error) - 1);
	free(text);
}

static void
the_largest_report_fits_its_limit(void **state UNUSED)
{
	struct report out = full_report();
	char *text;

	for (size_t i = 0; i < DAEMON_SOURCES_MAX; i++) {
		out.status.sources[i] = out.status.sources[0];
		memset(out.status.sources[i].address, '"', SOURCE_NAME_BYTES - 1);
		out.status.sources[i].offset_ns = INT64_MIN;
		out.status.sources[i].error_ns = INT64_MAX;
	}
	out.status.source_count = DAEMON_SOURCES_MAX;
	for (size_t i = 0; i < VERDICT_REASONS_MAX; i++) {
		memset(out.verdict.reasons[i], '\\', VERDICT_REASON_BYTES - 1);
	}
	out.verdict.reason_count = VERDICT_REASONS_MAX;
	for (size_t i = 0; i < LEDGER_REPORTED_MAX; i++) {
		memset(out.ledger[i].boot_id, '"', sizeof(out.ledger[i].boot_id) - 1);
		memset(out.ledger[i].words, '"', sizeof(out.ledger[i].words) - 1);
		out.ledger[i].amount_ns = INT64_MIN;
	}
	out.ledger_count = LEDGER_REPORTED_MAX;
	for (size_t i = 0; i < STALE_NAMES_MAX; i++) {
		memset(out.names[i].name, '"', sizeof(out.names[i].name) - 1);
		memset(out.names[i].was, '"', sizeof(out.names[i].was) - 1);
		memset(out.names[i].now, '"', sizeof(out.names[i].now) - 1);
	}
	out.name_count = STALE_NAMES_MAX;
	text = report_encode(&out);
	assert_true(strlen(text) < REPORT_BYTES_MAX);
	assert_int_equal(report_decode(text, strlen(text), &out, NULL), 0);
	free(text);
}

/* Every member of @json has its place in @schema, and the other way round. */
static void
compare_members(const json_t *json, const json_t *schema, const char *where)
{
	const json_t *properties = json_object_get(schema, "properties");
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)json, name, value)
	{
		const json_t *known = json_object_get(properties, name);

		if (!known) {
			fail_msg("the schema has no %s.%s", where, name);
		}
		if (json_is_object(value)) {
			compare_members(value, known, name);
		} else if (json_is_array(value) && json_is_object(json_array_get(value, 0))) {
			compare_members(
			    json_array_get(value, 0), json_object_get(known, "items"), name);
		}
	}
	json_object_foreach((json_t *)(uintptr_t)properties, name, value)
	{
		if (!json_object_get(json, name)) {
			fail_msg("the report has no %s.%s", where, name);
		}
	}
}

static void
the_schema_names_exactly_what_a_report_has(void **state UNUSED)
{
	struct report out = full_report();
	char *text = report_encode(&out);
	json_t *json = json_loads(text, 0, NULL);
	json_t *schema = json_load_file("schemas/report.schema.json", 0, NULL);

	assert_non_null(schema);
	compare_members(json, schema, "report");
	json_decref(json);
	json_decref(schema);
	free(text);
}

static void
a_report_of_an_older_agent_tells_no_switches(void **state UNUSED)
{
	static struct report in, out;
	struct error err;
	char *text, *at;

	in = (struct report){ .host = "h",
		.boot_id = "b",
		.session_id = "s",
		.seq = 1,
		.boot_ns = 1,
		.real_ns = NS_PER_S,
		.interval_ns = NS_PER_S,
		.rivals = { { .words = "x", .unit = "a.timer" } },
		.rival_count = 1 };
	text = report_encode(&in);
	at = strstr(text, "\"switches\"");
	assert_non_null(at);
	at[1] = 'w';
	assert_int_equal(report_decode(text, strlen(text), &out, &err), 0);
	assert_int_equal(out.rival_count, 1);
	assert_string_equal(out.rivals[0].words, "x");
	assert_string_equal(out.rivals[0].unit, "");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_told_has_no_member),
		cmocka_unit_test(what_was_encoded_decodes_the_same),
		cmocka_unit_test(
		    a_report_of_a_daemon_that_may_not_be_asked_tells_what_was_measured),
		cmocka_unit_test(a_report_without_a_daemon_has_no_status_and_tells_no_rtc),
		cmocka_unit_test(a_wrong_member_is_named_and_the_report_is_untouched),
		cmocka_unit_test(unknown_members_are_ignored),
		cmocka_unit_test(a_report_of_an_agent_that_knows_no_proof_is_taken),
		cmocka_unit_test(texts_from_outside_are_cut_and_cannot_draw),
		cmocka_unit_test(the_largest_report_fits_its_limit),
		cmocka_unit_test(the_schema_names_exactly_what_a_report_has),
		cmocka_unit_test(a_report_of_an_older_agent_tells_no_switches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
