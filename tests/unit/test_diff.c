#include "orchestrator/rollout/plan/diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/file.h"
#include "tests/fake_sshd.h"

static void
assert_diff(const char *old, const char *new, const char *want)
{
	struct buf out = { 0 };

	diff_unified(&out, old, strlen(old), new, strlen(new));
	assert_string_equal(buf_str(&out), want);
	buf_free(&out);
}

static void
equal_texts_have_no_hunks(void **state UNUSED)
{
	assert_diff("", "", "");
	assert_diff("a\nb\n", "a\nb\n", "");
}

static void
a_line_added_by_hand_is_all_that_is_shown(void **state UNUSED)
{
	assert_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\nhand\n6\n7\n8\n9\n",
	    "@@ -3,6 +3,7 @@\n 3\n 4\n 5\n+hand\n 6\n 7\n 8\n");
}

static void
a_new_and_a_gone_file_are_whole_hunks(void **state UNUSED)
{
	assert_diff("", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n");
	assert_diff("a\n", "", "@@ -1 +0,0 @@\n-a\n");
}

static void
a_missing_last_newline_is_said(void **state UNUSED)
{
	assert_diff(
	    "a\nb", "a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
}

static void
control_characters_are_not_passed_on(void **state UNUSED)
{
	assert_diff("", "\x1b[31mred\t\r\n", "@@ -0,0 +1 @@\n+\\x1b[31mred\t\\r\n");
}

static void
hunks_join_when_six_lines_part_them_and_not_when_seven_do(void **state UNUSED)
{
	assert_diff("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
	    "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
	assert_diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
	    "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n"
	    "@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
}

/* What `diff -u` prints for the same two texts, without its first two lines. */
static void
real_diff(const char *folder, const struct buf *old, const struct buf *new, struct buf *out)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/old", folder);
	assert_int_equal(file_replace(path, buf_str(old), old->len, 0600, NULL), 0);
	snprintf(path, sizeof(path), "%s/new", folder);
	assert_int_equal(file_replace(path, buf_str(new), new->len, 0600, NULL), 0);
	fake_sshd_shell("cd %s; diff -u old new | tail -n +3 >out", folder);
	snprintf(path, sizeof(path), "%s/out", folder);
	assert_int_equal(file_read(path, out, NULL), 0);
}

static unsigned
count_changes(const char *diff)
{
	unsigned count = 0;

	for (const char *line = diff; *line; line = strchr(line, '\n') + 1) {
		count += *line == '-' || *line == '+';
	}
	return count;
}

/* As long as it is minimal and turns the one into the other, another choice of lines is no fault.
 */
static void
assert_patches(const char *folder, const struct buf *diff)
{
	char path[128];
	struct buf whole = { 0 };

	buf_printf(&whole, "--- old\n+++ new\n%s", buf_str(diff));
	snprintf(path, sizeof(path), "%s/ours", folder);
	assert_int_equal(file_replace(path, whole.data, whole.len, 0600, NULL), 0);
	assert_int_equal(
	    fake_sshd_shell("cd %s; patch -s -o made old ours && cmp -s made new", folder), 0);
	buf_free(&whole);
}

static void
random_texts_come_out_as_with_diff_u(void **state UNUSED)
{
	const char *given = getenv("SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : 7, identical = 0;
	char folder[] = "/tmp/timetier-diff-XXXXXX";

	print_message("SEED=%u\n", seed);
	assert_non_null(mkdtemp(folder));
	for (int round = 0; round < 60; round++) {
		struct buf old = { 0 }, new = { 0 }, want = { 0 }, got = { 0 };
		int lines = rand_r(&seed) % 30;

		for (int i = 0; i < lines; i++) {
			int value = rand_r(&seed) % 12, dice = rand_r(&seed) % 10;

			buf_printf(&old, "line %d\n", value);
			if (dice > 0) {
				buf_printf(&new, "line %d\n", dice == 1 ? dice + 20 : value);
			}
			if (dice == 2) {
				buf_printf(&new, "line %d\n", value);
			}
		}
		diff_unified(&got, buf_str(&old), old.len, buf_str(&new), new.len);
		real_diff(folder, &old, &new, &want);
		if (strcmp(buf_str(&got), buf_str(&want)) == 0) {
			identical++;
		} else {
			assert_true(count_changes(buf_str(&got)) <= count_changes(buf_str(&want)));
			assert_patches(folder, &got);
		}
		buf_free(&old);
		buf_free(&new);
		buf_free(&want);
		buf_free(&got);
	}
	fake_sshd_shell("rm -rf %s", folder);
	print_message("%u of 60 byte for byte\n", identical);
	assert_true(identical >= 30);
}

static void
texts_with_nothing_in_common_are_replaced_whole(void **state UNUSED)
{
	struct buf old = { 0 }, new = { 0 }, got = { 0 };

	for (int i = 0; i < 5000; i++) {
		buf_printf(&old, "old %d\n", i);
		buf_printf(&new, "new %d\n", i);
	}
	diff_unified(&got, buf_str(&old), old.len, buf_str(&new), new.len);
	assert_int_equal(count_changes(buf_str(&got)), 10000);
	buf_free(&old);
	buf_free(&new);
	buf_free(&got);
}

static bool
comments_only(const char *old, const char *new)
{
	return diff_in_comments_only(old, strlen(old), new, strlen(new));
}

static void
comments_and_blank_lines_say_nothing(void **state UNUSED)
{
	assert_true(comments_only("# 1\nserver a\n\n", "\t# 2\n\nserver a"));
	assert_true(comments_only("", "# only\n\n"));
	assert_false(comments_only("server a\n", "server a \n"));
	assert_false(comments_only("server a\n", "# server a\n"));
	assert_false(comments_only("server a\nserver b\n", "server b\nserver a\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_texts_have_no_hunks),
		cmocka_unit_test(a_line_added_by_hand_is_all_that_is_shown),
		cmocka_unit_test(a_new_and_a_gone_file_are_whole_hunks),
		cmocka_unit_test(a_missing_last_newline_is_said),
		cmocka_unit_test(control_characters_are_not_passed_on),
		cmocka_unit_test(hunks_join_when_six_lines_part_them_and_not_when_seven_do),
		cmocka_unit_test(random_texts_come_out_as_with_diff_u),
		cmocka_unit_test(texts_with_nothing_in_common_are_replaced_whole),
		cmocka_unit_test(comments_and_blank_lines_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
