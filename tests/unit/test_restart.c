#include "daemons/daemon.h"
#include "daemons/restart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* ntpd as Debian starts it without -g: steps beyond 0.128 s, exits beyond 1000 s. */
static struct restart_policy
plain_ntpd(void)
{
	return (struct restart_policy){
		.known = true,
		.step_forward_ns = 128 * NS_PER_MS,
		.step_back_ns = 128 * NS_PER_MS,
		.panic_ns = 1000 * NS_PER_S,
		.quorum = 1,
		.slew_ppm = 500,
		.drift_file = true,
	};
}

/* Four sources: the first is selected and @offset_ns away, the others agree with it. */
static struct daemon_status
four_sources(int64_t offset_ns)
{
	struct daemon_status status = { .stratum = 2, .offset_ns = offset_ns, .source_count = 4 };

	for (size_t i = 0; i < 4; i++) {
		status.sources[i] = (struct source_status){
			.address = { '1', '0', '.', '0', '.', '0', '.', (char)('1' + i) },
			.state = i == 0 ? SOURCE_SELECTED : SOURCE_COMBINED,
			.offset_ns = offset_ns,
			.error_ns = NS_PER_MS,
		};
	}
	return status;
}

static bool
says(const struct verdict *verdict, const char *words)
{
	for (size_t i = 0; i < verdict->reason_count; i++) {
		if (strstr(verdict->reasons[i], words)) {
			return true;
		}
	}
	return false;
}

static struct verdict
judge(const struct restart_policy *policy, const struct daemon_status *status)
{
	struct verdict verdict;

	restart_verdict(policy, status, false, NULL, 0, &verdict);
	return verdict;
}

static void
small_offsets_are_safe_and_larger_ones_are_slewed_or_stepped(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct daemon_status status = four_sources(NS_PER_MS);
	struct verdict verdict = judge(&policy, &status);

	assert_int_equal(verdict.kind, VERDICT_SAFE);
	status = four_sources(-50 * NS_PER_MS);
	verdict = judge(&policy, &status);
	assert_int_equal(verdict.kind, VERDICT_SLEW);
	assert_int_equal(verdict.amount_ns, -50 * NS_PER_MS);
	assert_int_equal(verdict.duration_ns / NS_PER_S, 108);
	status = four_sources(900 * NS_PER_S);
	verdict = judge(&policy, &status);
	assert_int_equal(verdict.kind, VERDICT_STEP);
	assert_true(verdict.amount_ns == 900 * NS_PER_S);
}

static void
beyond_the_panic_limit_it_exits_unless_g_lets_it_pass(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct daemon_status status = four_sources(1500 * NS_PER_S);

	assert_int_equal(judge(&policy, &status).kind, VERDICT_EXIT);
	policy.panic_pass = true;
	assert_int_equal(judge(&policy, &status).kind, VERDICT_STEP);
}

static void
an_exit_that_the_unit_undoes_is_a_step(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct daemon_status status = four_sources(1500 * NS_PER_S);
	struct verdict verdict;

	restart_verdict(&policy, &status, true, NULL, 0, &verdict);
	assert_int_equal(verdict.kind, VERDICT_STEP);
	assert_true(says(&verdict, "Restart=no"));
}

static void
one_falseticker_steps_a_daemon_that_believes_the_first_answer(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct daemon_status status = four_sources(0);
	struct verdict verdict;

	status.sources[3].state = SOURCE_FALSETICKER;
	status.sources[3].offset_ns = -50 * NS_PER_S;
	verdict = judge(&policy, &status);
	assert_int_equal(verdict.kind, VERDICT_STEP);
	assert_true(verdict.amount_ns == -50 * NS_PER_S);
	assert_true(says(&verdict, "whichever answers first"));
	policy.quorum = 3;
	assert_int_equal(judge(&policy, &status).kind, VERDICT_SAFE);
	policy.quorum = 1;
	policy.majority = true;
	assert_int_equal(judge(&policy, &status).kind, VERDICT_SAFE);
}

static void
an_offset_whose_error_reaches_a_threshold_counts_as_beyond_it(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct daemon_status status = four_sources(120 * NS_PER_MS);

	assert_int_equal(judge(&policy, &status).kind, VERDICT_SLEW);
	status.sources[0].error_ns = 10 * NS_PER_MS;
	assert_int_equal(judge(&policy, &status).kind, VERDICT_STEP);
}

static void
a_daemon_that_holds_leaves_the_clock_and_says_so(void **state UNUSED)
{
	struct restart_policy policy = { .known = true,
		.majority = true,
		.quorum = 3,
		.hold_ns = NS_PER_S / 2,
		.slew_ppm = 500,
		.drift_file = true };
	struct daemon_status status = four_sources(-5 * NS_PER_S);
	struct verdict verdict;

	restart_verdict(&policy, &status, true, NULL, 0, &verdict);
	assert_int_equal(verdict.kind, VERDICT_EXIT);
	assert_true(says(&verdict, "stays unsynchronised, clock untouched"));
}

static void
without_a_selected_source_only_a_policy_that_never_steps_is_safe(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct daemon_status status = { .stratum = 16 };

	assert_int_equal(judge(&policy, &status).kind, VERDICT_UNKNOWN);
	policy.panic_ns = policy.step_forward_ns;
	assert_int_equal(judge(&policy, &status).kind, VERDICT_SAFE);
	policy.panic_pass = true;
	assert_int_equal(judge(&policy, &status).kind, VERDICT_UNKNOWN);
	policy.step_forward_ns = policy.step_back_ns = 0;
	assert_int_equal(judge(&policy, &status).kind, VERDICT_SAFE);
}

static void
what_is_not_known_is_never_safe(void **state UNUSED)
{
	static const char *const rivals[] = { "systemd-timesyncd" };
	struct restart_policy policy = plain_ntpd();
	struct daemon_status status = four_sources(0);
	struct verdict verdict;

	restart_verdict(&policy, &status, false, rivals, 1, &verdict);
	assert_int_equal(verdict.kind, VERDICT_UNKNOWN);
	assert_true(says(&verdict, "systemd-timesyncd may set the clock too"));
	policy.known = false;
	assert_int_equal(judge(&policy, &status).kind, VERDICT_UNKNOWN);
	policy = plain_ntpd();
	policy.preset = true;
	assert_int_equal(judge(&policy, &status).kind, VERDICT_STEP);
	policy = plain_ntpd();
	policy.drift_file = false;
	assert_int_equal(judge(&policy, &status).kind, VERDICT_SLEW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_offsets_are_safe_and_larger_ones_are_slewed_or_stepped),
		cmocka_unit_test(beyond_the_panic_limit_it_exits_unless_g_lets_it_pass),
		cmocka_unit_test(an_exit_that_the_unit_undoes_is_a_step),
		cmocka_unit_test(one_falseticker_steps_a_daemon_that_believes_the_first_answer),
		cmocka_unit_test(an_offset_whose_error_reaches_a_threshold_counts_as_beyond_it),
		cmocka_unit_test(a_daemon_that_holds_leaves_the_clock_and_says_so),
		cmocka_unit_test(without_a_selected_source_only_a_policy_that_never_steps_is_safe),
		cmocka_unit_test(what_is_not_known_is_never_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
