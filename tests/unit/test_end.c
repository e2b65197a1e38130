#include "agent/witness/end.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FAILED "Result=exit-code\nExecMainStatus=255\nActiveState=failed\nSubState=failed\n"

/* What is said of an end with that unit state, of ntpd with a panic limit of 0.5 s. */
static struct daemon_end
end_of(const char *unit, int64_t offset_ns, bool *settled)
{
	static const struct restart_policy policy = { .known = true, .panic_ns = NS_PER_S / 2 };
	struct daemon_status latest = { .source_count = 1,
		.sources = { { .offset_ns = offset_ns } } };
	struct end_facts facts = {
		.program = "ntpd",
		.unit = unit,
		.policy = &policy,
		.latest = &latest,
		.lived_ns = 7200 * NS_PER_S,
		.real_ns = 5,
		.seen = true,
	};
	struct daemon_end end;

	*settled = end_judge(&facts, &end);
	return end;
}

static void
an_exit_with_an_offset_beyond_the_panic_limit_is_a_refusal(void **state UNUSED)
{
	bool settled;
	struct daemon_end end = end_of(FAILED, -12 * NS_PER_S, &settled);

	assert_true(settled);
	assert_true(end.ended);
	assert_true(end.refused);
	assert_int_equal(end.exit_status, 255);
	assert_string_equal(end.result, "exit-code");
	assert_string_equal(end.words,
	    "ntpd exited: offset beyond its panic limit of 500 ms (last seen offset -12.0 s); the "
	    "clock was left alone");
}

static void
an_exit_after_a_pause_of_the_machine_blames_nobody(void **state UNUSED)
{
	static const struct restart_policy policy = { .known = true, .panic_ns = NS_PER_S / 2 };
	static const struct restart_policy lenient = { .known = true };
	struct end_facts facts = { .program = "ntpd",
		.unit = FAILED,
		.policy = &policy,
		.lived_ns = 7200 * NS_PER_S,
		.paused = "the machine stood still for 3600 s, by its hardware clock",
		.seen = true };
	struct daemon_end end;

	assert_true(end_judge(&facts, &end));
	assert_true(end.refused);
	assert_string_equal(end.words,
	    "ntpd exited, as it should: the machine stood still for 3600 s, by its hardware clock; "
	    "`timetier-agent first-set --force` sets the clock");
	facts.policy = &lenient; /* no limit made it exit */
	assert_true(end_judge(&facts, &end));
	assert_false(end.refused);
	assert_string_equal(end.words, "ntpd exited with status 255");
	facts.policy = &policy;
	facts.unit = "Result=signal\nExecMainStatus=11\nActiveState=failed\n";
	assert_true(end_judge(&facts, &end));
	assert_false(end.refused);
}

static void
an_exit_without_one_is_just_an_exit(void **state UNUSED)
{
	bool settled;
	struct daemon_end end = end_of(FAILED, NS_PER_MS, &settled);

	assert_false(end.refused);
	assert_string_equal(end.words, "ntpd exited with status 255");
}

static void
an_early_exit_is_likely_a_refusal(void **state UNUSED)
{
	static const struct restart_policy policy = { .known = true, .panic_ns = NS_PER_S / 2 };
	struct end_facts facts = { .program = "ntpd",
		.unit = FAILED,
		.policy = &policy,
		.lived_ns = 9 * NS_PER_S,
		.seen = true };
	struct daemon_end end;

	assert_true(end_judge(&facts, &end));
	assert_true(end.refused);
	assert_non_null(strstr(end.words, "likely an offset beyond its panic limit of 500 ms"));
}

static void
a_stop_a_signal_and_no_word_at_all_are_told_apart(void **state UNUSED)
{
	bool settled;

	assert_string_equal(
	    end_of("Result=success\nExecMainStatus=0\nActiveState=inactive\n", 0, &settled).words,
	    "ntpd was stopped");
	assert_string_equal(
	    end_of("Result=signal\nExecMainStatus=9\nActiveState=failed\n", 0, &settled).words,
	    "ntpd ended: signal");
	assert_string_equal(end_of("", 0, &settled).words, "ntpd ended");
	assert_int_equal(end_of("", 0, &settled).exit_status, -1);
}

static void
a_unit_on_its_way_is_asked_again(void **state UNUSED)
{
	bool settled;

	end_of("Result=success\nActiveState=deactivating\n", 0, &settled);
	assert_false(settled);
	end_of("Result=exit-code\nActiveState=activating\n", 0, &settled);
	assert_false(settled);
}

static void
a_daemon_that_was_never_seen_and_never_failed_did_not_end(void **state UNUSED)
{
	static const struct restart_policy policy = { .known = false };
	struct end_facts facts = { .program = "ntpd",
		.unit = "Result=success\nActiveState=inactive",
		.policy = &policy,
		.lived_ns = -1 };
	struct daemon_end end;

	assert_true(end_judge(&facts, &end));
	assert_false(end.ended);
	facts.unit = FAILED;
	assert_true(end_judge(&facts, &end));
	assert_true(end.ended);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exit_with_an_offset_beyond_the_panic_limit_is_a_refusal),
		cmocka_unit_test(an_exit_after_a_pause_of_the_machine_blames_nobody),
		cmocka_unit_test(an_exit_without_one_is_just_an_exit),
		cmocka_unit_test(an_early_exit_is_likely_a_refusal),
		cmocka_unit_test(a_stop_a_signal_and_no_word_at_all_are_told_apart),
		cmocka_unit_test(a_unit_on_its_way_is_asked_again),
		cmocka_unit_test(a_daemon_that_was_never_seen_and_never_failed_did_not_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
