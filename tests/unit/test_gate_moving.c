/* When a change is kept whose host follows servers of the site that are on their way themselves. */
#include "orchestrator/rollout/health/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake_vote.h"

#define S NS_PER_S

/* A host after its first change: it follows t1 by which its clock is off. */
struct bed {
	struct fake_vote vote;
	struct gate gate;
	char words[GATE_WORDS_BYTES];
};

static void
begin(struct bed *bed, const char *host)
{
	memset(bed, 0, sizeof(*bed));
	fake_vote_begin_first(&bed->vote, host, 0);
	fake_vote_status(&bed->vote.now, "192.0.2.1", 0);
	bed->vote.now.status.sources[0].stratum = 2;
	bed->gate = (struct gate){ .budget = { 5 * MS, 50 * MS },
		.confirm_within_ns = 60 * S,
		.unit = "a unit",
		.before = &bed->vote.before,
		.asks_time = true,
		.topology = &bed->vote.topology,
		.host = bed->vote.input.host,
		.voters = bed->vote.voters,
		.voter_count = bed->vote.input.voter_count,
		.changed_ns = bed->vote.input.now_ns };
}

static void
finish(struct bed *bed)
{
	fake_vote_finish(&bed->vote);
}

/* The host follows server t@server, by which its clock is @offset_ms behind. */
static enum gate_answer
look(struct bed *bed, unsigned server, int64_t offset_ms, int64_t elapsed_s)
{
	struct daemon_status *status = &bed->vote.now.status;

	snprintf(status->selected, SOURCE_NAME_BYTES, "192.0.2.%u", server);
	snprintf(status->sources[0].address, SOURCE_NAME_BYTES, "192.0.2.%u", server);
	status->offset_ns = status->sources[0].offset_ns = offset_ms * MS;
	return gate_judge(&bed->gate, "active", &bed->vote.now, elapsed_s * S, bed->words);
}

static void
expect(struct bed *bed, enum gate_answer got, enum gate_answer want, const char *what, size_t i)
{
	if (got != want) {
		fail_msg("%s, case %zu: judged %d, wanted %d: %s", what, i, got, want, bed->words);
	}
}

struct growth {
	int64_t server_ms; /* what the server still has to be corrected by */
	int64_t first_ms, then_ms;
	bool kept;
};

static const struct growth growths[] = {
	{ -70, 6, 10, true },                      /* the server moves away from the host */
	{ 70, 6, 10, true },                       /* towards it, and past it */
	{ -70, -6, -10, true },                    /* either sign */
	{ 70, 6, -10, true },                      /* its clock is passed by the server's */
	{ -70, 80, 84, true }, { 6, 7, 11, true }, /* a server that is nearly right */
	{ 6, 7, 19, true },                        /* 7 + 6 at first, 19 - 6 now */
	{ 6, 7, 20, false }, { -6, -7, -20, false },
	{ 1, 7, 11, false }, /* a server that is right does not move so far */
	{ 0, 7, 8, false }, { 0, 7, 7, true }, { 0, -300, 320, false },
	{ -70, 6, 300, false }, /* no server moves so far */
};

static void
what_its_server_still_has_to_correct_does_not_count_as_growth(void **state UNUSED)
{
	static const char *const hosts[] = { "c1", "b1", "t2" }; /* a client, a branch, a peer */

	for (size_t i = 0; i < COUNT(growths) * COUNT(hosts); i++) {
		const struct growth *growth = &growths[i / COUNT(hosts)];
		const char *host = hosts[i % COUNT(hosts)];
		enum gate_answer want = growth->kept ? GATE_KEEP : GATE_AGAIN;
		struct bed bed;

		begin(&bed, host);
		for (size_t k = 1; k <= 3; k++) {
			bed.vote.voters[k - 1].right = false; /* nobody votes */
		}
		fake_vote_tell(&bed.vote, "t1", growth->server_ms * MS);
		bed.vote.voters[0].right = false;
		expect(&bed, look(&bed, 1, growth->first_ms, 2), GATE_AGAIN, host, i);
		expect(&bed, look(&bed, 1, growth->then_ms, 11), GATE_AGAIN, host, i);
		expect(&bed, look(&bed, 1, growth->then_ms, 13), want, host, i);
		if (!growth->kept) {
			expect(&bed, look(&bed, 1, growth->then_ms, 61), GATE_BACK, host, i);
		}
		finish(&bed);
	}
}

static void
a_server_that_takes_over_may_be_as_far_off_as_it_says(void **state UNUSED)
{
	static const struct {
		int64_t first_ms, then_ms;
		bool kept;
	} cases[] = { { 10, 60, true }, { 60, -50, true }, { -10, -110, true }, { 10, 131, false },
		{ -10, 131, false } };
	struct bed bed;

	for (size_t i = 0; i < COUNT(cases); i++) {
		begin(&bed, "c1");
		fake_vote_tell(&bed.vote, "t1", -70 * MS);
		fake_vote_tell(&bed.vote, "t2", 50 * MS);
		fake_vote_tell(&bed.vote, "t3", 8 * MS);
		expect(&bed, look(&bed, 1, cases[i].first_ms, 2), GATE_AGAIN, "first", i);
		expect(&bed, look(&bed, 2, cases[i].then_ms, 13),
		    cases[i].kept ? GATE_KEEP : GATE_AGAIN, "then", i);
		finish(&bed);
	}
}

/* Of a mixture of servers that it uses, the one that is off furthest counts. */
static void
each_server_that_it_uses_counts_and_no_other(void **state UNUSED)
{
	static const enum source_state states[] = { SOURCE_SILENT, SOURCE_FALSETICKER,
		SOURCE_OUTLIER, SOURCE_COMBINED };

	for (size_t i = 0; i < COUNT(states); i++) {
		bool used = states[i] == SOURCE_COMBINED;
		struct bed bed;

		begin(&bed, "c1");
		fake_vote_tell(&bed.vote, "t1", 6 * MS);
		fake_vote_tell(&bed.vote, "t2", -60 * MS);
		fake_vote_tell(&bed.vote, "t3", 6 * MS);
		fake_vote_source(&bed.vote, "192.0.2.2", 40 * MS)->state = states[i];
		expect(&bed, look(&bed, 1, 6, 2), GATE_AGAIN, "first", i);
		expect(&bed, look(&bed, 1, 40, 13), used ? GATE_KEEP : GATE_AGAIN, "then", i);
		finish(&bed);
	}
}

static void
a_server_of_which_nothing_is_known_excuses_nothing(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "c1");
	site_voter_look(&bed.vote.voters[0], NULL, false, 0);
	expect(&bed, look(&bed, 1, 6, 2), GATE_AGAIN, "first", 0);
	expect(&bed, look(&bed, 1, 7, 13), GATE_AGAIN, "then", 0);
	expect(&bed, look(&bed, 1, 7, 61), GATE_BACK, "at its end", 0);
	assert_string_equal(bed.words,
	    "over budget: the offset, 7.00 ms, is beyond 5.00 ms; "
	    "how far t1, which it follows, is off is not known");
	bed.gate.voter_count = 0;
	expect(&bed, look(&bed, 1, 7, 61), GATE_BACK, "nobody was asked", 0);
	assert_non_null(strstr(bed.words, "is not known"));
	expect(&bed, look(&bed, 1, 6, 61), GATE_KEEP, "no growth", 0);
	finish(&bed);
}

static void
a_source_outside_the_site_excuses_nothing(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t2");
	fake_vote_tell(&bed.vote, "t1", 70 * MS);
	fake_vote_tell(&bed.vote, "t3", 70 * MS);
	expect(&bed, look(&bed, 101, 6, 2), GATE_AGAIN, "first", 0);
	expect(&bed, look(&bed, 101, 7, 13), GATE_AGAIN, "then", 0);
	assert_string_equal(bed.words, "over budget: the offset, 7.00 ms, is beyond 5.00 ms");
	finish(&bed);
}

static void
a_host_that_was_right_is_not_given_to_a_server_that_is_not(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "c1");
	fake_vote_tell(&bed.vote, "t1", -70 * MS);
	fake_vote_tell(&bed.vote, "t2", 50 * MS);
	fake_vote_tell(&bed.vote, "t3", 8 * MS);
	fake_vote_status(&bed.vote.before, "192.0.2.101", 0);
	expect(&bed, look(&bed, 1, 70, 2), GATE_AGAIN, "first", 0);
	expect(&bed, look(&bed, 1, 60, 30), GATE_AGAIN, "then", 0);
	expect(&bed, look(&bed, 1, 50, 61), GATE_BACK, "at its end", 0);
	assert_string_equal(bed.words,
	    "over budget: the offset, 50.0 ms, is beyond 5.00 ms; "
	    "t1, which it follows, is itself 70.0 ms off");
	finish(&bed);
}

/* The second rollout to a client, while its servers are still on their way. */
static void
who_was_right_by_a_server_that_was_not_is_not_known_to_have_been(void **state UNUSED)
{
	static const struct {
		int64_t server_ms;
		bool kept;
	} cases[] = { { -70, true }, { 70, true }, { 6, true }, { 4, false }, { 0, false } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bed bed;

		begin(&bed, "c1");
		fake_vote_tell(&bed.vote, "t1", cases[i].server_ms * MS);
		fake_vote_tell(&bed.vote, "t2", 50 * MS);
		fake_vote_tell(&bed.vote, "t3", 50 * MS);
		fake_vote_status(&bed.vote.before, "192.0.2.1", -2 * MS);
		expect(&bed, look(&bed, 1, 6, 2), GATE_AGAIN, "first", i);
		expect(
		    &bed, look(&bed, 1, 7, 13), cases[i].kept ? GATE_KEEP : GATE_AGAIN, "then", i);
		finish(&bed);
	}
}

/* Nor do its sources of before outvote a new one. */
static void
a_server_that_was_on_its_way_does_not_vote_by_those_who_followed_it(void **state UNUSED)
{
	static const int64_t servers_ms[] = { -70, 70, 36, -4, 0 };

	for (size_t i = 0; i < COUNT(servers_ms); i++) {
		bool near = servers_ms[i] > -5 && servers_ms[i] < 5;
		struct fake_vote bed;

		fake_vote_begin(&bed, "c1", 40 * MS);
		fake_vote_status(&bed.before, "192.0.2.1", 0);
		fake_vote_tell(&bed, "t1", servers_ms[i] * MS);
		fake_vote_expect(&bed, near ? SITE_TIME_DISAGREES : SITE_TIME_OPEN);
		fake_vote_finish(&bed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_its_server_still_has_to_correct_does_not_count_as_growth),
		cmocka_unit_test(a_server_that_takes_over_may_be_as_far_off_as_it_says),
		cmocka_unit_test(each_server_that_it_uses_counts_and_no_other),
		cmocka_unit_test(a_server_of_which_nothing_is_known_excuses_nothing),
		cmocka_unit_test(a_source_outside_the_site_excuses_nothing),
		cmocka_unit_test(a_host_that_was_right_is_not_given_to_a_server_that_is_not),
		cmocka_unit_test(who_was_right_by_a_server_that_was_not_is_not_known_to_have_been),
		cmocka_unit_test(
		    a_server_that_was_on_its_way_does_not_vote_by_those_who_followed_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
