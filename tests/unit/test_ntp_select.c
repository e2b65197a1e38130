#include "common/ntp/select.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define MS NS_PER_MS
#define S NS_PER_S
#define YEARS_12 (INT64_C(378691200) * S)

static const struct select_rules *const all_rules[] = {
	&select_rfc5905,
	&select_ntpd,
	&select_chrony,
};

static struct select_source
source(int64_t offset_ns, int64_t distance_ns)
{
	return (struct select_source){ .fit = true,
		.stratum = 2,
		.offset_ns = offset_ns,
		.distance_ns = distance_ns,
		.jitter_ns = MS / 10 };
}

/* Sources 10 ms wide at these offsets, a letter each: - unfit, x false, o outlier, + survivor. */
static const char *
states(const struct select_source *sources, size_t count)
{
	static char text[SELECT_SOURCES_MAX + 2];

	for (size_t i = 0; i < count; i++) {
		text[i] = "-xo++"[sources[i].state];
	}
	text[count] = '\0';
	return text;
}

struct vector {
	const char *name;
	size_t count;
	int64_t offsets_ms[8];
	const char *states;
	bool majority, synced;
};

/* Of 10 ms width each, the first the nearest. */
static void
run_vector(const struct select_rules *rules, const struct vector *vector)
{
	struct select_source sources[8];
	struct select_result result;

	for (size_t i = 0; i < vector->count; i++) {
		sources[i] = source(vector->offsets_ms[i] * MS, 10 * MS + (int64_t)i);
	}
	ntp_select(rules, sources, vector->count, &result);
	if (strcmp(states(sources, vector->count), vector->states) != 0 ||
	    result.majority != vector->majority || result.synced != vector->synced ||
	    (result.synced && sources[result.peer].state != SELECT_PEER)) {
		fail_msg("%s: %s, majority %d, synced %d", vector->name,
		    states(sources, vector->count), result.majority, result.synced);
	}
}

static void
the_majority_is_believed_and_nobody_else(void **state UNUSED)
{
	static const struct vector vectors[] = {
		{ "one source", 1, { 5 }, "+", true, true },
		{ "one source, wrong", 1, { 378691200000 }, "+", true, true },
		{ "one of four wrong", 4, { 0, 1, 2, -50000 }, "+++x", true, true },
		{ "the first wrong", 4, { -50000, 0, 1, 2 }, "x+++", true, true },
		{ "two of four wrong", 4, { 0, 1, -50000, -50001 }, "xxxx", false, false },
		{ "two of three wrong", 3, { 0, -378691200000, -378691200001 }, "x++", true, true },
		{ "three of five wrong", 5, { 0, 1, -50000, -50001, -50002 }, "xx+++", true, true },
		{ "two of five wrong", 5, { 0, 1, 2, -50000, -50001 }, "+++xx", true, true },
		{ "all wrong alike", 3, { -50000, -50001, -50002 }, "+++", true, true },
		{ "no two agree", 4, { 0, 100, 200, 300 }, "xxxx", false, false },
		{ "two that disagree", 2, { 0, 100 }, "xx", false, false },
		{ "three camps of two", 6, { 0, 1, 100, 101, 200, 201 }, "xxxxxx", false, false },
		{ "none", 0, { 0 }, "", false, false },
	};

	for (size_t i = 0; i < COUNT(vectors); i++) {
		for (size_t j = 0; j < COUNT(all_rules); j++) {
			run_vector(all_rules[j], &vectors[i]);
		}
	}
}

static void
wrong_by_12_years_is_told_to_the_nanosecond(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(all_rules); i++) {
		struct select_source sources[] = { source(0, 10 * MS), source(-YEARS_12, 10 * MS),
			source(-YEARS_12 - 4, 10 * MS) };
		struct select_result result;

		ntp_select(all_rules[i], sources, COUNT(sources), &result);
		assert_true(result.synced);
		assert_int_equal(result.offset_ns, -YEARS_12 - 2);
		assert_int_equal(result.error_ns, 10 * MS - 2);
		assert_int_equal(result.low_ns, -YEARS_12 - 10 * MS);
		assert_int_equal(result.high_ns, -YEARS_12 + 10 * MS - 4);
		assert_int_equal(result.fit, 3);
		assert_int_equal(result.survivors, 2);
	}
}

static void
offsets_are_weighted_by_distance(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(all_rules); i++) {
		struct select_source sources[] = { source(0, 10 * MS), source(9 * MS, 20 * MS) };
		struct select_result result;

		ntp_select(all_rules[i], sources, COUNT(sources), &result);
		assert_int_equal(result.offset_ns, 3 * MS);
		assert_int_equal(result.peer, 0);
	}
}

static void
chrony_leaves_out_what_is_three_times_as_far(void **state UNUSED)
{
	struct select_source sources[] = { source(0, 10 * MS), source(9 * MS, 31 * MS) };
	struct select_result result;

	ntp_select(&select_chrony, sources, COUNT(sources), &result);
	assert_int_equal(result.offset_ns, 0);
	assert_int_equal(result.survivors, 2);
	ntp_select(&select_ntpd, sources, COUNT(sources), &result);
	assert_true(result.offset_ns > 2 * MS);
}

static void
who_is_unfit_has_no_vote(void **state UNUSED)
{
	static const int64_t far_ns[] = { 1001 * MS, 1501 * MS, 3001 * MS };

	for (size_t i = 0; i < COUNT(all_rules); i++) {
		struct select_source sources[] = { source(0, 10 * MS), source(-50 * S, far_ns[i]),
			source(-50 * S, 10 * MS), source(-50 * S, -1), source(INT64_MIN, MS),
			source(INT64_MAX, MS) };
		struct select_result result;

		sources[2].fit = false;
		ntp_select(all_rules[i], sources, COUNT(sources), &result);
		assert_string_equal(states(sources, COUNT(sources)), "+-----");
		assert_int_equal(result.fit, 1);
	}
}

/* Two meet at 5 to 10 ms, two at 12 to 15 ms, no three at all: the intersection is 5 to 15 ms. */
static void
what_counts_as_true_is_each_daemon_s_own(void **state UNUSED)
{
	static const char *const expected[] = { "++x", "+++", "x+x" };

	for (size_t i = 0; i < COUNT(all_rules); i++) {
		struct select_source sources[] = { source(5 * MS, 5 * MS), source(10 * MS, 5 * MS),
			source(21 * MS, 9 * MS) };
		struct select_result result;

		ntp_select(all_rules[i], sources, COUNT(sources), &result);
		assert_true(result.majority);
		assert_int_equal(result.low_ns, 5 * MS);
		assert_int_equal(result.high_ns, 15 * MS);
		assert_string_equal(states(sources, COUNT(sources)), expected[i]);
	}
}

static void
intervals_that_touch_agree_for_chrony_alone(void **state UNUSED)
{
	static const char *const expected[] = { "xx", "xx", "++" };

	for (size_t i = 0; i < COUNT(all_rules); i++) {
		struct select_source sources[] = { source(0, 10 * MS), source(20 * MS, 10 * MS) };
		struct select_result result;

		ntp_select(all_rules[i], sources, COUNT(sources), &result);
		assert_string_equal(states(sources, COUNT(sources)), expected[i]);
	}
}

static void
a_preferred_survivor_is_obeyed_alone(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(all_rules); i++) {
		struct select_source sources[] = { source(0, 10 * MS), source(1 * MS, 10 * MS),
			source(4 * MS, 10 * MS), source(5 * MS, 10 * MS) };
		struct select_result result;

		sources[2].prefer = true;
		ntp_select(all_rules[i], sources, COUNT(sources), &result);
		assert_int_equal(result.peer, 2);
		assert_int_equal(result.offset_ns, 4 * MS);
	}
}

static void
a_preferred_falseticker_is_not_believed(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(all_rules); i++) {
		struct select_source sources[] = { source(0, 10 * MS), source(1 * MS, 11 * MS),
			source(-50 * S, 1 * MS) };
		struct select_result result;

		sources[2].prefer = true;
		ntp_select(all_rules[i], sources, COUNT(sources), &result);
		assert_string_equal(states(sources, COUNT(sources)), "++x");
	}
}

static void
ntpd_s_true_survives_whatever_the_others_say(void **state UNUSED)
{
	struct select_source sources[] = { source(0, 10 * MS), source(100 * MS, 10 * MS),
		source(-50 * S, 10 * MS) };
	struct select_result result;

	sources[2].truthy = true;
	ntp_select(&select_ntpd, sources, COUNT(sources), &result);
	assert_string_equal(states(sources, COUNT(sources)), "xx+");
	assert_false(result.majority);
	assert_true(result.synced);
	assert_int_equal(result.offset_ns, -50 * S);
	assert_int_equal(result.error_ns, 10 * MS);
	sources[1].offset_ns = MS;
	ntp_select(&select_ntpd, sources, COUNT(sources), &result);
	assert_true(result.majority);
	assert_int_equal(sources[2].state >= SELECT_SURVIVOR, 1);
	assert_int_equal(result.survivors, 3);
}

static void
chrony_s_trust_votes_before_all_others(void **state UNUSED)
{
	struct select_source sources[] = { source(0, 10 * MS), source(1 * MS, 10 * MS),
		source(2 * MS, 10 * MS), source(-50 * S, 10 * MS) };
	struct select_result result;

	sources[3].truthy = true;
	ntp_select(&select_chrony, sources, COUNT(sources), &result);
	assert_string_equal(states(sources, COUNT(sources)), "xxx+");
	sources[0].truthy = true; /* two to be trusted, who disagree */
	ntp_select(&select_chrony, sources, COUNT(sources), &result);
	assert_false(result.majority);
	assert_string_equal(states(sources, COUNT(sources)), "xxxx");
}

static void
with_too_few_survivors_there_is_no_peer(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(all_rules); i++) {
		struct select_source sources[] = { source(0, 10 * MS), source(1 * MS, 10 * MS),
			source(-50 * S, 10 * MS) };
		struct select_rules rules = *all_rules[i];
		struct select_result result;

		rules.min_survivors = 3;
		ntp_select(&rules, sources, COUNT(sources), &result);
		assert_true(result.majority);
		assert_false(result.synced);
		assert_string_equal(states(sources, COUNT(sources)), "++x");
	}
}

static void
outliers_are_dropped_down_to_minclock(void **state UNUSED)
{
	static const struct select_rules *const rules[] = { &select_rfc5905, &select_ntpd };

	for (size_t i = 0; i < COUNT(rules); i++) {
		struct select_source sources[] = { source(0, 20 * MS), source(1 * MS, 20 * MS),
			source(-1 * MS, 20 * MS), source(9 * MS, 20 * MS),
			source(-8 * MS, 20 * MS) };
		struct select_result result;

		ntp_select(rules[i], sources, COUNT(sources), &result);
		assert_int_equal(sources[3].state, SELECT_OUTLIER);
		assert_int_equal(sources[4].state, SELECT_OUTLIER);
		assert_int_equal(result.offset_ns, 0);
		assert_int_equal(result.survivors, i == 0 ? 5 : 3);
	}
}

static void
clustering_ends_where_jitter_is_larger(void **state UNUSED)
{
	struct select_source sources[] = { source(0, 20 * MS), source(1 * MS, 20 * MS),
		source(-1 * MS, 20 * MS), source(9 * MS, 20 * MS), source(-8 * MS, 20 * MS) };
	struct select_result result;

	for (size_t i = 0; i < COUNT(sources); i++) {
		sources[i].jitter_ns = 30 * MS;
	}
	ntp_select(&select_ntpd, sources, COUNT(sources), &result);
	assert_int_equal(result.survivors, 5);
}

static void
the_peer_is_of_the_lowest_stratum_among_equals(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(all_rules); i++) {
		struct select_source sources[] = { source(0, 10 * MS), source(0, 10 * MS),
			source(0, 10 * MS) };
		struct select_result result;

		sources[1].stratum = 1;
		ntp_select(all_rules[i], sources, COUNT(sources), &result);
		assert_int_equal(result.peer, 1);
	}
}

static void
more_sources_than_fit_are_left_out(void **state UNUSED)
{
	static struct select_source sources[SELECT_SOURCES_MAX + 8];
	struct select_result result;

	for (size_t i = 0; i < COUNT(sources); i++) {
		sources[i] = source(i < SELECT_SOURCES_MAX ? 0 : -50 * S, 10 * MS);
	}
	ntp_select(&select_chrony, sources, COUNT(sources), &result);
	assert_int_equal(result.fit, SELECT_SOURCES_MAX);
	assert_int_equal(result.offset_ns, 0);
	assert_int_equal(sources[SELECT_SOURCES_MAX].state, SELECT_UNFIT);
}

/* From here on: what holds for any sources.  SEED=n repeats a run. */
static int64_t
random_ns(int64_t limit_ns)
{
	return (int64_t)((double)limit_ns * drand48());
}

static void
fill_random(struct select_source *sources, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sources[i] = source(random_ns(60 * MS) - 30 * MS, random_ns(40 * MS));
		sources[i].stratum = 1 + (unsigned)random_ns(4);
		sources[i].jitter_ns = random_ns(2 * MS);
		sources[i].fit = drand48() < 0.95;
		sources[i].truthy = drand48() < 0.03;
	}
	sources[0].prefer = drand48() < 0.2;
}

static void
shuffle(struct select_source *sources, size_t *places, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		places[i] = i;
	}
	for (size_t i = count; i > 1; i--) {
		size_t j = (size_t)random_ns((int64_t)i), place = places[j];
		struct select_source moved = sources[j];

		sources[j] = sources[i - 1];
		sources[i - 1] = moved;
		places[j] = places[i - 1];
		places[i - 1] = place;
	}
}

static void
the_order_of_sources_does_not_matter(void **state UNUSED)
{
	for (int run = 0; run < 6000; run++) {
		const struct select_rules *rules = all_rules[run % 3];
		struct select_source sources[16], moved[16];
		size_t places[16], count = 1 + (size_t)random_ns(16);
		struct select_result result, again;

		fill_random(sources, count);
		memcpy(moved, sources, sizeof(moved));
		shuffle(moved, places, count);
		ntp_select(rules, sources, count, &result);
		ntp_select(rules, moved, count, &again);
		assert_int_equal(result.synced, again.synced);
		assert_int_equal(result.majority, again.majority);
		assert_int_equal(result.offset_ns, again.offset_ns);
		assert_int_equal(result.error_ns, again.error_ns);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(moved[i].state, sources[places[i]].state);
		}
	}
}

static void
shifting_all_offsets_shifts_the_result(void **state UNUSED)
{
	for (int run = 0; run < 6000; run++) {
		const struct select_rules *rules = all_rules[run % 3];
		struct select_source sources[16], moved[16];
		size_t count = 1 + (size_t)random_ns(16);
		int64_t shift_ns = random_ns(10 * YEARS_12) - 5 * YEARS_12;
		struct select_result result, again;

		fill_random(sources, count);
		memcpy(moved, sources, sizeof(moved));
		for (size_t i = 0; i < count; i++) {
			moved[i].offset_ns += shift_ns;
		}
		ntp_select(rules, sources, count, &result);
		ntp_select(rules, moved, count, &again);
		assert_int_equal(again.synced, result.synced);
		assert_int_equal(again.error_ns, result.error_ns);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(moved[i].state, sources[i].state);
		}
		if (result.synced) {
			assert_int_equal(again.peer, result.peer);
			assert_int_equal(again.offset_ns, result.offset_ns + shift_ns);
		}
	}
}

/* The right ones are within 1 ms of true time and know it to 3 ms; the wrong ones are elsewhere. */
static void
a_majority_that_is_right_always_survives(void **state UNUSED)
{
	for (int run = 0; run < 9000; run++) {
		const struct select_rules *rules = all_rules[run % 3];
		struct select_source sources[64];
		size_t count = 1 + (size_t)random_ns(64),
		       wrong = (size_t)random_ns((int64_t)(count + 1) / 2);
		int64_t true_ns = random_ns(YEARS_12) - YEARS_12 / 2;
		struct select_result result;

		for (size_t i = 0; i < count; i++) {
			int64_t side = drand48() < 0.5 ? -1 : 1;

			sources[i] =
			    source(true_ns + random_ns(2 * MS) - MS, 3 * MS + random_ns(100 * MS));
			sources[i].jitter_ns = random_ns(MS);
			if (i < wrong) {
				sources[i].offset_ns = true_ns + side * (S + random_ns(4 * S));
			}
		}
		ntp_select(rules, sources, count, &result);
		assert_true(result.majority);
		assert_true(result.synced);
		assert_true(llabs(result.offset_ns - true_ns) <= MS);
		assert_true(result.low_ns <= true_ns && true_ns <= result.high_ns);
		assert_true(llabs(result.offset_ns - true_ns) <= result.error_ns);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(sources[i].state >= SELECT_OUTLIER, i >= wrong);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_majority_is_believed_and_nobody_else),
		cmocka_unit_test(wrong_by_12_years_is_told_to_the_nanosecond),
		cmocka_unit_test(offsets_are_weighted_by_distance),
		cmocka_unit_test(chrony_leaves_out_what_is_three_times_as_far),
		cmocka_unit_test(who_is_unfit_has_no_vote),
		cmocka_unit_test(what_counts_as_true_is_each_daemon_s_own),
		cmocka_unit_test(intervals_that_touch_agree_for_chrony_alone),
		cmocka_unit_test(a_preferred_survivor_is_obeyed_alone),
		cmocka_unit_test(a_preferred_falseticker_is_not_believed),
		cmocka_unit_test(ntpd_s_true_survives_whatever_the_others_say),
		cmocka_unit_test(chrony_s_trust_votes_before_all_others),
		cmocka_unit_test(with_too_few_survivors_there_is_no_peer),
		cmocka_unit_test(outliers_are_dropped_down_to_minclock),
		cmocka_unit_test(clustering_ends_where_jitter_is_larger),
		cmocka_unit_test(the_peer_is_of_the_lowest_stratum_among_equals),
		cmocka_unit_test(more_sources_than_fit_are_left_out),
		cmocka_unit_test(the_order_of_sources_does_not_matter),
		cmocka_unit_test(shifting_all_offsets_shifts_the_result),
		cmocka_unit_test(a_majority_that_is_right_always_survives),
	};
	const char *wish = getenv("SEED");
	long seed = wish ? strtol(wish, NULL, 10) : (long)time(NULL);

	fprintf(stderr, "SEED=%ld\n", seed);
	srand48(seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
