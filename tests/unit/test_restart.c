#include "daemons/daemon.h"
#include "daemons/policy.h"
#include "verdict/restart.h"

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
		.rules = RESTART_RULES_NTPD,
		.quorum = 1,
		.slew_ppm = 500,
		.drift_file = true,
	};
}

/* A start with @policy and four sources that agree on @offset_ns. */
static struct restart_case
four_sources(const struct restart_policy *policy, int64_t offset_ns)
{
	struct restart_case input = {
		.policy = *policy, .source_count = 4, .rtc_offset_ns = INT64_MAX
	};

	for (size_t i = 0; i < 4; i++) {
		input.sources[i] = (struct restart_source){
			.address = { '1', '0', '.', '0', '.', '0', '.', (char)('1' + i) },
			.fit = true,
			.flags = RESTART_IBURST,
			.offset_ns = offset_ns,
			.distance_ns = NS_PER_MS,
		};
	}
	return input;
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
judge(const struct restart_case *input)
{
	struct verdict verdict;

	restart_judge(input, &verdict);
	return verdict;
}

static enum verdict_kind
kind(const struct restart_policy *policy, int64_t offset_ns)
{
	struct restart_case input = four_sources(policy, offset_ns);

	return judge(&input).kind;
}

static void
small_offsets_are_safe_and_larger_ones_are_slewed_or_stepped(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct restart_case input = four_sources(&policy, NS_PER_MS);
	struct verdict verdict = judge(&input);

	assert_int_equal(verdict.kind, VERDICT_SAFE);
	assert_false(verdict.degraded);
	input = four_sources(&policy, -50 * NS_PER_MS);
	verdict = judge(&input);
	assert_int_equal(verdict.kind, VERDICT_SLEW);
	assert_int_equal(verdict.amount_ns, -50 * NS_PER_MS);
	assert_int_equal(verdict.duration_ns / NS_PER_S, 91);
	input = four_sources(&policy, 900 * NS_PER_S);
	verdict = judge(&input);
	assert_int_equal(verdict.kind, VERDICT_STEP);
	assert_true(verdict.amount_ns == 900 * NS_PER_S);
}

/* A threshold beyond 0.5 s turns the kernel's discipline off.  Source: loop_config() of ntpd. */
static void
without_the_kernels_discipline_a_slew_takes_much_longer(void **state UNUSED)
{
	static const struct {
		int64_t forward_ns, back_ns, duration_s;
	} rows[] = {
		{ NS_PER_S / 2, NS_PER_S / 2, 91 },
		{ NS_PER_S / 2 + 1, NS_PER_S / 2, 1600 },
		{ NS_PER_S / 2, NS_PER_S / 2 + 1, 1600 },
		{ 0, NS_PER_S / 2, 1600 },
		{ NS_PER_S / 2, 0, 1600 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct restart_policy policy = plain_ntpd();
		struct restart_case input;
		struct verdict verdict;

		policy.step_forward_ns = rows[i].forward_ns;
		policy.step_back_ns = rows[i].back_ns;
		input = four_sources(&policy, 50 * NS_PER_MS);
		verdict = judge(&input);
		if (verdict.duration_ns / NS_PER_S != rows[i].duration_s) {
			fail_msg("row %zu: %lld s", i, (long long)(verdict.duration_ns / NS_PER_S));
		}
	}
}

static void
a_hardware_clock_that_is_far_off_is_told(void **state UNUSED)
{
	static const struct {
		int64_t offset_ns;
		bool told;
	} rows[] = {
		{ -3600 * NS_PER_S, true }, { NS_PER_S + 1, true }, { NS_PER_S, false },
		{ INT64_MAX, false }, /* there is none, or nobody could read it */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct restart_policy policy = plain_ntpd();
		struct restart_case input = four_sources(&policy, 0);
		struct verdict verdict;

		input.rtc_offset_ns = rows[i].offset_ns;
		verdict = judge(&input);
		assert_int_equal(verdict.kind, VERDICT_SAFE);
		if (says(&verdict, "the hardware clock differs by") != rows[i].told) {
			fail_msg("row %zu", i);
		}
	}
}

static void
beyond_the_panic_limit_it_exits_unless_g_lets_it_pass(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct restart_case input = four_sources(&policy, 1500 * NS_PER_S);

	assert_int_equal(judge(&input).kind, VERDICT_EXIT);
	assert_true(judge(&input).degraded);
	input.policy.panic_pass = true;
	assert_int_equal(judge(&input).kind, VERDICT_STEP);
}

/* Seen in the lab with `tinker stepback 0`, 4.2.8p15 and NTPsec 1.2.2: it exits at 11 s. */
static void
a_licence_to_pass_the_panic_limit_lasts_for_one_correction(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct restart_case input;
	struct verdict verdict;

	policy.panic_pass = true;
	policy.step_back_ns = 0;
	input = four_sources(&policy, -10000 * NS_PER_S);
	verdict = judge(&input);
	assert_int_equal(verdict.kind, VERDICT_EXIT);
	assert_true(says(&verdict, "is slewed once, and exits at the next correction"));
}

/* Seen in the lab: a source with a dispersion of 2 s, and the clock moved by 0.82 s. */
static void
no_error_is_so_large_that_a_large_slew_is_safe(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct restart_case input;

	policy.step_forward_ns = policy.step_back_ns = 0;
	input = four_sources(&policy, 820 * NS_PER_MS);
	input.sources[0].distance_ns = 1400 * NS_PER_MS;
	assert_int_equal(judge(&input).kind, VERDICT_SLEW);
}

/* Seen in the lab: NTPsec, `tos minsane 4`, three that answer and one of them `true`. */
static void
a_source_that_is_always_believed_counts_once(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct restart_case input;

	policy.quorum = 4;
	input = four_sources(&policy, 5 * NS_PER_S);
	input.sources[0].fit = false;
	input.sources[1].flags |= RESTART_TRUE;
	assert_int_not_equal(judge(&input).kind, VERDICT_STEP);
	input.sources[0].fit = true;
	assert_int_equal(judge(&input).kind, VERDICT_STEP);
}

/* Seen in the lab: NTPsec with `tos minsane 4` and four that agree stays unsynchronised. */
static void
a_quorum_beyond_minclock_is_said_to_be_one_that_may_never_be_met(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct restart_case input;
	struct verdict verdict;

	policy.quorum = 4;
	input = four_sources(&policy, 5 * NS_PER_S);
	verdict = judge(&input);
	assert_int_equal(verdict.kind, VERDICT_STEP);
	assert_true(says(&verdict, "minsane 4 is more than minclock 3"));
	policy.cluster_to = 4;
	input = four_sources(&policy, 5 * NS_PER_S);
	verdict = judge(&input);
	assert_false(says(&verdict, "more than minclock"));
}

/* Seen in the lab: `-G`, `tos minsane 2`, two of four agree: they step it, or nobody does. */
static void
a_minority_that_may_answer_first_is_a_race(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct restart_case input;
	struct verdict verdict;

	policy.quorum = 2;
	input = four_sources(&policy, 5 * NS_PER_S);
	input.sources[2].offset_ns = 50 * NS_PER_S;
	input.sources[3].offset_ns = -50 * NS_PER_S;
	verdict = judge(&input);
	assert_int_equal(verdict.kind, VERDICT_STEP);
	assert_true(says(&verdict, "whichever answers first is obeyed"));
}

/* Seen in the lab: 0.717 s, maxchange 0.5 0 -1, -r: slewed by 500 ppm until the next samples. */
static void
samples_of_before_may_hide_what_would_be_held(void **state UNUSED)
{
	static const char config[] = "server 10.0.0.1 iburst\nmaxchange 0.5 0 -1\ndumpdir /run/c\n";
	struct restart_policy policy;
	struct restart_case input;
	struct verdict verdict;

	chrony_read_policy(config, "-F 1 -r", &policy);
	input = four_sources(&policy, 717 * NS_PER_MS);
	verdict = judge(&input);
	assert_int_equal(verdict.kind, VERDICT_EXIT);
	assert_true(says(&verdict, "or slews it while samples of before count"));
	chrony_read_policy(config, "-F 1", &policy);
	input = four_sources(&policy, 717 * NS_PER_MS);
	verdict = judge(&input);
	assert_false(says(&verdict, "samples of before"));
}

static void
an_exit_that_the_unit_undoes_is_a_step(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct restart_case input = four_sources(&policy, 1500 * NS_PER_S);
	struct verdict verdict;

	input.starter = "Restart=always of ntp.service";
	verdict = judge(&input);
	assert_int_equal(verdict.kind, VERDICT_STEP);
	assert_true(says(&verdict, "Restart=no"));
}

static void
one_falseticker_steps_a_daemon_that_believes_the_first_answer(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct restart_case input = four_sources(&policy, 0);
	struct verdict verdict;

	input.sources[3].offset_ns = -50 * NS_PER_S;
	verdict = judge(&input);
	assert_int_equal(verdict.kind, VERDICT_STEP);
	assert_true(verdict.amount_ns == -50 * NS_PER_S);
	assert_true(says(&verdict, "whichever answers first"));
	input.policy.quorum = 3;
	assert_int_equal(judge(&input).kind, VERDICT_SAFE);
	input.policy.quorum = 1;
	input.policy.rules = RESTART_RULES_CHRONY;
	assert_int_equal(judge(&input).kind, VERDICT_SAFE);
}

/* In the lab ntp 4.2.8 exited: the one source with iburst was years off, and its three peers right.
 */
static void
the_only_source_that_answers_at_once_is_obeyed_alone(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct restart_case input = four_sources(&policy, 0);
	struct verdict verdict;

	for (size_t i = 1; i < 4; i++) {
		input.sources[i].flags = 0;
	}
	assert_int_equal(judge(&input).kind, VERDICT_SAFE);
	input.sources[0].offset_ns = -5000 * NS_PER_S;
	verdict = judge(&input);
	assert_int_equal(verdict.kind, VERDICT_EXIT);
	assert_true(says(&verdict, "10.0.0.1: offset -5000 s"));
	input.sources[0].offset_ns = 5 * NS_PER_S;
	assert_int_equal(judge(&input).kind, VERDICT_STEP);
}

/* In the lab: ntpd's `disable ntp` leaves it at stratum 16; chronyd -x serves. */
static void
a_daemon_that_only_measures_serves_nobody(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct restart_case input;

	policy.passive = true;
	input = four_sources(&policy, 0);
	assert_int_equal(judge(&input).kind, VERDICT_SAFE);
	assert_true(judge(&input).degraded);
	input.policy.rules = RESTART_RULES_CHRONY;
	assert_false(judge(&input).degraded);
}

static void
what_systemd_would_not_start_is_an_exit(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct restart_case input = four_sources(&policy, 0);
	struct verdict verdict;

	input.held_back = "/etc/systemd/system/ntp.service:2: ConditionPathExists=/x";
	verdict = judge(&input);
	assert_int_equal(verdict.kind, VERDICT_EXIT);
	assert_true(verdict.degraded);
	assert_true(says(&verdict, "ConditionPathExists=/x: systemd would not start the daemon"));
	input.presets[input.preset_count++] = "ExecStop=/usr/sbin/ntpdate a";
	assert_int_equal(judge(&input).kind, VERDICT_STEP);
}

static void
an_offset_whose_error_reaches_a_threshold_counts_as_beyond_it(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct restart_case input = four_sources(&policy, 120 * NS_PER_MS);

	assert_int_equal(judge(&input).kind, VERDICT_SLEW);
	input.sources[0].error_ns = 10 * NS_PER_MS;
	assert_int_equal(judge(&input).kind, VERDICT_STEP);
	/* not by 120 ms, which are no step: by how much is not known */
	assert_int_equal(judge(&input).amount_ns, 0);
	input = four_sources(&policy, 130 * NS_PER_MS);
	assert_int_equal(judge(&input).amount_ns, 130 * NS_PER_MS);
	input = four_sources(&policy, -120 * NS_PER_MS);
	input.sources[0].error_ns = 10 * NS_PER_MS;
	assert_int_equal(judge(&input).kind, VERDICT_STEP);
	assert_int_equal(judge(&input).amount_ns, 0);
}

static void
a_daemon_that_holds_leaves_the_clock_and_says_so(void **state UNUSED)
{
	struct restart_policy policy = { .known = true,
		.rules = RESTART_RULES_CHRONY,
		.quorum = 3,
		.hold_ns = NS_PER_S / 2,
		.slew_ppm = 500,
		.drift_file = true };
	struct restart_case input = four_sources(&policy, -5 * NS_PER_S);
	struct verdict verdict;

	input.starter = "monit";
	verdict = judge(&input);
	assert_int_equal(verdict.kind, VERDICT_EXIT);
	assert_true(says(&verdict, "stays unsynchronised, clock untouched"));
	/* in the lab: nor does a chronyd -x follow the sources that it ignores */
	input.policy.passive = true;
	assert_int_equal(judge(&input).kind, VERDICT_EXIT);
	input = four_sources(&input.policy, -NS_PER_S / 4);
	assert_int_equal(judge(&input).kind, VERDICT_SAFE);
}

/* In the lab: of two sources 3 ms apart, chronyd counted the one beside its trusted one, or not. */
static void
beside_a_trusted_source_others_count_when_they_are_surely_within(void **state UNUSED)
{
	struct restart_policy policy = { .known = true,
		.rules = RESTART_RULES_CHRONY,
		.quorum = 2,
		.slew_ppm = 500,
		.drift_file = true };
	struct restart_case input = four_sources(&policy, 0);
	struct verdict verdict;

	input.source_count = 2;
	input.sources[0].flags |= RESTART_TRUE;
	input.sources[0].distance_ns = 24 * NS_PER_MS;
	input.sources[0].error_ns = input.sources[1].error_ns = NS_PER_MS;
	input.sources[1].offset_ns = 3 * NS_PER_MS;
	input.sources[1].distance_ns = 20 * NS_PER_MS;
	verdict = judge(&input);
	assert_true(verdict.degraded);
	assert_true(says(&verdict, "1 of the 2 sources it needs surely agree"));
	input.sources[1].distance_ns = 19 * NS_PER_MS;
	assert_false(judge(&input).degraded);
	input.sources[0].flags = input.sources[1].flags = RESTART_IBURST;
	input.sources[1].distance_ns = 20 * NS_PER_MS;
	assert_false(judge(&input).degraded);
}

static void
without_sources_only_a_policy_that_never_steps_is_safe(void **state UNUSED)
{
	struct restart_policy policy = plain_ntpd();
	struct restart_case input = {
		.policy = policy, .source_count = 2, .rtc_offset_ns = INT64_MAX
	};

	assert_int_equal(judge(&input).kind, VERDICT_UNKNOWN);
	input.policy.panic_ns = policy.step_forward_ns;
	assert_int_equal(judge(&input).kind, VERDICT_SAFE);
	assert_true(judge(&input).degraded);
	input.policy.panic_pass = true;
	assert_int_equal(judge(&input).kind, VERDICT_UNKNOWN);
	input.policy.quorum = 3; /* more than it could ever hear */
	assert_int_equal(judge(&input).kind, VERDICT_SAFE);
	input.policy.quorum = 1;
	input.policy.step_forward_ns = input.policy.step_back_ns = 0;
	assert_int_equal(judge(&input).kind, VERDICT_SAFE);
}

static void
what_is_not_known_is_never_safe(void **state UNUSED)
{
	static const char *const rivals[] = { "systemd-timesyncd" };
	struct restart_policy policy = plain_ntpd();
	struct restart_case input = four_sources(&policy, 0);
	struct verdict verdict;

	input.rivals = rivals;
	input.rival_count = 1;
	verdict = judge(&input);
	assert_int_equal(verdict.kind, VERDICT_UNKNOWN);
	assert_true(says(&verdict, "systemd-timesyncd may set the clock too"));
	policy.known = false;
	assert_int_equal(kind(&policy, 0), VERDICT_UNKNOWN);
	policy = plain_ntpd();
	policy.preset = true;
	assert_int_equal(kind(&policy, 0), VERDICT_STEP);
	policy = plain_ntpd();
	policy.drift_file = false;
	assert_int_equal(kind(&policy, 0), VERDICT_SLEW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_offsets_are_safe_and_larger_ones_are_slewed_or_stepped),
		cmocka_unit_test(without_the_kernels_discipline_a_slew_takes_much_longer),
		cmocka_unit_test(a_hardware_clock_that_is_far_off_is_told),
		cmocka_unit_test(beyond_the_panic_limit_it_exits_unless_g_lets_it_pass),
		cmocka_unit_test(a_licence_to_pass_the_panic_limit_lasts_for_one_correction),
		cmocka_unit_test(no_error_is_so_large_that_a_large_slew_is_safe),
		cmocka_unit_test(a_source_that_is_always_believed_counts_once),
		cmocka_unit_test(a_quorum_beyond_minclock_is_said_to_be_one_that_may_never_be_met),
		cmocka_unit_test(a_minority_that_may_answer_first_is_a_race),
		cmocka_unit_test(samples_of_before_may_hide_what_would_be_held),
		cmocka_unit_test(an_exit_that_the_unit_undoes_is_a_step),
		cmocka_unit_test(one_falseticker_steps_a_daemon_that_believes_the_first_answer),
		cmocka_unit_test(the_only_source_that_answers_at_once_is_obeyed_alone),
		cmocka_unit_test(a_daemon_that_only_measures_serves_nobody),
		cmocka_unit_test(what_systemd_would_not_start_is_an_exit),
		cmocka_unit_test(an_offset_whose_error_reaches_a_threshold_counts_as_beyond_it),
		cmocka_unit_test(a_daemon_that_holds_leaves_the_clock_and_says_so),
		cmocka_unit_test(beside_a_trusted_source_others_count_when_they_are_surely_within),
		cmocka_unit_test(without_sources_only_a_policy_that_never_steps_is_safe),
		cmocka_unit_test(what_is_not_known_is_never_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
