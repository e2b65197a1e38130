#include "common/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
an_instant_is_read_back_as_it_was_written(void **state UNUSED)
{
	static const struct {
		int64_t real_ns;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000000000Z" },
		{ -1, "1969-12-31T23:59:59.999999999Z" },
		{ INT64_C(1353330000000000007), "2012-11-19T13:00:00.000000007Z" },
		{ INT64_C(2085978496) * NS_PER_S, "2036-02-07T06:28:16.000000000Z" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[CLOCK_TEXT_BYTES];
		int64_t back = 77;

		assert_string_equal(clock_text(cases[i].real_ns, out), cases[i].text);
		assert_true(clock_parse(out, &back));
		assert_true(back == cases[i].real_ns);
	}
}

static void
short_fractions_count_from_the_left(void **state UNUSED)
{
	int64_t real_ns;

	assert_true(clock_parse("1970-01-01T00:00:01.5Z", &real_ns));
	assert_true(real_ns == 3 * NS_PER_S / 2);
	assert_true(clock_parse("1970-01-01T00:00:01Z", &real_ns));
	assert_true(real_ns == NS_PER_S);
}

static void
what_is_no_instant_is_refused_and_nothing_is_written(void **state UNUSED)
{
	static const char *const texts[] = { "", "now", "1970-01-01", "1970-01-01T00:00:01",
		"1970-01-01T00:00:01+01:00", "1970-01-01T00:00:01.Z",
		"1970-01-01T00:00:01.1234567890Z", "1970-01-01T00:00:01.5Zx",
		"99999999-01-01T00:00:01Z" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		int64_t real_ns = 77;

		if (clock_parse(texts[i], &real_ns) || real_ns != 77) {
			fail_msg("\"%s\" was taken", texts[i]);
		}
	}
}

static void
a_reading_holds_all_clocks_of_one_moment(void **state UNUSED)
{
	struct clock_reading first = clock_read(), second = clock_read();

	assert_true(first.width_ns >= 0 && first.width_ns < NS_PER_S);
	assert_true(second.boot_ns >= first.boot_ns);
	/* Nobody steps the clock between two readings: the gap stays, but for the noise. */
	assert_true(llabs((second.real_ns - second.boot_ns) - (first.real_ns - first.boot_ns)) <
	    NS_PER_MS + first.width_ns + second.width_ns);
}

static void
a_day_is_one_of_the_calendar(void **state UNUSED)
{
	static const char *const days[] = { "1970-01-01", "2000-02-29", "2027-06-30",
		"2199-12-31" };
	static const char *const none[] = { "", "2027", "2027-6-30", "2027-06-3", "2027-02-29",
		"2100-02-29", "2027-13-01", "2027-00-01", "2027-01-32", "27-06-30", "12027-06-30",
		"1969-12-31", "2200-01-01", "2027-06-30 ", " 2027-06-30", "2027-06-30T00",
		"+027-06-30" };
	char out[CLOCK_DAY_BYTES];
	int64_t real_ns = 77;

	for (size_t i = 0; i < COUNT(none); i++) {
		if (clock_parse_day(none[i], &real_ns)) {
			fail_msg("\"%s\" is a day", none[i]);
		}
	}
	for (size_t i = 0; i < COUNT(days); i++) {
		assert_true(clock_parse_day(days[i], &real_ns));
		assert_string_equal(clock_day(real_ns, out), days[i]);
		assert_string_equal(clock_day(real_ns + 86400 * NS_PER_S - 1, out), days[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instant_is_read_back_as_it_was_written),
		cmocka_unit_test(short_fractions_count_from_the_left),
		cmocka_unit_test(what_is_no_instant_is_refused_and_nothing_is_written),
		cmocka_unit_test(a_day_is_one_of_the_calendar),
		cmocka_unit_test(a_reading_holds_all_clocks_of_one_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
