#include "orchestrator/account/account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS (NS_PER_S / 1000)
#define MINUTE PAST_MINUTE_NS
#define HOUR PAST_HOUR_NS
#define DAY TALLY_DAY_NS
#define START (INT64_C(20000) * DAY) /* the start of a day, in 2024 */
#define FULL ((UINT64_C(1) << 60) - 1)

static const struct budget budget = { 5 * MS, 50 * MS };

static struct past_row
minute_at(int64_t time_ns, int64_t offset_ns, int64_t bound_ns)
{
	return (struct past_row){ time_ns, MINUTE, 1, offset_ns, offset_ns, bound_ns, bound_ns };
}

static void
add_minutes(struct tally *tally, int64_t from_ns, int64_t to_ns, int64_t offset_ns)
{
	for (; from_ns < to_ns; from_ns += MINUTE) {
		struct past_row row = minute_at(from_ns, offset_ns, 8 * MS);

		tally_add(tally, &row);
	}
}

static struct tally
tally_of(int64_t from_ns, int64_t to_ns)
{
	struct tally tally;

	tally_begin(&tally, &(struct span){ from_ns, to_ns }, &budget);
	return tally;
}

static void
time_without_a_report_is_a_gap_and_never_good(void **state UNUSED)
{
	struct tally tally = tally_of(START, START + HOUR);

	add_minutes(&tally, START, START + 10 * MINUTE, 0);
	add_minutes(&tally, START + 30 * MINUTE, START + 40 * MINUTE, 0);
	tally_end(&tally);
	assert_int_equal(tally.whole.ns[STANDING_WITHIN], 20 * MINUTE);
	assert_int_equal(tally.whole.ns[STANDING_GAP], 40 * MINUTE);
	assert_int_equal(tally.gap_count, 2);
	assert_int_equal(tally.gaps[0].from_ns, START + 10 * MINUTE);
	assert_int_equal(tally.gaps[0].to_ns, START + 30 * MINUTE);
	assert_int_equal(tally.longest_gap_ns, 20 * MINUTE);
	tally_done(&tally);
}

static void
who_was_never_heard_is_one_gap(void **state UNUSED)
{
	struct tally tally = tally_of(START, START + 3 * DAY);

	tally_end(&tally);
	assert_int_equal(tally.whole.ns[STANDING_GAP], 3 * DAY);
	assert_int_equal(tally.days[1].ns[STANDING_GAP], DAY);
	assert_int_equal(tally.gap_count, 1);
	assert_false(tally.whole.offset.known);
	tally_done(&tally);
}

static void
a_report_each_64_s_leaves_no_gap(void **state UNUSED)
{
	struct tally tally = tally_of(START, START + DAY);

	for (int64_t at = START - 100 * NS_PER_S; at < START + DAY; at += 64 * NS_PER_S) {
		struct past_row row = minute_at(at - at % MINUTE, MS, 8 * MS);

		tally_add(&tally, &row);
	}
	tally_end(&tally);
	assert_int_equal(tally.whole.ns[STANDING_WITHIN], DAY);
	assert_int_equal(tally.gap_count, 0);
	tally_done(&tally);
}

static void
a_silence_is_short_up_to_three_minutes(void **state UNUSED)
{
	for (int silent = 1; silent < 5; silent++) {
		struct tally tally = tally_of(START, START + HOUR);

		add_minutes(&tally, START, START + 10 * MINUTE, 9 * MS);
		add_minutes(&tally, START + (10 + silent) * MINUTE, START + HOUR, 0);
		tally_end(&tally);
		assert_int_equal(tally.gap_count, silent < 3 ? 0 : 1);
		/* what was before the silence holds in it: here, that was not good */
		assert_int_equal(
		    tally.whole.ns[STANDING_BEYOND], (silent < 3 ? 10 + silent : 10) * MINUTE);
		tally_done(&tally);
	}
}

static void
a_bound_beyond_the_budget_is_not_proven_and_an_offset_is_beyond(void **state UNUSED)
{
	struct tally tally = tally_of(START, START + 3 * MINUTE);
	struct past_row rows[] = {
		minute_at(START, -5 * MS, 50 * MS),
		minute_at(START + MINUTE, 5 * MS, 50 * MS + 1),
		minute_at(START + 2 * MINUTE, -5 * MS - 1, 8 * MS),
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		tally_add(&tally, &rows[i]);
	}
	tally_end(&tally);
	assert_int_equal(tally.whole.ns[STANDING_WITHIN], MINUTE);
	assert_int_equal(tally.whole.ns[STANDING_UNPROVEN], MINUTE);
	assert_int_equal(tally.whole.ns[STANDING_BEYOND], MINUTE);
	assert_int_equal(tally.whole.offset.ns, -5 * MS - 1);
	assert_int_equal(tally.whole.offset.at_ns, START + 2 * MINUTE);
	assert_int_equal(tally.whole.error_bound.at_ns, START + MINUTE);
	tally_done(&tally);
}

static void
days_add_up_to_the_whole(void **state UNUSED)
{
	struct tally tally = tally_of(START + 5 * HOUR, START + 2 * DAY + 7 * HOUR);
	struct share sum = { .ns = { 0 } };

	add_minutes(&tally, START, START + 20 * HOUR, MS);
	add_minutes(&tally, START + 30 * HOUR, START + 49 * HOUR, 7 * MS);
	tally_end(&tally);
	assert_int_equal(tally.day_count, 3);
	for (size_t i = 0; i < tally.day_count; i++) {
		share_add(&sum, &tally.days[i]);
	}
	assert_memory_equal(sum.ns, tally.whole.ns, sizeof(sum.ns));
	assert_int_equal(share_total_ns(&sum), 2 * DAY + 2 * HOUR);
	assert_int_equal(tally.whole.ns[STANDING_WITHIN], 15 * HOUR);
	assert_int_equal(tally.whole.ns[STANDING_BEYOND], 19 * HOUR);
	tally_done(&tally);
}

static void
an_hour_counts_the_minutes_in_which_it_was_heard(void **state UNUSED)
{
	struct tally tally = tally_of(START, START + HOUR);
	struct past_row hour = { START, HOUR, FULL & ~(UINT64_C(0xff) << 20), -MS, MS, MS, 8 * MS };

	assert_false(tally_needs_minutes(&tally, &hour));
	tally_add(&tally, &hour);
	tally_end(&tally);
	assert_int_equal(tally.whole.ns[STANDING_WITHIN], 52 * MINUTE);
	assert_int_equal(tally.whole.ns[STANDING_GAP], 8 * MINUTE);
	tally_done(&tally);
}

static void
minutes_are_asked_for_where_an_hour_does_not_decide(void **state UNUSED)
{
	struct tally tally = tally_of(START, START + HOUR);
	struct past_row good = { START, HOUR, FULL, -MS, MS, MS, 8 * MS };
	struct past_row mixed = { START, HOUR, FULL, -6 * MS, MS, MS, 8 * MS };
	struct past_row bad = { START, HOUR, FULL, 6 * MS, 9 * MS, MS, 8 * MS };
	struct past_row unproven = { START, HOUR, FULL, 0, 0, 51 * MS, 60 * MS };
	struct past_row early = { START - MINUTE, HOUR, FULL, 0, 0, MS, MS };
	struct past_row old = { START, HOUR, 0, 0, 0, MS, MS };

	assert_false(tally_needs_minutes(&tally, &good));
	assert_true(tally_needs_minutes(&tally, &mixed));
	assert_false(tally_needs_minutes(&tally, &bad));
	assert_false(tally_needs_minutes(&tally, &unproven));
	assert_true(tally_needs_minutes(&tally, &early));
	assert_true(tally_needs_minutes(&tally, &old));
	/* where the minutes are forgotten, the worst of them holds for all */
	tally_add(&tally, &mixed);
	tally_end(&tally);
	assert_int_equal(tally.whole.ns[STANDING_BEYOND], HOUR);
	tally_done(&tally);
}

static void
an_hour_whose_minutes_are_not_known_is_a_gap(void **state UNUSED)
{
	struct tally tally = tally_of(START, START + HOUR);
	struct past_row old = { START, HOUR, 0, 0, 0, MS, MS };

	tally_add(&tally, &old);
	tally_end(&tally);
	assert_int_equal(tally.whole.ns[STANDING_GAP], HOUR);
	tally_done(&tally);
}

static void
a_rule_without_a_number_takes_any_offset(void **state UNUSED)
{
	struct budget none = named_budget_limits(named_budget("pci", NULL));
	struct past_row row = minute_at(START, -INT64_C(400000000) * NS_PER_S, 8 * MS);
	struct tally tally;

	tally_begin(&tally, &(struct span){ START, START + MINUTE }, &none);
	tally_add(&tally, &row);
	tally_end(&tally);
	assert_int_equal(tally.whole.ns[STANDING_WITHIN], MINUTE);
	tally_done(&tally);
}

static void
many_gaps_are_all_counted_and_the_first_are_listed(void **state UNUSED)
{
	struct tally tally = tally_of(START, START + 30 * DAY);

	for (int64_t at = START; at < START + 30 * DAY; at += 10 * MINUTE) {
		add_minutes(&tally, at, at + 5 * MINUTE, 0);
	}
	tally_end(&tally);
	assert_int_equal(tally.gap_count, 30 * 144);
	assert_int_equal(tally.gaps[TALLY_GAPS_MAX - 1].from_ns,
	    START + (TALLY_GAPS_MAX - 1) * 10 * MINUTE + 5 * MINUTE);
	assert_int_equal(tally.whole.ns[STANDING_GAP], 15 * DAY);
	tally_done(&tally);
}

static void
a_percentage_is_never_rounded_to_all_or_nothing(void **state UNUSED)
{
	char text[ACCOUNT_PERCENT_BYTES];

	assert_string_equal(account_percent(5, 5, text), "100 %");
	assert_string_equal(account_percent(0, 5, text), "0 %");
	assert_string_equal(account_percent(999999999, 1000000000, text), "> 99.999 %");
	assert_string_equal(account_percent(1, 1000000000, text), "< 0.001 %");
	assert_string_equal(account_percent(1, 8, text), "12.500 %");
}

static void
a_moment_is_written_as_exactly_as_it_is_known(void **state UNUSED)
{
	struct worst worst = { true, 7, START + 3 * HOUR + 4 * MINUTE + 5 * NS_PER_S, 0 };
	char text[CLOCK_TEXT_BYTES];

	assert_string_equal(account_moment(&worst, text), "2024-10-04T03:04:05Z");
	worst.length_ns = MINUTE;
	assert_string_equal(account_moment(&worst, text), "2024-10-04T03:04Z");
	worst.length_ns = HOUR;
	assert_string_equal(account_moment(&worst, text), "2024-10-04T03Z");
	worst.known = false;
	assert_string_equal(account_moment(&worst, text), "");
}

#define TEST(name) cmocka_unit_test(name)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(time_without_a_report_is_a_gap_and_never_good),
		TEST(who_was_never_heard_is_one_gap),
		TEST(a_report_each_64_s_leaves_no_gap),
		TEST(a_silence_is_short_up_to_three_minutes),
		TEST(a_bound_beyond_the_budget_is_not_proven_and_an_offset_is_beyond),
		TEST(days_add_up_to_the_whole),
		TEST(an_hour_counts_the_minutes_in_which_it_was_heard),
		TEST(minutes_are_asked_for_where_an_hour_does_not_decide),
		TEST(an_hour_whose_minutes_are_not_known_is_a_gap),
		TEST(a_rule_without_a_number_takes_any_offset),
		TEST(many_gaps_are_all_counted_and_the_first_are_listed),
		TEST(a_percentage_is_never_rounded_to_all_or_nothing),
		TEST(a_moment_is_written_as_exactly_as_it_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
