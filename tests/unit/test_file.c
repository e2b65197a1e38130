#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
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

/* Whether the file of this name is read, by a reader that follows no link if @flags says so. */
static bool
is_read(const char *name, int flags, struct error *err)
{
	struct buf buf = { .limit_bytes = 100 };
	bool read = file_read_plain(path(name), flags, &buf, err) == 0;

	buf_free(&buf);
	return read;
}

static void
what_is_no_plain_file_is_neither_waited_for_nor_opened(void **state UNUSED)
{
	struct error err = { "" };
	int lease;

	assert_int_equal(file_replace(path("plain"), "text", 4, 0600, NULL), 0);
	assert_int_equal(symlink("plain", path("link")), 0);
	assert_int_equal(mkfifo(path("fifo"), 0600), 0);
	assert_int_equal(symlink("/dev/zero", path("device")), 0);
	assert_true(is_read("plain", O_NOFOLLOW, NULL));
	assert_true(is_read("link", 0, NULL));
	assert_false(is_read("link", O_NOFOLLOW, &err));
	assert_non_null(strstr(err.text, "link is no plain file"));
	assert_false(is_read("fifo", 0, &err));
	assert_non_null(strstr(err.text, "fifo is no plain file"));
	assert_false(is_read("device", 0, &err));
	assert_non_null(strstr(err.text, "device is no plain file"));
	assert_false(is_read(".", 0, &err));
	assert_int_equal(symlink("/dev/null", path("null")), 0);
	assert_true(is_read("null", 0, NULL));
	unlink(path("null"));
	assert_false(is_read("absent", 0, &err));
	assert_non_null(strstr(err.text, "No such file"));
	/* who holds a lease could let others wait for 45 s */
	lease = open(path("plain"), O_RDWR);
	signal(SIGIO, SIG_IGN);
	if (fcntl(lease, F_SETLEASE, F_WRLCK) == 0) {
		assert_false(is_read("plain", 0, NULL));
	}
	close(lease);
	unlink(path("plain"));
	unlink(path("link"));
	unlink(path("fifo"));
	unlink(path("device"));
}

static void
what_is_no_file_stays_what_it_is(void **state UNUSED)
{
	char text[8] = "";
	struct error err = { "" };
	struct stat info;
	int reader;

	assert_int_equal(symlink("/dev/null", path("null")), 0);
	assert_int_equal(file_replace(path("null"), "text", 4, 0600, &err), 0);
	assert_int_equal(lstat(path("null"), &info), 0);
	assert_true(S_ISLNK(info.st_mode));
	assert_int_equal(stat("/dev/null", &info), 0);
	assert_true(S_ISCHR(info.st_mode));
	assert_int_equal(mkfifo(path("fifo"), 0600), 0);
	assert_int_equal(file_replace(path("fifo"), "text", 4, 0600, &err), -1);
	assert_non_null(strstr(err.text, "cannot write"));
	reader = open(path("fifo"), O_RDONLY | O_NONBLOCK);
	assert_int_equal(file_replace(path("fifo"), "text", 4, 0600, &err), 0);
	assert_int_equal(read(reader, text, sizeof(text)), 4);
	assert_string_equal(text, "text");
	close(reader);
	unlink(path("fifo"));
	unlink(path("null"));
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
		cmocka_unit_test(what_is_no_plain_file_is_neither_waited_for_nor_opened),
		cmocka_unit_test(what_is_no_file_stays_what_it_is),
		cmocka_unit_test(a_file_larger_than_the_limit_is_refused_by_name),
		cmocka_unit_test(what_cannot_be_written_leaves_nothing_behind),
		cmocka_unit_test(folders_are_made_down_to_the_last),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
