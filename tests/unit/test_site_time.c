/* Whose time is right: that of a host's new sources, or that of the rest of the site? */
#include "orchestrator/rollout/health/site_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/rollout/health/gate.h"
#include "tests/fake_vote.h"

static void
sources_that_are_300_ms_off_are_outvoted_at_once(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", 300 * MS);
	fake_vote_source(&bed, "192.0.2.2", MS);
	fake_vote_source(&bed, "2001:db8::3", -MS);
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	assert_string_equal(bed.words,
	    "wrong time: 192.0.2.201, which it follows, is 299 ms ahead of t2, 301 ms ahead of t3, "
	    "300 ms ahead of its sources of before");
	fake_vote_finish(&bed);
}

static void
good_sources_agree(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", MS);
	fake_vote_expect(&bed, SITE_TIME_AGREES);
	fake_vote_source(&bed, "192.0.2.2", -MS);
	fake_vote_source(&bed, "192.0.2.3", 2 * MS);
	fake_vote_expect(&bed, SITE_TIME_AGREES);
	fake_vote_finish(&bed);
}

static void
one_wrong_server_of_the_site_puts_nothing_back(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", MS);
	fake_vote_source(&bed, "192.0.2.2", 300 * MS);
	fake_vote_expect(&bed, SITE_TIME_OPEN);
	fake_vote_source(&bed, "192.0.2.3", 0);
	fake_vote_expect(&bed, SITE_TIME_AGREES);
	fake_vote_finish(&bed);
}

static void
a_host_that_was_wrong_alone_is_corrected(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", 300 * MS);
	fake_vote_source(&bed, "192.0.2.2", 299 * MS);
	fake_vote_source(&bed, "192.0.2.3", 301 * MS);
	fake_vote_expect(&bed, SITE_TIME_CORRECTS);
	fake_vote_finish(&bed);
	fake_vote_begin(&bed, "t1", -300 * MS);
	fake_vote_source(&bed, "192.0.2.2", -299 * MS);
	fake_vote_source(&bed, "192.0.2.3", -301 * MS);
	fake_vote_expect(&bed, SITE_TIME_CORRECTS);
	fake_vote_finish(&bed);
}

static void
an_offset_that_is_not_known_so_well_is_not_wrong(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", 8 * MS);
	bed.now.status.sources[0].error_ns = 5 * MS;
	fake_vote_source(&bed, "192.0.2.2", 8 * MS)->error_ns = MS;
	fake_vote_expect(&bed, SITE_TIME_AGREES); /* and not: it is corrected */
	fake_vote_finish(&bed);
	fake_vote_begin(&bed, "t1", 300 * MS);
	bed.now.status.sources[0].error_ns = 400 * MS;
	fake_vote_expect(&bed, SITE_TIME_AGREES);
	fake_vote_finish(&bed);
}

static void
without_siblings_the_sources_of_before_have_the_word(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", -300 * MS);
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	assert_string_equal(bed.words,
	    "wrong time: 192.0.2.201, which it follows, is 300 ms behind its sources of before");
	bed.before.status.stratum = 16; /* they had none */
	fake_vote_expect(&bed, SITE_TIME_OPEN);
	bed.input.before = NULL;
	fake_vote_expect(&bed, SITE_TIME_OPEN);
	bed.input.before = &bed.before;
	bed.before.status.stratum = 2;
	bed.before.answered = false; /* it was down */
	fake_vote_expect(&bed, SITE_TIME_OPEN);
	fake_vote_finish(&bed);
}

/* A daemon that was started a moment before the change follows nobody yet, and knows the time. */
static void
sources_that_were_measured_and_not_followed_have_the_word_too(void **state UNUSED)
{
	struct daemon_status *before;
	struct site_clock clock;
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", 300 * MS);
	before = &bed.before.status;
	before->leap = LEAP_UNSYNC;
	before->stratum = 16;
	before->selected[0] = '\0';
	before->sources[0].state = SOURCE_REJECTED;
	before->sources[0].filter_ns = before->sources[0].error_ns = 900 * MS;
	before->sources[0].error_ns += MS;
	fake_vote_expect(&bed, SITE_TIME_OPEN); /* one alone */
	before->sources[1] = before->sources[2] = before->sources[0];
	before->sources[1].offset_ns = MS;
	before->source_count = 3;
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	before->sources[1].offset_ns = 400 * MS;
	before->sources[2].offset_ns = -400 * MS;
	fake_vote_expect(&bed, SITE_TIME_OPEN); /* no majority */
	assert_false(site_time_before(&bed.before, 5 * MS, &clock));
	before->sources[1].offset_ns = 0;
	before->sources[2].offset_ns = 300 * MS;
	before->sources[3] = before->sources[4] = before->sources[2];
	before->sources[2].reach = before->sources[3].reach = before->sources[4].reach = 0;
	before->source_count = 5;
	fake_vote_expect(&bed, SITE_TIME_DISAGREES); /* those that did not answer are not of it */
	fake_vote_finish(&bed);
}

static void
a_clock_that_was_off_before_is_no_excuse_for_another_time(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", 300 * MS);
	fake_vote_status(&bed.before, "192.0.2.101", -80 * MS);
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	fake_vote_status(&bed.before, "192.0.2.101", 300 * MS);
	fake_vote_expect(&bed, SITE_TIME_CORRECTS); /* a large offset that is being slewed */
	fake_vote_finish(&bed);
	fake_vote_begin(&bed, "t1", MS);
	fake_vote_status(&bed.before, "192.0.2.101", 300 * MS);
	fake_vote_expect(&bed, SITE_TIME_OPEN); /* it was the sources of before that were off */
	fake_vote_finish(&bed);
	/* a server's clock is never moved fast, nor is one that was good */
	fake_vote_begin(&bed, "t1", 300 * MS);
	bed.input.elapsed_ns = 6 * NS_PER_S;
	fake_vote_status(&bed.before, "192.0.2.101", -80 * MS);
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	fake_vote_finish(&bed);
	fake_vote_begin(&bed, "c1", 300 * MS);
	bed.input.elapsed_ns = 6 * NS_PER_S;
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	fake_vote_finish(&bed);
	/* a client's chronyd slews so fast that nothing can be said after some seconds */
	fake_vote_begin(&bed, "c1", 300 * MS);
	fake_vote_status(&bed.before, "192.0.2.101", -80 * MS);
	snprintf(bed.before.daemon, sizeof(bed.before.daemon), "ntpsec");
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	snprintf(bed.before.daemon, sizeof(bed.before.daemon), "chrony");
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	bed.input.elapsed_ns = 6 * NS_PER_S;
	fake_vote_expect(&bed, SITE_TIME_OPEN);
	snprintf(bed.before.daemon, sizeof(bed.before.daemon), "ntpsec");
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	fake_vote_finish(&bed);
}

static void
who_cannot_tell_abstains(void **state UNUSED)
{
	struct fake_vote bed;
	struct source_status *one, *other;

	fake_vote_begin(&bed, "t1", 300 * MS);
	one = fake_vote_source(&bed, "192.0.2.2", 0);
	other = fake_vote_source(&bed, "192.0.2.3", 0);
	one->error_ns = other->error_ns = 400 * MS;
	fake_vote_expect(&bed, SITE_TIME_DISAGREES); /* the sources of before are known well */
	bed.before.status.sources[0].error_ns = 400 * MS;
	fake_vote_expect(&bed, SITE_TIME_OPEN);
	/* a daemon that has just begun relies on nothing, and yet its siblings are measured */
	one->filter_ns = other->filter_ns = 399 * MS;
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	fake_vote_finish(&bed);
}

static void
siblings_that_do_not_answer_or_follow_nobody_have_no_vote(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", MS);
	fake_vote_source(&bed, "192.0.2.2", 300 * MS)->stratum = 16;
	fake_vote_source(&bed, "192.0.2.3", 300 * MS)->auth = AUTH_BAD;
	fake_vote_source(&bed, "192.0.2.1", 300 * MS); /* itself */
	fake_vote_expect(&bed, SITE_TIME_AGREES);
	bed.now.status.sources[1].stratum = 0;
	fake_vote_expect(&bed, SITE_TIME_AGREES);
	bed.now.status.sources[1].stratum = 2;
	bed.now.status.sources[1].age_ns = -1;
	fake_vote_expect(&bed, SITE_TIME_AGREES);
	bed.now.status.sources[1].age_ns = 0;
	bed.now.status.sources[1].reach = 0;
	fake_vote_expect(&bed, SITE_TIME_AGREES);
	bed.now.status.sources[0].reach = 0; /* of before the restart, as it were */
	fake_vote_expect(&bed, SITE_TIME_OPEN);
	bed.now.status.sources[0].reach = 1;
	bed.now.status.sources[0].state = SOURCE_REJECTED;
	fake_vote_expect(&bed, SITE_TIME_OPEN);
	fake_vote_finish(&bed);
}

static void
what_the_orchestrator_heard_counts_and_each_server_once(void **state UNUSED)
{
	const struct site_clock heard[] = { { "t2", 0, MS, 0 }, { "t3", 0, 400 * MS, 0 } };
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", 300 * MS);
	bed.input.before = NULL;
	bed.input.heard = heard;
	bed.input.heard_count = COUNT(heard);
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	fake_vote_source(&bed, "192.0.2.3", 300 * MS);
	fake_vote_expect(&bed, SITE_TIME_OPEN);
	fake_vote_finish(&bed);
}

static void
of_two_measurements_of_a_server_the_better_one_counts(void **state UNUSED)
{
	const struct site_clock heard[] = { { "t3", 0, MS, 0 } };
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", 300 * MS);
	bed.input.before = NULL;
	fake_vote_source(&bed, "192.0.2.2", 300 * MS);
	fake_vote_source(&bed, "192.0.2.3", 300 * MS)->error_ns = 400 * MS;
	fake_vote_expect(&bed, SITE_TIME_CORRECTS);
	bed.input.heard = heard;
	bed.input.heard_count = COUNT(heard);
	fake_vote_expect(&bed, SITE_TIME_OPEN);
	fake_vote_finish(&bed);
}

static void
the_servers_of_a_client_speak_for_the_site(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin(&bed, "c1", 300 * MS);
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	fake_vote_status(&bed.now, "192.0.2.1", 300 * MS);
	fake_vote_expect(&bed, SITE_TIME_OPEN); /* one server against what was before */
	fake_vote_source(&bed, "192.0.2.2", 301 * MS);
	fake_vote_expect(&bed, SITE_TIME_CORRECTS);
	fake_vote_finish(&bed);
}

static void
a_clock_that_moves_between_two_measurements_is_allowed_for(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", 0);
	bed.before.status.stratum = 16;
	bed.input.elapsed_ns = 60 * NS_PER_S;
	fake_vote_source(&bed, "192.0.2.2", 30 * MS)->age_ns = 50 * NS_PER_S;
	fake_vote_expect(&bed, SITE_TIME_AGREES);
	bed.now.status.sources[1].age_ns = NS_PER_S;
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	fake_vote_finish(&bed);
}

/* What was measured before the change was measured by a clock that only drifted since. */
static void
an_old_measurement_is_worth_less(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", 0);
	bed.input.before = NULL;
	fake_vote_source(&bed, "192.0.2.2", 34 * MS)->age_ns = 2000 * NS_PER_S;
	fake_vote_expect(&bed, SITE_TIME_AGREES);
	bed.now.status.sources[1].age_ns = 200 * NS_PER_S;
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	fake_vote_finish(&bed);
}

/* The same, as the gate has it. */
static void
the_gate_puts_a_wrong_time_back_at_once_unless_it_was_told_to_believe_it(void **state UNUSED)
{
	char words[GATE_WORDS_BYTES];
	struct gate gate;
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", 300 * MS);
	bed.now.boot_ns += 2 * NS_PER_S;
	bed.now.real_ns += 2 * NS_PER_S;
	gate = (struct gate){ .budget = { 5 * MS, 50 * MS },
		.confirm_within_ns = 60 * NS_PER_S,
		.unit = "chrony.service",
		.before = &bed.before,
		.asks_time = true,
		.topology = &bed.topology,
		.host = bed.input.host,
		.voters = bed.voters,
		.voter_count = bed.input.voter_count,
		.changed_ns = 1000 * NS_PER_S };
	assert_int_equal(gate_judge(&gate, "active", &bed.now, 2 * NS_PER_S, words), GATE_BACK);
	assert_true(gate.wrong_time);
	assert_memory_equal(words, "wrong time: ", 12);
	gate.trusts = true;
	assert_int_equal(gate_judge(&gate, "active", &bed.now, 2 * NS_PER_S, words), GATE_AGAIN);
	assert_int_equal(gate_judge(&gate, "active", &bed.now, 13 * NS_PER_S, words), GATE_KEEP);
	assert_non_null(strstr(words, "believed nevertheless"));
	fake_vote_finish(&bed);
}

static void
the_gate_keeps_what_corrects_a_wrong_host_though_it_was_good_by_itself(void **state UNUSED)
{
	char words[GATE_WORDS_BYTES];
	struct gate gate;
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", 300 * MS);
	fake_vote_source(&bed, "192.0.2.2", 299 * MS);
	fake_vote_source(&bed, "192.0.2.3", 301 * MS);
	gate = (struct gate){ .budget = { 5 * MS, 50 * MS },
		.confirm_within_ns = 60 * NS_PER_S,
		.unit = "chrony.service",
		.before = &bed.before,
		.asks_time = true,
		.topology = &bed.topology,
		.host = bed.input.host,
		.voters = bed.voters,
		.voter_count = bed.input.voter_count,
		.changed_ns = 1000 * NS_PER_S };
	assert_int_equal(gate_judge(&gate, "active", &bed.now, 2 * NS_PER_S, words), GATE_AGAIN);
	assert_int_equal(gate_judge(&gate, "active", &bed.now, 13 * NS_PER_S, words), GATE_KEEP);
	fake_vote_finish(&bed);
}

static void
the_gate_waits_for_a_daemon_that_is_between_two_sources(void **state UNUSED)
{
	char words[GATE_WORDS_BYTES];
	struct gate gate;
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", 0);
	fake_vote_status(&bed.now, "192.0.2.101", 0);
	bed.now.status.selected[0] = '\0';
	bed.now.status.sources[0].state = SOURCE_REJECTED;
	gate = (struct gate){ .budget = { 5 * MS, 50 * MS },
		.confirm_within_ns = 60 * NS_PER_S,
		.unit = "chrony.service",
		.before = &bed.before,
		.asks_time = true };
	assert_int_equal(gate_judge(&gate, "active", &bed.now, 2 * NS_PER_S, words), GATE_AGAIN);
	assert_string_equal(words, "it follows none of its sources yet");
	bed.before.status.selected[0] = '\0'; /* nor did it before: an orphan */
	assert_int_equal(gate_judge(&gate, "active", &bed.now, 2 * NS_PER_S, words), GATE_KEEP);
	fake_vote_finish(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_that_are_300_ms_off_are_outvoted_at_once),
		cmocka_unit_test(good_sources_agree),
		cmocka_unit_test(one_wrong_server_of_the_site_puts_nothing_back),
		cmocka_unit_test(a_host_that_was_wrong_alone_is_corrected),
		cmocka_unit_test(an_offset_that_is_not_known_so_well_is_not_wrong),
		cmocka_unit_test(without_siblings_the_sources_of_before_have_the_word),
		cmocka_unit_test(sources_that_were_measured_and_not_followed_have_the_word_too),
		cmocka_unit_test(a_clock_that_was_off_before_is_no_excuse_for_another_time),
		cmocka_unit_test(who_cannot_tell_abstains),
		cmocka_unit_test(siblings_that_do_not_answer_or_follow_nobody_have_no_vote),
		cmocka_unit_test(what_the_orchestrator_heard_counts_and_each_server_once),
		cmocka_unit_test(of_two_measurements_of_a_server_the_better_one_counts),
		cmocka_unit_test(an_old_measurement_is_worth_less),
		cmocka_unit_test(the_servers_of_a_client_speak_for_the_site),
		cmocka_unit_test(a_clock_that_moves_between_two_measurements_is_allowed_for),
		cmocka_unit_test(
		    the_gate_puts_a_wrong_time_back_at_once_unless_it_was_told_to_believe_it),
		cmocka_unit_test(
		    the_gate_keeps_what_corrects_a_wrong_host_though_it_was_good_by_itself),
		cmocka_unit_test(the_gate_waits_for_a_daemon_that_is_between_two_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
