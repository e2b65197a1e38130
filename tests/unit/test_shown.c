/* What comes from outside, and how it is shown: by each place that shows anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/diag.h"
#include "common/json_fields.h"
#include "common/log.h"
#include "common/shown.h"
#include "common/streams.h"
#include "orchestrator/database/database.h"
#include "tests/fake_hostile.h"

static const struct {
	const char *bytes, *words;
} cases[] = {
	{ "", "" }, { "plain", "plain" },
	{ "Zürich 東京 Ωμέγα 🕰", "Zürich 東京 Ωμέγα 🕰" },
	{ "C:\\x1b", "C:\\x1b" }, { "\x1b[2J", "\\x1b[2J" }, { "a\nb\tc\rd", "a\\nb\\tc\\rd" },
	{ "\a\b\x7f\x01", "\\x07\\x08\\x7f\\x01" },
	{ "\xc2\x9b"
	  "31m",
	    "\\u009b31m" }, /* C1 as UTF-8 */
	{ "\x9b"
	  "31m",
	    "\\x9b31m" }, /* C1 as a byte */
	{ "\xe2\x80\xae"
	  "cod",
	    "\\u202ecod" }, /* from right to left */
	{ "\xe2\x81\xa6", "\\u2066" },
	{ "a\xe2\x80\x8b"
	  "b",
	    "a\\u200bb" }, /* zero width */
	{ "\xef\xbb\xbf", "\\ufeff" }, { "\xc2\xad", "\\u00ad" }, { "\xef\xb8\x8f", "\\ufe0f" },
	{ "\xf3\xa0\x81\x81", "\\U000e0041" }, /* a tag: text that nobody sees */
	{ "\xef\xbf\xbe", "\\ufffe" }, { "\xf4\x8f\xbf\xbf", "\\U0010ffff" },
	{ "\xed\xa0\x80", "\\ud800" },                           /* a surrogate */
	{ "\xc0\xaf\xe0\x80\xaf", "\\xc0\\xaf\\xe0\\x80\\xaf" }, /* longer than need be */
	{ "\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80" }, { "\xc3(", "\\xc3(" },
	{ "\xf0\x9f", "\\xf0\\x9f" }, /* cut */
};

static void
a_text_is_shown_whole_and_controls_nothing(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf shown = { .limit_bytes = 0 };
		char copy[64];

		shown_add(&shown, cases[i].bytes, strlen(cases[i].bytes), SHOWN_WORDS);
		assert_string_equal(buf_str(&shown), cases[i].words);
		shown_copy(copy, sizeof(copy), cases[i].bytes);
		assert_string_equal(copy, cases[i].words);
		assert_int_equal(shown_is_fit(cases[i].bytes, strlen(cases[i].bytes), SHOWN_WORDS),
		    strcmp(cases[i].bytes, cases[i].words) == 0);
		assert_true(shown_is_fit(buf_str(&shown), shown.len, SHOWN_WORDS));
		buf_free(&shown);
	}
}

static void
newlines_and_tabs_stay_where_they_may(void **state UNUSED)
{
	struct buf shown = { .limit_bytes = 0 };

	shown_add(&shown, "a\n\tb\r\n\0", 7, SHOWN_NEWLINES | SHOWN_TABS);
	assert_string_equal(buf_str(&shown), "a\n\tb\\r\n\\x00");
	buf_free(&shown);
}

static void
a_copy_is_cut_between_characters_and_between_escapes(void **state UNUSED)
{
	char out[6];

	shown_copy(out, sizeof(out), "abcdü");
	assert_string_equal(out, "abcd");
	shown_copy(out, sizeof(out), "ab\x1b");
	assert_string_equal(out, "ab");
}

static void
an_error_and_a_finding_are_one_line_each(void **state UNUSED)
{
	struct diags diags = { 0 };
	struct error err;

	error_set(&err, "it says %s\nhost good: done", HOSTILE_TEXT);
	assert_null(fake_hostile_stain(err.text, strlen(err.text)));
	assert_null(strchr(err.text, '\n'));
	error_wrap(&err, "%s", HOSTILE_TEXT);
	assert_null(fake_hostile_stain(err.text, strlen(err.text)));
	error_errno(&err, 1, "%s", HOSTILE_TEXT);
	assert_null(fake_hostile_stain(err.text, strlen(err.text)));
	diags_add(&diags, SEVERITY_NOTE, "x", (struct pos){ NULL, 0, 0 }, "%s\n", HOSTILE_TEXT);
	assert_null(fake_hostile_stain(diags.list[0].text, strlen(diags.list[0].text)));
	assert_null(strchr(diags.list[0].text, '\n'));
	diags_free(&diags);
}

static void
json_has_it_as_it_is_shown_at_any_depth(void **state UNUSED)
{
	json_t *json = json_pack("{s:[{s:s}], s:o}", "a", "b", "\x1b[2J\xe2\x80\xae\n", "c",
	    fields_lines(HOSTILE_TEXT "\n"));
	const char *text;

	fields_make_fit(json);
	text =
	    json_string_value(json_object_get(json_array_get(json_object_get(json, "a"), 0), "b"));
	assert_string_equal(text, "\\x1b[2J\\u202e\n");
	text = json_string_value(json_object_get(json, "c"));
	assert_true(shown_is_fit(text, strlen(text), SHOWN_NEWLINES | SHOWN_TABS));
	json_decref(json);
}

static void
a_database_keeps_it_as_it_is_shown(void **state UNUSED)
{
	sqlite3 *sqlite;
	sqlite3_stmt *statement;

	assert_int_equal(sqlite3_open(":memory:", &sqlite), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(sqlite, "SELECT ?, ?", -1, &statement, NULL), SQLITE_OK);
	database_bind_text(statement, 1, HOSTILE_TEXT);
	database_bind_text(statement, 2, NULL);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_true(shown_is_fit((const char *)sqlite3_column_text(statement, 0),
	    (size_t)sqlite3_column_bytes(statement, 0), SHOWN_NEWLINES | SHOWN_TABS));
	assert_string_equal((const char *)sqlite3_column_text(statement, 1), "");
	sqlite3_finalize(statement);
	sqlite3_close(sqlite);
}

/* What a program prints that calls @print, on both streams; the caller frees it. */
static char *
printed(void (*print)(void))
{
	struct buf out = { .limit_bytes = 0 };
	char bytes[4096];
	int ends[2];
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		struct error err;

		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		streams_open();
		print();
		_exit(streams_end(&err) == 0 ? 0 : 1);
	}
	close(ends[1]);
	while ((got = read(ends[0], bytes, sizeof(bytes))) > 0) {
		buf_add(&out, bytes, (size_t)got);
	}
	close(ends[0]);
	waitpid(pid, NULL, 0);
	buf_add(&out, "", 0);
	return out.data;
}

static void
print_one_by_one(void)
{
	for (const char *at = HOSTILE_TEXT "Zürich\n"; *at; at++) {
		putchar(*at);
		fflush(stdout);
	}
	for (const char *at = HOSTILE_TEXT "東京\n"; *at; at++) {
		fputc(*at, stderr);
	}
	log_line(LOG_LEVEL_ERROR, "%s\n<3>%s", HOSTILE_TEXT, "a second line");
}

static void
nothing_that_is_printed_controls_the_terminal(void **state UNUSED)
{
	char *text = printed(print_one_by_one);

	assert_null(fake_hostile_stain(text, strlen(text)));
	assert_non_null(strstr(text, "\\x1b]0;owned\\x07\\x1b[2J"));
	assert_non_null(strstr(text, "Zürich\n"));
	assert_non_null(strstr(text, "東京\n"));
	assert_non_null(strstr(text, "\\n<3>a second line\n"));
	free(text);
}

static void
print_colours(void)
{
	const char *red = stream_code(STREAM_RED);

	printf("%sred%s \x1b[31mnot\n", red, stream_code(STREAM_PLAIN));
	for (const char *at = red; *at; at++) {
		putchar(*at);
		fflush(stdout);
	}
	printf("\n%.*s\n%.*sx\n", (int)strlen(red) - 1, red, 4, red);
}

static void
colours_of_our_own_are_known_by_a_secret(void **state UNUSED)
{
	char *text = printed(print_colours), *line;

	line = strstr(text, "\x1b[31mred\x1b[0m \\x1b[31mnot\n\x1b[31m\n\\x01");
	assert_ptr_equal(line, text);
	line = strstr(text + 10, "\\x01");
	assert_null(fake_hostile_stain(line, strlen(line)));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_shown_whole_and_controls_nothing),
		cmocka_unit_test(newlines_and_tabs_stay_where_they_may),
		cmocka_unit_test(a_copy_is_cut_between_characters_and_between_escapes),
		cmocka_unit_test(an_error_and_a_finding_are_one_line_each),
		cmocka_unit_test(json_has_it_as_it_is_shown_at_any_depth),
		cmocka_unit_test(a_database_keeps_it_as_it_is_shown),
		cmocka_unit_test(nothing_that_is_printed_controls_the_terminal),
		cmocka_unit_test(colours_of_our_own_are_known_by_a_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
