#include "common/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
what_goes_over_the_limit_is_left_out_whole(void **state UNUSED)
{
	struct buf buf = { .limit_bytes = 8 };

	buf_text(&buf, "12345");
	buf_text(&buf, "6789");
	assert_true(buf.overflowed);
	assert_string_equal(buf_str(&buf), "12345");
	buf_printf(&buf, "%d", 678);
	assert_string_equal(buf_str(&buf), "12345678");
	buf_free(&buf);
}

static void
bytes_are_dropped_from_the_front(void **state UNUSED)
{
	struct buf buf = { 0 };

	assert_string_equal(buf_str(&buf), "");
	buf_add(&buf, "ab\0cd", 5);
	buf_drop(&buf, 3);
	assert_int_equal(buf.len, 2);
	assert_string_equal(buf_str(&buf), "cd");
	buf_drop(&buf, 99);
	assert_int_equal(buf.len, 0);
	buf_free(&buf);
	buf_free(&buf);
}

static void
it_grows_to_whatever_is_added(void **state UNUSED)
{
	struct buf buf = { 0 };

	for (int i = 0; i < 10000; i++) {
		buf_printf(&buf, "%04d", i);
	}
	assert_int_equal(buf.len, 40000);
	assert_memory_equal(buf.data + 39996, "9999", 5);
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_over_the_limit_is_left_out_whole),
		cmocka_unit_test(bytes_are_dropped_from_the_front),
		cmocka_unit_test(it_grows_to_whatever_is_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
