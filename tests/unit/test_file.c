#include "common/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/timetier-test-XXXXXX";

static int
make_folder(void **state UNUSED)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int
remove_folder(void **state UNUSED)
{
	return rmdir(folder);
}

static const char *
path(const char *name)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s/%s", folder, name);
	return text;
}

static void
a_file_is_replaced_whole_with_its_mode(void **state UNUSED)
{
	struct buf buf = { .limit_bytes = 100 };
	struct stat st;

	assert_int_equal(file_replace(path("a"), "old text", 8, 0644, NULL), 0);
	assert_int_equal(file_replace(path("a"), "new", 3, 0600, NULL), 0);
	assert_int_equal(file_read(path("a"), &buf, NULL), 0);
	assert_string_equal(buf_str(&buf), "new");
	assert_int_equal(stat(path("a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	buf_free(&buf);
	unlink(path("a"));
}

static void
a_file_larger_than_the_limit_is_refused_by_name(void **state UNUSED)
{
	struct buf buf = { .limit_bytes = 4 };
	struct error err = { "" };

	assert_int_equal(file_replace(path("b"), "12345", 5, 0600, NULL), 0);
	assert_int_equal(file_read(path("b"), &buf, &err), -1);
	assert_non_null(strstr(err.text, "/b is larger than 4 bytes"));
	buf_free(&buf);
	unlink(path("b"));
}

static void
what_cannot_be_written_leaves_nothing_behind(void **state UNUSED)
{
	struct error err = { "" };

	assert_int_equal(mkdir(path("c"), 0700), 0);
	assert_int_equal(file_replace(path("c"), "x", 1, 0600, &err), -1);
	assert_non_null(strstr(err.text, "cannot replace"));
	assert_int_equal(
	    rmdir(path("c")), 0); /* and remove_folder() fails if a stray file is left */
}

static void
folders_are_made_down_to_the_last(void **state UNUSED)
{
	struct stat st;

	assert_int_equal(file_make_folder(path("d/e"), 0700, NULL), 0);
	assert_int_equal(file_make_folder(path("d/e"), 0700, NULL), 0);
	assert_int_equal(stat(path("d/e"), &st), 0);
	rmdir(path("d/e"));
	rmdir(path("d"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_replaced_whole_with_its_mode),
		cmocka_unit_test(a_file_larger_than_the_limit_is_refused_by_name),
		cmocka_unit_test(what_cannot_be_written_leaves_nothing_behind),
		cmocka_unit_test(folders_are_made_down_to_the_last),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
