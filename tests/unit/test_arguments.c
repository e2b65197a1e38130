#include "agent/host/arguments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static const char *
joined(const struct arguments *words)
{
	static char out[1024];
	struct buf text = { .limit_bytes = sizeof(out) - 1 };

	buf_reset(&text);
	for (size_t i = 0; i < words->count; i++) {
		buf_printf(&text, "[%s]", words->list[i]);
	}
	memcpy(out, buf_str(&text), text.len + 1);
	buf_free(&text);
	return out;
}

static const char *
split(const char *text)
{
	struct arguments words = { .count = 0 };

	arguments_split(&arena, text, &words);
	return joined(&words);
}

static void
words_are_split_as_systemd_does(void **state UNUSED)
{
	assert_string_equal(split("  /bin/a -g  -N\t"), "[/bin/a][-g][-N]");
	assert_string_equal(split("a 'b c' \"d e\" f\"g h\"i"), "[a][b c][d e][fg hi]");
	assert_string_equal(split("a\\x20b c\\sd \\\"e\\\""), "[a b][c d][\"e\"]");
	assert_string_equal(split("'' x"), "[][x]");
	assert_string_equal(split(""), "");
	assert_string_equal(split("ends\\"), "[ends\\]");
}

static const char *
expand(const char *text)
{
	static struct variables variables;
	struct arguments words = { .count = 0 }, expanded = { .count = 0 };

	variables = (struct variables){ .count = 0 };
	variables_assign(&arena, &variables, "TWO=one 'and two'", "l");
	variables_assign(&arena, &variables, "EMPTY=", "l");
	arguments_split(&arena, text, &words);
	arguments_expand(&arena, &words, &variables, &expanded, NULL);
	return joined(&expanded);
}

static void
variables_become_words_as_in_a_unit(void **state UNUSED)
{
	assert_string_equal(expand("d $TWO e"), "[d][one][and two][e]");
	assert_string_equal(expand("d ${TWO} x${TWO}"), "[d][one 'and two'][xone 'and two']");
	assert_string_equal(expand("d $EMPTY ${EMPTY} $ABSENT"), "[d][]");
	assert_string_equal(expand("d $$TWO 100%% x$TWO"), "[d][$TWO][100%][x$TWO]");
	assert_string_equal(expand("d ${TWO"), "[d][${TWO]");
}

static const char *
read(enum variables_style style, const char *text, const char *name)
{
	static struct variables variables;
	const struct variable *variable;

	variables = (struct variables){ .count = 0 };
	variables_read(&arena, style, "/f", text, &variables);
	variable = variables_find(&variables, name);
	return !variable ? "none" : variable->value ? variable->value : "unsure";
}

static void
an_environment_file_is_no_shell(void **state UNUSED)
{
	enum variables_style style = VARIABLES_SYSTEMD;

	assert_string_equal(read(style, "# A=0\n; A=0\nA=-F 1 \nB=2\n", "A"), "-F 1");
	assert_string_equal(read(style, "A=\"-F 1\"\n", "A"), "-F 1");
	assert_string_equal(read(style, "A= \"x\" 'y'\n", "A"), "x y");
	assert_string_equal(read(style, "A=1\nA=2", "A"), "2");
	assert_string_equal(read(style, "A=$B `x`\n", "A"), "$B `x`");
	assert_string_equal(read(style, "A=a\\\nb\nB=3\n", "B"), "3");
	assert_string_equal(read(style, "A=a\\\nb\n", "A"), "ab");
	assert_string_equal(read(style, "A='open", "A"), "open");
	assert_string_equal(read(style, "export A=1\n", "A"), "none");
}

static void
a_file_of_a_shell_has_its_variables(void **state UNUSED)
{
	enum variables_style style = VARIABLES_SHELL;

	assert_string_equal(read(style, "A='-g'\n", "A"), "-g");
	assert_string_equal(read(style, "export A=-x # why\n", "A"), "-x");
	assert_string_equal(read(style, "B=\"-g\"\nA=\"$B -N ${B}\"\n", "A"), "-g -N -g");
	assert_string_equal(read(style, "A='$B'\n", "A"), "$B");
	assert_string_equal(read(style, "A=\"$(hostname)\"\n", "A"), "unsure");
	assert_string_equal(read(style, "A=`id`\n", "A"), "unsure");
	assert_string_equal(read(style, "A=\"${B:-1}\"\n", "A"), "unsure");
	assert_string_equal(read(style, "A=\"two\nlines\"\nB=1\n", "B"), "1");
}

static void
a_line_is_named_for_whoever_blames_it(void **state UNUSED)
{
	struct variables variables = { .count = 0 };

	variables_read(&arena, VARIABLES_SHELL, "/etc/default/ntpsec",
	    "# first\n\nNTPD_OPTS=\"-g -N\"\nif true; then\nX=1\nfi\n", &variables);
	assert_string_equal(variables_find(&variables, "NTPD_OPTS")->line,
	    "/etc/default/ntpsec:3: NTPD_OPTS=\"-g -N\"");
	assert_string_equal(variables.unsure, "/etc/default/ntpsec:4: if true; then");
	assert_false(variables_find(&variables, "NTPD_OPTS")->exported);
}

static int
free_arena(void **state UNUSED)
{
	arena_free(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(words_are_split_as_systemd_does, free_arena),
		cmocka_unit_test_teardown(variables_become_words_as_in_a_unit, free_arena),
		cmocka_unit_test_teardown(an_environment_file_is_no_shell, free_arena),
		cmocka_unit_test_teardown(a_file_of_a_shell_has_its_variables, free_arena),
		cmocka_unit_test_teardown(a_line_is_named_for_whoever_blames_it, free_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
