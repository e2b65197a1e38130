#include "daemons/daemon.h"
#include "verdict/health.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define BUDGET_OFFSET (5 * NS_PER_MS)
#define BUDGET_BOUND (50 * NS_PER_MS)

static struct daemon_status
good_status(void)
{
	struct daemon_status status = {
		.stratum = 2,
		.selected = "192.0.2.1",
		.offset_ns = 100000,
		.root_delay_ns = 2 * NS_PER_MS,
		.root_dispersion_ns = 3 * NS_PER_MS,
		.update_age_ns = 30 * NS_PER_S,
		.source_count = 1,
		.sources = { { .state = SOURCE_SELECTED, .poll_log2 = 6 } },
	};

	return status;
}

static enum health
judge(const struct daemon_status *status, int64_t age_ns, char *reason)
{
	return health_judge(status, age_ns, -1, BUDGET_OFFSET, BUDGET_BOUND, reason);
}

static void
a_synchronised_daemon_within_its_budget_is_good(void **state UNUSED)
{
	struct daemon_status status = good_status();
	char reason[HEALTH_REASON_BYTES] = "old";

	assert_int_equal(judge(&status, 0, reason), HEALTH_GOOD);
	assert_string_equal(reason, "");
}

static void
an_offset_of_either_sign_beyond_the_budget_is_told_with_its_size(void **state UNUSED)
{
	struct daemon_status status = good_status();
	char reason[HEALTH_REASON_BYTES];

	status.offset_ns = -2 * NS_PER_S;
	assert_int_equal(judge(&status, 0, reason), HEALTH_OVER_BUDGET);
	assert_string_equal(reason, "the offset, -2.00 s, is beyond 5.00 ms");
	status.offset_ns = 6 * NS_PER_MS;
	assert_int_equal(judge(&status, 0, reason), HEALTH_OVER_BUDGET);
}

static void
the_error_bound_grows_while_nothing_is_heard(void **state UNUSED)
{
	struct daemon_status status = good_status();
	char reason[HEALTH_REASON_BYTES];

	status.root_dispersion_ns = 48 * NS_PER_MS;
	assert_int_equal(judge(&status, 0, reason), HEALTH_GOOD);
	assert_int_equal(judge(&status, 100 * NS_PER_S, reason), HEALTH_OVER_BUDGET);
	assert_non_null(strstr(reason, "error bound"));
}

static void
a_wide_bound_of_a_daemon_that_has_just_begun_settles_until_it_may_no_more(void **state UNUSED)
{
	static const struct {
		int64_t runs_s, age_s; /* when the report was read, and since */
		enum health health;
	} cases[] = {
		{ 0, 0, HEALTH_SETTLING },
		{ 599, 0, HEALTH_SETTLING },
		{ 600, 0, HEALTH_OVER_BUDGET },
		{ 590, 9, HEALTH_SETTLING },
		{ 590, 10, HEALTH_OVER_BUDGET },
		{ 86400, 0, HEALTH_OVER_BUDGET },
		{ -1, 0, HEALTH_OVER_BUDGET },
	};
	struct daemon_status status = good_status();
	char reason[HEALTH_REASON_BYTES];

	status.root_dispersion_ns = 200 * NS_PER_MS;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t runs_ns = cases[i].runs_s < 0 ? -1 : cases[i].runs_s * NS_PER_S;

		assert_int_equal(health_judge(&status, cases[i].age_s * NS_PER_S, runs_ns,
				     BUDGET_OFFSET, BUDGET_BOUND, reason),
		    cases[i].health);
	}
	health_judge(&status, 0, 60 * NS_PER_S, BUDGET_OFFSET, BUDGET_BOUND, reason);
	assert_string_equal(reason,
	    "the daemon started 60.0 s ago; its error bound, 201 ms, is still beyond 50.0 ms, "
	    "which may last for 540 s more");
	/* an offset that is too large is no matter of time alone, and who follows nobody serves
	 * none */
	status.offset_ns = 6 * NS_PER_MS;
	assert_int_equal(health_judge(&status, 0, NS_PER_S, BUDGET_OFFSET, BUDGET_BOUND, reason),
	    HEALTH_OVER_BUDGET);
	status = good_status();
	status.stratum = 16;
	assert_int_equal(health_judge(&status, 0, NS_PER_S, BUDGET_OFFSET, BUDGET_BOUND, reason),
	    HEALTH_UNSYNCED);
}

static void
no_update_for_eight_polls_is_free_running(void **state UNUSED)
{
	struct daemon_status status = good_status();
	char reason[HEALTH_REASON_BYTES];

	status.update_age_ns = 8 * 64 * NS_PER_S;
	assert_int_equal(judge(&status, 0, reason), HEALTH_GOOD);
	assert_int_equal(judge(&status, NS_PER_S, reason), HEALTH_FREE_RUNNING);
	status.sources[0].poll_log2 = 10;
	assert_int_equal(judge(&status, NS_PER_S, reason), HEALTH_GOOD);
	status.sources[0].poll_log2 = 127;
	assert_int_equal(judge(&status, NS_PER_S, reason), HEALTH_FREE_RUNNING);
}

static void
a_daemon_that_follows_nobody_is_unsynchronised(void **state UNUSED)
{
	struct daemon_status status = good_status();
	char reason[HEALTH_REASON_BYTES];

	status.leap = LEAP_UNSYNC;
	assert_int_equal(judge(&status, 0, reason), HEALTH_UNSYNCED);
	status.leap = LEAP_NONE;
	status.stratum = 16;
	assert_int_equal(judge(&status, 0, reason), HEALTH_UNSYNCED);
}

static void
a_clock_that_its_daemon_cannot_hold_is_told_with_what_to_do(void **state UNUSED)
{
	const struct {
		double frequency_ppm; /* positive: the clock is slow */
		const char *words;
	} cases[] = {
		{ -500.0,
		    "the clock runs at least 500 ppm fast, and its daemon corrects no more:" },
		{ -500.0, "`adjtimex --tick 9995`" },
		{ 499.6, "at least 500 ppm slow" },
		{ 500.0, "`adjtimex --tick 10005`" },
		{ -600.3, "runs 600 ppm fast, more than an ntpd corrects" },
		{ -600.3, "`adjtimex --tick 9994`" },
		{ -498.0, NULL },
		{ 0, NULL },
		{ 40.2, NULL },
		{ (double)NAN, NULL },
		{ 1e300, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct daemon_status status = good_status();
		char reason[HEALTH_REASON_BYTES];

		status.frequency_ppm = cases[i].frequency_ppm;
		assert_int_equal(judge(&status, 0, reason), HEALTH_GOOD);
		if (!cases[i].words) {
			assert_string_equal(reason, "");
			continue;
		}
		assert_non_null(strstr(reason, cases[i].words));
		assert_ptr_equal(strstr(reason, "the clock runs"), reason);
	}
}

static void
it_is_told_beside_whatever_else_is_wrong(void **state UNUSED)
{
	struct daemon_status status = good_status();
	char reason[HEALTH_REASON_BYTES];

	status.frequency_ppm = -500;
	status.offset_ns = -80 * NS_PER_MS;
	assert_int_equal(judge(&status, 0, reason), HEALTH_OVER_BUDGET);
	assert_non_null(strstr(reason, "the offset, -80.0 ms, is beyond 5.00 ms; the clock runs"));
	assert_non_null(strstr(reason, "`adjtimex --tick 9995`"));
	status.stratum = 16;
	assert_int_equal(judge(&status, 0, reason), HEALTH_UNSYNCED);
	assert_non_null(strstr(reason, "the daemon follows no source; the clock runs"));
}

static void
every_health_has_a_state_and_only_a_good_one_is_good(void **state UNUSED)
{
	for (int i = 0; i < HEALTH_COUNT; i++) {
		enum health_state is = health_state_of((enum health)i);

		assert_non_null(health_state_name(is));
		assert_int_equal(is == STATE_GOOD, i == HEALTH_GOOD);
	}
	assert_int_equal(health_state_of(HEALTH_SILENT), STATE_STALE);
	assert_true(health_state_is_worse(STATE_BAD, STATE_STALE));
	assert_true(health_state_is_worse(STATE_STALE, STATE_WARN));
	assert_true(health_state_is_worse(STATE_WARN, STATE_UNKNOWN));
	assert_true(health_state_is_worse(STATE_UNKNOWN, STATE_GOOD));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_synchronised_daemon_within_its_budget_is_good),
		cmocka_unit_test(an_offset_of_either_sign_beyond_the_budget_is_told_with_its_size),
		cmocka_unit_test(the_error_bound_grows_while_nothing_is_heard),
		cmocka_unit_test(
		    a_wide_bound_of_a_daemon_that_has_just_begun_settles_until_it_may_no_more),
		cmocka_unit_test(no_update_for_eight_polls_is_free_running),
		cmocka_unit_test(a_clock_that_its_daemon_cannot_hold_is_told_with_what_to_do),
		cmocka_unit_test(it_is_told_beside_whatever_else_is_wrong),
		cmocka_unit_test(a_daemon_that_follows_nobody_is_unsynchronised),
		cmocka_unit_test(every_health_has_a_state_and_only_a_good_one_is_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
