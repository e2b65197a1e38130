#include "daemons/daemon.h"
#include "verdict/health.h"

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
	return health_judge(status, age_ns, BUDGET_OFFSET, BUDGET_BOUND, reason);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_synchronised_daemon_within_its_budget_is_good),
		cmocka_unit_test(an_offset_of_either_sign_beyond_the_budget_is_told_with_its_size),
		cmocka_unit_test(the_error_bound_grows_while_nothing_is_heard),
		cmocka_unit_test(no_update_for_eight_polls_is_free_running),
		cmocka_unit_test(a_daemon_that_follows_nobody_is_unsynchronised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
