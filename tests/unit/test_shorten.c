/* What a program said, as one line that is not too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/shorten.h"

static void
lines_become_one_without_blanks_and_empty_lines(void **state UNUSED)
{
	char out[80];

	shorten(out, sizeof(out), "");
	assert_string_equal(out, "");
	shorten(out, sizeof(out), "\n \r\n\n");
	assert_string_equal(out, "");
	shorten(out, sizeof(out), "  one\r\n\n\ttwo\twords \nthree");
	assert_string_equal(out, "one; two words; three");
	shorten(out, sizeof(out), "a\x1b[31mb\x07\x7f");
	assert_string_equal(out, "a [31mb");
}

static void
a_long_text_loses_its_middle_and_keeps_more_of_its_end(void **state UNUSED)
{
	char text[3000], out[48];

	memset(text, 'b', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text, "banner", 6);
	memcpy(text + sizeof(text) - 26, " Your account has expired", 25);
	shorten(out, sizeof(out), text);
	assert_int_equal(strlen(out), sizeof(out) - 1);
	assert_non_null(strstr(out, " ... "));
	assert_memory_equal(out, "bannerbb", 8);
	assert_string_equal(out + sizeof(out) - 1 - 25, " Your account has expired");
}

static void
a_text_that_just_fits_is_whole_and_one_byte_more_is_cut(void **state UNUSED)
{
	char out[25];

	shorten(out, sizeof(out), "123456789012345678901234");
	assert_string_equal(out, "123456789012345678901234");
	shorten(out, sizeof(out), "1234567890123456789012345");
	assert_string_equal(out, "123456 ... 3456789012345");
}

static void
no_character_is_cut_wherever_the_cut_falls(void **state UNUSED)
{
	char text[200] = "", out[64];

	for (size_t i = 0; i < 40; i++) {
		strncat(text, i % 2 ? "\xe2\x82\xac" : "\xc3\xa4", 4);
	}
	for (size_t size = 24; size < sizeof(out); size++) {
		const char *gap;

		shorten(out, size, text);
		assert_true(strlen(out) < size);
		gap = strstr(out, " ... ");
		assert_non_null(gap);
		assert_true(gap == out || (gap[-1] & 0xc0) == 0x80);
		assert_int_equal(gap[5] & 0xc0, 0xc0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_one_without_blanks_and_empty_lines),
		cmocka_unit_test(a_long_text_loses_its_middle_and_keeps_more_of_its_end),
		cmocka_unit_test(a_text_that_just_fits_is_whole_and_one_byte_more_is_cut),
		cmocka_unit_test(no_character_is_cut_wherever_the_cut_falls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
