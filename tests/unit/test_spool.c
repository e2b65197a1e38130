#include "agent/uplink/spool.h"
#include "common/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[80];

static int
make_folder(void **state UNUSED)
{
	snprintf(folder, sizeof(folder), "/tmp/test_spool.XXXXXX");
	if (!mkdtemp(folder)) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/spool", folder);
	return 0;
}

static int
remove_folder(void **state UNUSED)
{
	unlink(path);
	return rmdir(folder);
}

static void
open_spool(struct spool *spool, size_t limit_bytes)
{
	struct error err = { "" };

	if (spool_open(spool, path, limit_bytes, &err) < 0) {
		fail_msg("%s", err.text);
	}
}

static void
add(struct spool *spool, const char *line)
{
	struct error err = { "" };

	if (spool_add(spool, line, &err) < 0) {
		fail_msg("%s", err.text);
	}
}

/* The oldest line must be @expected (NULL: none); it is forgotten. */
static void
take(struct spool *spool, const char *expected)
{
	struct buf line = { .limit_bytes = 4096 };

	if (!expected) {
		assert_false(spool_next(spool, &line));
	} else {
		assert_true(spool_next(spool, &line));
		assert_string_equal(buf_str(&line), expected);
		spool_drop(spool);
	}
	buf_free(&line);
}

static void
reports_come_out_in_the_order_in_which_they_went_in(void **state UNUSED)
{
	struct spool spool;

	open_spool(&spool, 4096);
	take(&spool, NULL);
	add(&spool, "one");
	add(&spool, "two");
	take(&spool, "one");
	add(&spool, "three");
	take(&spool, "two");
	take(&spool, "three");
	take(&spool, NULL);
	assert_int_equal(spool.size, 0);
	spool_close(&spool);
}

static void
what_waits_survives_a_restart_and_what_was_delivered_does_not(void **state UNUSED)
{
	struct spool spool;

	open_spool(&spool, 4096);
	add(&spool, "one");
	add(&spool, "two");
	add(&spool, "three");
	take(&spool, "one");
	spool_close(&spool);
	open_spool(&spool, 4096);
	assert_int_equal(spool_waiting(&spool), strlen("two\nthree\n"));
	take(&spool, "two");
	take(&spool, "three");
	take(&spool, NULL);
	spool_close(&spool);
}

static void
a_line_not_taken_is_given_again(void **state UNUSED)
{
	struct buf line = { .limit_bytes = 4096 };
	struct spool spool;

	open_spool(&spool, 4096);
	add(&spool, "one");
	assert_true(spool_next(&spool, &line));
	assert_true(spool_next(&spool, &line));
	assert_string_equal(buf_str(&line), "one");
	spool_drop(&spool);
	take(&spool, NULL);
	buf_free(&line);
	spool_close(&spool);
}

static void
the_oldest_make_room_for_the_newest(void **state UNUSED)
{
	struct spool spool;
	char line[32];

	open_spool(&spool, 100);
	for (int i = 0; i < 1000; i++) {
		snprintf(line, sizeof(line), "line %04d", i);
		add(&spool, line);
		assert_in_range(spool.size, 1, 100);
	}
	assert_in_range(spool.dropped, 990, 995);
	for (int i = (int)spool.dropped; i < 1000; i++) {
		snprintf(line, sizeof(line), "line %04d", i);
		take(&spool, line);
	}
	take(&spool, NULL);
	spool_close(&spool);
}

static void
a_line_that_a_crash_cut_off_is_left_out(void **state UNUSED)
{
	struct spool spool;

	assert_int_equal(file_replace(path, "one\ntwo\nthr", 11, 0600, NULL), 0);
	open_spool(&spool, 4096);
	add(&spool, "four");
	take(&spool, "one");
	take(&spool, "two");
	take(&spool, "four");
	take(&spool, NULL);
	spool_close(&spool);
}

static void
a_line_too_long_for_the_spool_is_refused_and_the_rest_stays(void **state UNUSED)
{
	struct spool spool;
	struct error err;
	char line[100];

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	open_spool(&spool, 100);
	add(&spool, "one");
	assert_int_equal(spool_add(&spool, line, &err), -1);
	take(&spool, "one");
	take(&spool, NULL);
	spool_close(&spool);
}

static void
without_a_file_everything_is_dropped_with_a_word(void **state UNUSED)
{
	struct spool spool;
	struct error err = { "" };

	assert_int_equal(spool_open(&spool, "/nowhere/spool", 4096, &err), -1);
	assert_string_equal(
	    err.text, "cannot keep reports in /nowhere/spool: No such file or directory");
	assert_int_equal(spool_add(&spool, "one", &err), -1);
	take(&spool, NULL);
	spool_close(&spool);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reports_come_out_in_the_order_in_which_they_went_in),
		TEST(what_waits_survives_a_restart_and_what_was_delivered_does_not),
		TEST(a_line_not_taken_is_given_again),
		TEST(the_oldest_make_room_for_the_newest),
		TEST(a_line_that_a_crash_cut_off_is_left_out),
		TEST(a_line_too_long_for_the_spool_is_refused_and_the_rest_stays),
		TEST(without_a_file_everything_is_dropped_with_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
