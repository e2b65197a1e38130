/* Which servers of the site have a vote on a host's time, and which have none (yet). */
#include "orchestrator/rollout/health/site_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake_vote.h"

static void
servers_that_are_on_their_way_do_not_outvote_the_next(void **state UNUSED)
{
	/* what t1 and t2 still have to be corrected by, and t3 */
	static const int64_t offsets_ms[][3] = { { -15, 9, -30 }, { 15, 9, 30 }, { -100, 100, 1 },
		{ -6, -6, 0 }, { 99, 98, -100 }, { 0, 40, -40 }, { 4, -20, 60 } };

	for (size_t i = 0; i < COUNT(offsets_ms); i++) {
		const int64_t *ms = offsets_ms[i];
		struct fake_vote bed;

		fake_vote_begin_first(&bed, "t3", ms[2] * MS);
		fake_vote_status(&bed.now, "192.0.2.102", ms[2] * MS);
		fake_vote_tell(&bed, "t1", ms[0] * MS);
		fake_vote_tell(&bed, "t2", ms[1] * MS);
		fake_vote_source(&bed, "192.0.2.1", (ms[2] - ms[0]) * MS);
		fake_vote_source(&bed, "192.0.2.2", (ms[2] - ms[1]) * MS);
		if (site_time_judge(&bed.input, bed.words) == SITE_TIME_DISAGREES) {
			fail_msg("%zu: %s", i, bed.words);
		}
		fake_vote_finish(&bed);
	}
}

/* An ntpd that overshoots is further off than it said a minute ago. */
static void
a_server_that_is_not_within_its_budget_is_not_believed_about_how_far_it_is(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin_first(&bed, "t3", 0);
	fake_vote_source(&bed, "192.0.2.1", 40 * MS);
	fake_vote_tell(&bed, "t1", -5 * MS);
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	fake_vote_tell(&bed, "t1", -6 * MS);
	fake_vote_expect(&bed, SITE_TIME_OPEN);
	fake_vote_finish(&bed);
}

static void
servers_of_which_nothing_is_known_have_no_vote(void **state UNUSED)
{
	const struct site_clock heard[] = { { "t2", 0, MS, 0 }, { "t3", 0, MS, 0 } };
	struct fake_vote bed;

	fake_vote_begin_first(&bed, "t1", 300 * MS);
	fake_vote_source(&bed, "192.0.2.2", 0);
	bed.input.heard = heard;
	bed.input.heard_count = COUNT(heard);
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	site_voter_look(&bed.voters[1], NULL, false, 0);
	site_voter_look(&bed.voters[2], NULL, false, 0);
	fake_vote_expect(&bed, SITE_TIME_OPEN);
	bed.input.voter_count = 0;
	fake_vote_expect(&bed, SITE_TIME_OPEN);
	fake_vote_finish(&bed);
}

static void
the_one_server_that_is_right_already_is_enough_against_wrong_sources(void **state UNUSED)
{
	static const int64_t wrong_ms[] = { 300, -300, 50, -50, 20, -20 };

	for (size_t i = 0; i < COUNT(wrong_ms); i++) {
		struct fake_vote bed;

		fake_vote_begin_first(&bed, "t1", wrong_ms[i] * MS);
		fake_vote_tell(&bed, "t2", 2 * MS);
		fake_vote_tell(&bed, "t3", wrong_ms[i] * MS); /* it follows them, too */
		fake_vote_source(&bed, "192.0.2.2", 0)->age_ns = 2 * NS_PER_S;
		fake_vote_source(&bed, "192.0.2.3", 0);
		fake_vote_expect(&bed, SITE_TIME_DISAGREES);
		fake_vote_finish(&bed);
	}
}

/* Five new upstreams that agree on a time that is 20 ms off; the first host to get them is right.
 */
static void
wrong_sources_are_outvoted_by_those_of_before_however_many_they_are(void **state UNUSED)
{
	static const int64_t wrong_ms[] = { 300, -300, 50, -50, 20, -20 };

	for (size_t i = 0; i < COUNT(wrong_ms); i++) {
		struct fake_vote bed;

		fake_vote_begin(&bed, "t1", wrong_ms[i] * MS);
		bed.input.voter_count = 0;
		for (int k = 2; k <= 5; k++) {
			char address[SOURCE_NAME_BYTES];

			snprintf(address, sizeof(address), "192.0.2.20%d", k);
			fake_vote_source(&bed, address, wrong_ms[i] * MS)->state = SOURCE_COMBINED;
		}
		fake_vote_expect(&bed, SITE_TIME_DISAGREES);
		fake_vote_finish(&bed);
	}
}

static void
a_server_at_the_edge_of_its_budget_is_as_far_off_as_it_says(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin_first(&bed, "t3", 0);
	fake_vote_source(&bed, "192.0.2.1", 11 * MS);
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	fake_vote_tell(&bed, "t1", -5 * MS);
	fake_vote_expect(&bed, SITE_TIME_AGREES);
	fake_vote_finish(&bed);
}

static void
what_was_measured_of_a_server_before_it_was_right_is_worth_less(void **state UNUSED)
{
	struct source_status *source;
	struct fake_vote bed;

	fake_vote_begin_first(&bed, "t3", 0);
	bed.input.elapsed_ns = 100 * NS_PER_S;
	fake_vote_tell(&bed, "t1", 0); /* 3 s ago */
	source = fake_vote_source(&bed, "192.0.2.1", 60 * MS);
	source->age_ns = 2 * NS_PER_S;
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	source->age_ns = 63 * NS_PER_S; /* its clock, too, was slewed for 60 s */
	fake_vote_expect(&bed, SITE_TIME_AGREES);
	bed.voters[0].since_ns = INT64_MIN; /* it was right all the time */
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	fake_vote_finish(&bed);
}

static void
what_is_known_of_a_server_is_what_its_daemon_says(void **state UNUSED)
{
	struct site_voter voter;
	struct report report;
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", 0);
	voter = (struct site_voter){ .host = bed.input.host };
	fake_vote_status(&report, "192.0.2.101", 4 * MS);
	report.boot_ns = 7200 * NS_PER_S;
	site_voter_look(&voter, &report, false, 50);
	assert_true(voter.right && voter.offset_ns == 4 * MS && voter.since_ns == INT64_MIN);
	report.status.offset_ns = 6 * MS;
	site_voter_look(&voter, &report, false, 60);
	assert_true(voter.known && !voter.right && voter.offset_ns == 6 * MS);
	report.status.offset_ns = 0;
	site_voter_look(&voter, &report, true, 70); /* something was done to its daemon */
	assert_true(voter.right && voter.since_ns == 70);
	site_voter_look(&voter, &report, true, 80);
	assert_int_equal(voter.since_ns, 70);
	voter.right = false;
	report.proof.state = PROOF_PROVED;
	report.proof.started_boot_ns = 7000 * NS_PER_S;
	site_voter_look(&voter, &report, false, 90); /* somebody else restarted it */
	assert_int_equal(voter.since_ns, 90);
	voter.right = false;
	report.proof.started_boot_ns = 60 * NS_PER_S;
	site_voter_look(&voter, &report, false, 100);
	assert_int_equal(voter.since_ns, INT64_MIN);
	report.status.leap = LEAP_UNSYNC;
	site_voter_look(&voter, &report, false, 110);
	assert_false(voter.right);
	report.status.leap = LEAP_NONE;
	report.answered = false;
	site_voter_look(&voter, &report, false, 120);
	assert_false(voter.known || voter.right);
	site_voter_look(&voter, NULL, false, 130);
	assert_false(voter.known || voter.right);
	fake_vote_finish(&bed);
}

/* What the orchestrator measured is relative to what the host answers: chronyd's corrected time. */
static void
a_chronyd_that_slews_answers_with_corrected_time(void **state UNUSED)
{
	static const int64_t offsets_ms[] = { 47, -47, 23, -100, 100 };
	struct site_clock heard[] = { { "t1", 0, MS, 0 }, { "t2", 0, MS, 0 } };

	for (size_t i = 0; i < COUNT(offsets_ms); i++) {
		int64_t offset_ns = offsets_ms[i] * MS;
		struct fake_vote bed;

		fake_vote_begin_first(&bed, "t3", offset_ns);
		bed.input.heard = heard;
		bed.input.heard_count = COUNT(heard);
		bed.now.status.sources[0].offset_ns += MS / 5; /* one of several that agree */
		snprintf(bed.now.daemon, sizeof(bed.now.daemon), "chrony");
		fake_vote_expect(&bed, SITE_TIME_CORRECTS);
		heard[0].offset_ns = heard[1].offset_ns =
		    -offset_ns; /* they agree with its clock */
		fake_vote_expect(&bed, SITE_TIME_DISAGREES);
		/* ntpd answers with its clock */
		snprintf(bed.now.daemon, sizeof(bed.now.daemon), "ntpsec");
		heard[0].offset_ns = heard[1].offset_ns = offset_ns;
		fake_vote_expect(&bed, SITE_TIME_CORRECTS);
		heard[0].offset_ns = heard[1].offset_ns = 0;
		fake_vote_expect(&bed, SITE_TIME_DISAGREES);
		/* so does a chronyd that holds the clock because of maxchange */
		snprintf(bed.now.daemon, sizeof(bed.now.daemon), "chrony");
		bed.now.status.sources[0].offset_ns = offset_ns;
		fake_vote_expect(&bed, SITE_TIME_DISAGREES);
		fake_vote_finish(&bed);
	}
}

/* In one run, servers first, clients then: the clients follow servers that are on their way. */
static void
a_client_of_a_server_that_is_on_its_way_is_left_alone(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin_first(&bed, "c1", 15 * MS);
	fake_vote_status(&bed.now, "192.0.2.1", 15 * MS);
	fake_vote_source(&bed, "192.0.2.2", MS);
	fake_vote_source(&bed, "192.0.2.3", -MS);
	fake_vote_expect(
	    &bed, SITE_TIME_DISAGREES); /* were t1 right, the others would be against it */
	fake_vote_tell(&bed, "t1", -15 * MS);
	fake_vote_expect(&bed, SITE_TIME_AGREES);
	fake_vote_tell(&bed, "t1", -2 * MS); /* more than it says */
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	fake_vote_finish(&bed);
}

/* Applied again while its clock is still slewed: it came nearer since it was measured. */
static void
a_clock_that_was_on_its_way_before_the_change_came_nearer_since(void **state UNUSED)
{
	struct fake_vote bed;

	fake_vote_begin(&bed, "t1", 50 * MS);
	fake_vote_status(&bed.before, "192.0.2.101", 80 * MS);
	bed.before.status.sources[0].age_ns = 60 * NS_PER_S;
	fake_vote_expect(&bed, SITE_TIME_CORRECTS);
	bed.before.status.sources[0].age_ns = NS_PER_S;
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	bed.before.status.sources[0].age_ns = 1000 * NS_PER_S;
	fake_vote_status(&bed.now, "192.0.2.201", -50 * MS); /* it never goes beyond its sources */
	fake_vote_expect(&bed, SITE_TIME_DISAGREES);
	fake_vote_finish(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_that_are_on_their_way_do_not_outvote_the_next),
		cmocka_unit_test(
		    a_server_that_is_not_within_its_budget_is_not_believed_about_how_far_it_is),
		cmocka_unit_test(servers_of_which_nothing_is_known_have_no_vote),
		cmocka_unit_test(
		    the_one_server_that_is_right_already_is_enough_against_wrong_sources),
		cmocka_unit_test(
		    wrong_sources_are_outvoted_by_those_of_before_however_many_they_are),
		cmocka_unit_test(a_server_at_the_edge_of_its_budget_is_as_far_off_as_it_says),
		cmocka_unit_test(what_was_measured_of_a_server_before_it_was_right_is_worth_less),
		cmocka_unit_test(what_is_known_of_a_server_is_what_its_daemon_says),
		cmocka_unit_test(a_chronyd_that_slews_answers_with_corrected_time),
		cmocka_unit_test(a_client_of_a_server_that_is_on_its_way_is_left_alone),
		cmocka_unit_test(a_clock_that_was_on_its_way_before_the_change_came_nearer_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
