#include "common/clock.h"
#include "orchestrator/doctor/doctor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW (INT64_C(1764000000) * NS_PER_S)
#define DAY_NS (INT64_C(86400) * NS_PER_S)

static void
add_source(struct exam *exam, const char *address)
{
	struct exam_source *asked = &exam->sources[exam->source_count++];
	struct source_status *seen =
	    &exam->report.status.sources[exam->report.status.source_count++];

	*asked = (struct exam_source){ .place = "/etc/chrony/chrony.conf:3",
		.sent = 3,
		.answered = 3,
		.good = true,
		.stratum = 1,
		.error_ns = NS_PER_MS };
	snprintf(asked->name, sizeof(asked->name), "%s", address);
	snprintf(asked->address, sizeof(asked->address), "%s", address);
	*seen = (struct source_status){ .state = SOURCE_COMBINED, .reach = 0377, .stratum = 1 };
	snprintf(seen->address, sizeof(seen->address), "%s", address);
}

/* A host of which there is nothing to say. */
static struct exam *
well(void)
{
	struct exam *exam = calloc(1, sizeof(*exam));

	assert_non_null(exam);
	exam->report = (struct report){ .host = "time1",
		.boot_id = "b",
		.session_id = "s",
		.seq = 1,
		.boot_ns = 1,
		.real_ns = NOW,
		.interval_ns = NS_PER_S,
		.answered = true,
		.runs = true,
		.daemon = "chrony",
		.status = { .version = "4.3",
		    .stratum = 2,
		    .selected = "192.0.2.1",
		    .offset_ns = 1000,
		    .update_age_ns = NS_PER_S,
		    .update_interval_ns = 64 * NS_PER_S },
		.verdict = { .kind = VERDICT_SAFE },
		.rtc_offset_ns = 0 };
	exam->measured = true;
	exam->quorum = 2;
	exam->rtc = EXAM_RTC_UTC;
	snprintf(exam->clocksource, sizeof(exam->clocksource), "tsc");
	add_source(exam, "192.0.2.1");
	add_source(exam, "192.0.2.2");
	add_source(exam, "192.0.2.3");
	return exam;
}

static void
look(const struct exam *exam, bool unmeasured, struct doctor *doctor)
{
	struct doctor_input input = { .host = "time1",
		.exam = exam,
		.trouble = "no route to host",
		.unmeasured = unmeasured,
		.budget_offset_ns = 5 * NS_PER_MS,
		.budget_error_bound_ns = 50 * NS_PER_MS,
		.now_ns = NOW };

	*doctor = (struct doctor){ .count = 0 };
	doctor_look(&input, doctor);
}

static const struct doctor_finding *
find(const struct doctor *doctor, const char *check, enum doctor_state state)
{
	for (size_t i = 0; i < doctor->count; i++) {
		if (strcmp(doctor->list[i].check, check) == 0 && doctor->list[i].state == state) {
			return &doctor->list[i];
		}
	}
	return NULL;
}

static void
a_well_host_has_nothing_but_ok(void **state)
{
	struct exam *exam = well();
	struct doctor doctor;

	(void)state;
	look(exam, false, &doctor);
	for (size_t i = 0; i < doctor.count; i++) {
		if (doctor.list[i].state != DOCTOR_OK || doctor.list[i].remedy) {
			fail_msg("%s: %s", doctor.list[i].check, doctor.list[i].fact);
		}
	}
	assert_int_equal(doctor.worst, DOCTOR_OK);
	assert_true(doctor.count >= 10);
	doctor_free(&doctor);
	free(exam);
}

static void
stop(struct exam *exam)
{
	exam->report.answered = exam->report.runs = false;
	snprintf(exam->report.error, sizeof(exam->report.error), "chrony does not run");
}

static void
uninstall(struct exam *exam)
{
	stop(exam);
	exam->report.daemon[0] = '\0';
}

static void
add_rival(struct exam *exam)
{
	exam->report.rivals[0] =
	    (struct report_rival){ .words = "ntpd runs", .unit = "ntp.service", .active = true };
	exam->report.rival_count = 1;
}

static void
lose_name(struct exam *exam)
{
	snprintf(exam->sources[1].name, sizeof(exam->sources[1].name), "time.example");
	exam->sources[1].address[0] = '\0';
	exam->sources[1].sent = exam->sources[1].answered = 0;
	exam->sources[1].good = false;
}

static void
move_name(struct exam *exam)
{
	exam->report.names[0] = (struct stale_name){ "time.example", "192.0.2.9", "192.0.2.8" };
	exam->report.name_count = 1;
}

static void
silence(struct exam *exam)
{
	for (size_t i = 0; i < exam->source_count; i++) {
		exam->sources[i].answered = 0;
		exam->sources[i].good = false;
	}
}

static void
silence_one(struct exam *exam)
{
	exam->sources[2].answered = 0;
	exam->sources[2].good = false;
}

static void
refuse_one(struct exam *exam)
{
	exam->sources[2].good = false;
	snprintf(exam->sources[2].kiss, sizeof(exam->sources[2].kiss), "DENY");
}

static void
fence_one(struct exam *exam)
{
	snprintf(exam->sources[2].fence, sizeof(exam->sources[2].fence),
	    "/etc/ntp.conf:4: restrict default ignore");
}

static void
fence_all(struct exam *exam)
{
	for (size_t i = 0; i < exam->source_count; i++) {
		snprintf(exam->sources[i].fence, sizeof(exam->sources[i].fence), "x:4: restrict");
	}
}

static void
lose_key(struct exam *exam)
{
	exam->sources[0].key = true;
	exam->report.status.sources[0].reach = 0;
}

static void
bad_key(struct exam *exam)
{
	exam->report.status.sources[0].auth = AUTH_BAD;
}

static void
deafen(struct exam *exam)
{
	exam->report.status.sources[0].reach = 0;
}

static void
disagree(struct exam *exam)
{
	exam->report.status.sources[1].state = SOURCE_FALSETICKER;
}

static void
two_are_few(struct exam *exam)
{
	exam->source_count = 2;
}

static void
follow_nobody(struct exam *exam)
{
	exam->report.status.leap = LEAP_UNSYNC;
	exam->report.status.stratum = 16;
	exam->report.status.selected[0] = '\0';
}

static void
be_off(struct exam *exam)
{
	exam->report.status.offset_ns = NS_PER_S;
}

static void
step_ahead(struct exam *exam)
{
	exam->report.verdict = (struct verdict){ .kind = VERDICT_STEP };
}

static void
step_before(struct exam *exam)
{
	exam->report.ledger[0] = (struct ledger_entry){ .amount_ns = NS_PER_S, .words = "by hand" };
	exam->report.ledger_count = 1;
}

static void
contain(struct exam *exam)
{
	snprintf(exam->container, sizeof(exam->container), "docker");
}

static void
poor_clock(struct exam *exam)
{
	snprintf(exam->clocksource, sizeof(exam->clocksource), "hpet");
}

static void
local_rtc(struct exam *exam)
{
	exam->rtc = EXAM_RTC_LOCAL;
}

static void
rtc_off(struct exam *exam)
{
	exam->report.rtc_offset_ns = -3600 * NS_PER_S;
}

static void
leap_gone(struct exam *exam)
{
	snprintf(exam->leap_file, sizeof(exam->leap_file), "/usr/share/zoneinfo/right/UTC");
}

static void
leap_old(struct exam *exam)
{
	leap_gone(exam);
	exam->leap_there = true;
	exam->leap_until_ns = NOW - DAY_NS;
}

static void
refuse_reports(struct exam *exam)
{
	exam->report.reporting = (struct reporting){ REPORTING_REFUSED, "no such host" };
}

static void
every_trouble_has_its_check_and_a_remedy(void **state)
{
	static const struct {
		void (*harm)(struct exam *exam);
		const char *check;
		enum doctor_state state;
	} cases[] = {
		{ stop, "daemon", DOCTOR_BAD },
		{ uninstall, "daemon", DOCTOR_BAD },
		{ add_rival, "rivals", DOCTOR_BAD },
		{ lose_name, "resolver", DOCTOR_WARN },
		{ move_name, "resolver", DOCTOR_WARN },
		{ silence, "network", DOCTOR_BAD },
		{ silence, "votes", DOCTOR_BAD },
		{ silence_one, "network", DOCTOR_WARN },
		{ refuse_one, "network", DOCTOR_WARN },
		{ fence_one, "access", DOCTOR_WARN },
		{ fence_all, "access", DOCTOR_BAD },
		{ lose_key, "keys", DOCTOR_BAD },
		{ bad_key, "keys", DOCTOR_BAD },
		{ deafen, "keys", DOCTOR_WARN },
		{ disagree, "votes", DOCTOR_WARN },
		{ two_are_few, "votes", DOCTOR_WARN },
		{ follow_nobody, "follows", DOCTOR_BAD },
		{ be_off, "follows", DOCTOR_BAD },
		{ step_ahead, "restart", DOCTOR_BAD },
		{ step_before, "steps", DOCTOR_WARN },
		{ contain, "machine", DOCTOR_WARN },
		{ poor_clock, "machine", DOCTOR_WARN },
		{ local_rtc, "rtc", DOCTOR_WARN },
		{ rtc_off, "rtc", DOCTOR_WARN },
		{ leap_gone, "leap", DOCTOR_WARN },
		{ leap_old, "leap", DOCTOR_WARN },
		{ refuse_reports, "reports", DOCTOR_WARN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct exam *exam = well();
		const struct doctor_finding *finding;
		struct doctor doctor;

		cases[i].harm(exam);
		look(exam, false, &doctor);
		finding = find(&doctor, cases[i].check, cases[i].state);
		if (!finding || !finding->remedy || doctor.worst < cases[i].state) {
			fail_msg("case %zu: %s is not %s", i, cases[i].check,
			    doctor_state_name(cases[i].state));
		}
		doctor_free(&doctor);
		free(exam);
	}
}

static void
a_host_that_is_not_reached_has_one_line(void **state)
{
	struct doctor doctor;

	(void)state;
	look(NULL, false, &doctor);
	assert_int_equal(doctor.count, 1);
	assert_string_equal(doctor.list[0].fact, "no route to host");
	assert_int_equal(doctor.worst, DOCTOR_BAD);
	doctor_free(&doctor);
}

static void
an_older_agent_is_not_believed_to_have_looked(void **state)
{
	struct exam *exam = well();
	struct doctor doctor;

	(void)state;
	exam->measured = false;
	exam->source_count = 0;
	exam->rtc = EXAM_RTC_NONE;
	look(exam, true, &doctor);
	assert_non_null(find(&doctor, "network", DOCTOR_WARN));
	assert_null(find(&doctor, "rtc", DOCTOR_OK));
	assert_null(find(&doctor, "machine", DOCTOR_OK));
	doctor_free(&doctor);
	free(exam);
}

static void
an_exam_survives_its_json(void **state)
{
	struct exam *exam = well(), *again = calloc(1, sizeof(*again));
	struct error err;
	char *text, *twice;

	(void)state;
	fence_one(exam);
	leap_old(exam);
	contain(exam);
	text = exam_encode(exam);
	assert_int_equal(exam_decode(text, strlen(text), again, &err), 0);
	twice = exam_encode(again);
	assert_string_equal(text, twice);
	assert_string_equal(again->sources[2].fence, exam->sources[2].fence);
	assert_int_equal(again->leap_until_ns, exam->leap_until_ns);
	free(twice);
	/* what is no exam leaves it untouched */
	assert_int_equal(exam_decode(text, strlen(text) - 1, again, &err), -1);
	assert_int_equal(exam_decode("{}", 2, again, &err), -1);
	assert_string_equal(again->container, "docker");
	free(text);
	free(again);
	free(exam);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_well_host_has_nothing_but_ok),
		cmocka_unit_test(every_trouble_has_its_check_and_a_remedy),
		cmocka_unit_test(a_host_that_is_not_reached_has_one_line),
		cmocka_unit_test(an_older_agent_is_not_believed_to_have_looked),
		cmocka_unit_test(an_exam_survives_its_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
