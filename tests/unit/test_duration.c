#include "common/duration.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
each_size_has_its_unit(void **state UNUSED)
{
	static const struct {
		int64_t ns;
		const char *text;
	} rows[] = {
		{ 0, "0 ns" },
		{ -999, "-999 ns" },
		{ 1000, "1.00 us" },
		{ 12345, "12.3 us" },
		{ 999600, "1.00 ms" },
		{ -1250000, "-1.25 ms" },
		{ 999 * NS_PER_MS, "999 ms" },
		{ -NS_PER_S, "-1.00 s" },
		{ INT64_C(-378691200) * NS_PER_S, "-378691200 s" },
		{ INT64_MIN, "-9223372037 s" },
	};
	char text[DURATION_TEXT_BYTES];

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(duration_text(rows[i].ns, text), rows[i].text);
	}
}

static void
seconds_beyond_an_era_are_cut(void **state UNUSED)
{
	assert_true(duration_from_s(-0.0015) == -1500000);
	assert_true(duration_from_s(NAN) == 0);
	assert_true(duration_from_s(1e300) == INT64_C(4420000000) * NS_PER_S);
	assert_true(duration_from_s(-INFINITY) == INT64_C(-4420000000) * NS_PER_S);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_size_has_its_unit),
		cmocka_unit_test(seconds_beyond_an_era_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
