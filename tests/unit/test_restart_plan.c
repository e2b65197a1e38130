/* What a restart asks of a host, and whether it is safe. */
#include "orchestrator/rollout/plan/restart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
ntpd_is_restarted_for_a_name_and_keeps_what_leads_nowhere(void **state UNUSED)
{
	struct report report = { .answered = true,
		.names = { { "a.example", "192.0.2.7", "192.0.2.9" },
		    { "b.example", "192.0.2.8", "" } },
		.name_count = 2 };
	struct facts facts = { .systemd = true,
		.units = { { .name = "ntpsec.service", .loaded = true, .active = true } },
		.unit_count = 1,
		.agent_status = &report };
	struct host_plan plan;
	struct error err;

	assert_int_equal(refresh_plan(&facts, daemon_find("ntpsec"), &facts.arena, &plan, &err), 0);
	assert_true(plan.restart && plan.judged && !plan.refresh);
	assert_int_equal(plan.name_count, 1);
	assert_int_equal(plan.note_count, 1);
	report.names[0] = report.names[1];
	report.name_count = 1;
	assert_int_equal(refresh_plan(&facts, daemon_find("ntpsec"), &facts.arena, &plan, &err), 0);
	assert_true(plan_is_empty(&plan));
	facts_done(&facts);
}

static bool
is_safe(enum verdict_kind kind, int64_t amount_ns)
{
	static const struct budget budget = { .offset_ns = 10 * NS_PER_MS };
	struct report report = { .verdict = { .kind = kind, .amount_ns = amount_ns } };
	const char *remedy;
	struct error why;
	bool safe = restart_is_safe(&report, &budget, &why, &remedy);

	assert_int_equal(safe, remedy == NULL);
	return safe;
}

#define NEW_YEAR_NS (INT64_C(1483228800) * NS_PER_S) /* 2017 */

/* What a restart is refused with, for a host that announces @leap @before_s before the year ends.
 */
static const char *
refusal(enum leap leap, int64_t before_s, struct error *why)
{
	static const struct budget budget = { .offset_ns = 10 * NS_PER_MS };
	struct report report = { .answered = true,
		.real_ns = NEW_YEAR_NS - before_s * NS_PER_S,
		.status = { .leap = leap, .stratum = 2 } };
	const char *remedy;

	return restart_is_safe(&report, &budget, why, &remedy) ? "" : why->text;
}

static void
no_daemon_is_restarted_near_a_leap_second(void **state UNUSED)
{
	struct error why;

	assert_string_equal(refusal(LEAP_INSERT, 60, &why),
	    "a leap second will be inserted at 2016-12-31 23:59:60 UTC: no daemon is restarted "
	    "near "
	    "it");
	assert_string_equal(refusal(LEAP_DELETE, 23 * 3600, &why),
	    "a leap second will be left out: there will be no 2016-12-31 23:59:59 UTC: no daemon "
	    "is "
	    "restarted near it");
	assert_string_equal(refusal(LEAP_INSERT, -20, &why), /* announced still */
	    "a leap second will be inserted at 2016-12-31 23:59:60 UTC: no daemon is restarted "
	    "near "
	    "it");
	assert_string_equal(refusal(LEAP_INSERT, 25 * 3600, &why), "");
	assert_string_equal(refusal(LEAP_NONE, 60, &why), "");
	assert_string_equal(refusal(LEAP_UNSYNC, 60, &why), "");
}

static void
nor_within_ten_minutes_after_it(void **state UNUSED)
{
	static const struct budget budget = { .offset_ns = 10 * NS_PER_MS };
	struct report report = { .answered = true,
		.real_ns = NEW_YEAR_NS + 300 * NS_PER_S,
		.status = { .stratum = 2 },
		.ledger = { { .amount_ns = -NS_PER_S,
		    .after_real_ns = NEW_YEAR_NS - NS_PER_S,
		    .cause = CAUSE_LEAP,
		    .words = "a leap second was inserted at 2016-12-31 23:59:60 UTC" } },
		.ledger_count = 1 };
	const char *remedy;
	struct error why;

	assert_false(restart_is_safe(&report, &budget, &why, &remedy));
	assert_non_null(strstr(why.text, "a leap second was inserted at 2016-12-31 23:59:60 UTC"));
	assert_non_null(strstr(remedy, "ten minutes after it"));
	report.real_ns += 301 * NS_PER_S;
	assert_true(restart_is_safe(&report, &budget, &why, &remedy));
	report.real_ns -= 301 * NS_PER_S;
	report.ledger[0].cause = CAUSE_BY_HAND;
	assert_true(restart_is_safe(&report, &budget, &why, &remedy));
}

static void
a_slew_is_safe_within_the_budget(void **state UNUSED)
{
	assert_true(is_safe(VERDICT_SAFE, 0));
	assert_true(is_safe(VERDICT_SLEW, 9 * NS_PER_MS));
	assert_true(is_safe(VERDICT_SLEW, -9 * NS_PER_MS));
	assert_false(is_safe(VERDICT_SLEW, 11 * NS_PER_MS));
	assert_false(is_safe(VERDICT_SLEW, 0));
	assert_false(is_safe(VERDICT_EXIT, 0));
	assert_false(is_safe(VERDICT_STEP, NS_PER_MS));
	assert_false(is_safe(VERDICT_UNKNOWN, 0));
}

static void
a_restart_after_which_nobody_is_followed_is_harmless_and_not_safe(void **state UNUSED)
{
	static const struct budget budget = { .offset_ns = NS_PER_MS };
	struct report report = { .verdict = { .kind = VERDICT_SAFE, .degraded = true } };
	const char *remedy;
	struct error why;

	assert_true(restart_is_harmless(&report, &budget, &why));
	assert_false(restart_is_safe(&report, &budget, &why, &remedy));
	assert_non_null(strstr(why.text, "would not serve time"));
	assert_non_null(strstr(remedy, "bring its sources back"));
}

static void
a_forgotten_frequency_counts_by_what_the_clock_drifts_without_it(void **state UNUSED)
{
	static const struct budget budget = { .offset_ns = 10 * NS_PER_MS };
	struct report report = { .answered = true, .verdict = { .kind = VERDICT_SLEW } };
	struct error why;

	report.status.frequency_ppm = -30;
	assert_true(restart_is_harmless(&report, &budget, &why));
	report.status.frequency_ppm = -50;
	assert_false(restart_is_harmless(&report, &budget, &why));
	assert_string_equal(
	    why.text, "a restart would move the clock by 15.0 ms, beyond its budget");
}

static void
the_lines_to_blame_are_named(void **state UNUSED)
{
	static const struct budget budget = { .offset_ns = NS_PER_MS };
	struct report report = {
		.verdict = { .kind = VERDICT_STEP,
		    .amount_ns = -50 * NS_PER_S,
		    .reasons = { "192.0.2.9 could answer first", "/etc/ntp.conf:3: tos minsane 1" },
		    .reason_count = 2 }
	};
	const char *remedy;
	struct error why;

	assert_false(restart_is_safe(&report, &budget, &why, &remedy));
	assert_string_equal(why.text,
	    "a restart would step the clock by -50.0 s: 192.0.2.9 could answer first; "
	    "/etc/ntp.conf:3: tos minsane 1");
	assert_non_null(strstr(remedy, "timetier apply"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ntpd_is_restarted_for_a_name_and_keeps_what_leads_nowhere),
		cmocka_unit_test(no_daemon_is_restarted_near_a_leap_second),
		cmocka_unit_test(nor_within_ten_minutes_after_it),
		cmocka_unit_test(a_slew_is_safe_within_the_budget),
		cmocka_unit_test(a_restart_after_which_nobody_is_followed_is_harmless_and_not_safe),
		cmocka_unit_test(a_forgotten_frequency_counts_by_what_the_clock_drifts_without_it),
		cmocka_unit_test(the_lines_to_blame_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
