#include "orchestrator/cli/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct options {
	struct common_options common;
	const char *list[OPTION_LIST_MAX];
	unsigned parallel;
	bool mine, others;
};

static struct options seen;
static int seen_words;

static int
run(const void *given, int argc, char **argv UNUSED)
{
	seen = *(const struct options *)given;
	seen_words = argc;
	return 42;
}

static const struct option_row rows[] = {
	COMMON_OPTION_ROWS(struct options),
	{ "limit", 'l', OPTION_LIST, offsetof(struct options, list), "HOST", "only these", 0 },
	{ "parallel", 0, OPTION_COUNT, offsetof(struct options, parallel), "N", "at once", 0 },
	{ "mine", 'm', OPTION_FLAG, offsetof(struct options, mine), NULL, "of some", 6 },
	{ "others", 'o', OPTION_FLAG, offsetof(struct options, others), NULL, "of others", 8 },
	{ "parallel-too", 0, OPTION_COUNT, offsetof(struct options, parallel), "N", "at once", 2 },
	{ .name = NULL },
};

static const struct command command = {
	.name = "try",
	.args = "[WORD]",
	.summary = "try",
	.help = "",
	.options = rows,
	.takes = 2,
	.options_size = sizeof(struct options),
	.max_args = 1,
	.usage_status = EXIT_USAGE,
	.run = run,
};

static int
try(const char *const *words)
{
	char copies[8][32];
	char *argv[9];
	int argc = 0;

	for (; words[argc]; argc++) {
		strncpy(copies[argc], words[argc], sizeof(copies[0]) - 1);
		copies[argc][sizeof(copies[0]) - 1] = '\0';
		argv[argc] = copies[argc];
	}
	argv[argc] = NULL;
	seen = (struct options){ 0 };
	seen_words = -1;
	return command_run(&command, argc, argv);
}

static void
options_may_stand_before_and_behind_the_words(void **state UNUSED)
{
	assert_int_equal(
	    try((const char *const[]){ "try", "--json", "a", "--parallel", "7", NULL }), 42);
	assert_true(seen.common.json);
	assert_false(seen.common.quiet);
	assert_int_equal(seen.parallel, 7);
	assert_int_equal(seen_words, 1);
}

static void
a_list_keeps_every_value_in_order(void **state UNUSED)
{
	assert_int_equal(try((const char *const[]){ "try", "-l", "a", "-lb", NULL }), 42);
	assert_non_null(seen.list[0]);
	assert_non_null(seen.list[1]);
	assert_null(seen.list[2]);
}

static void
of_a_table_that_is_shared_a_command_has_its_own_rows_alone(void **state UNUSED)
{
	assert_int_equal(
	    try((const char *const[]){ "try", "-m", "--parallel-too", "3", NULL }), 42);
	assert_true(seen.mine);
	assert_int_equal(seen.parallel, 3);
	assert_int_equal(try((const char *const[]){ "try", "--mine", NULL }), 42);
	assert_int_equal(try((const char *const[]){ "try", "-o", NULL }), EXIT_USAGE);
	assert_int_equal(try((const char *const[]){ "try", "--others", NULL }), EXIT_USAGE);
	assert_int_equal(seen_words, -1);
}

static void
what_is_wrong_is_not_run(void **state UNUSED)
{
	assert_int_equal(try((const char *const[]){ "try", "--nope", NULL }), EXIT_USAGE);
	assert_int_equal(try((const char *const[]){ "try", "a", "b", NULL }), EXIT_USAGE);
	assert_int_equal(try((const char *const[]){ "try", "--parallel", "0", NULL }), EXIT_USAGE);
	assert_int_equal(try((const char *const[]){ "try", "--parallel", "-1", NULL }), EXIT_USAGE);
	assert_int_equal(try((const char *const[]){ "try", "--parallel", "9x", NULL }), EXIT_USAGE);
	assert_int_equal(try((const char *const[]){ "try", "--parallel", NULL }), EXIT_USAGE);
	assert_int_equal(seen_words, -1);
}

static void
help_is_no_error_and_runs_nothing(void **state UNUSED)
{
	assert_int_equal(try((const char *const[]){ "try", "--help", NULL }), EXIT_OK);
	assert_int_equal(seen_words, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_may_stand_before_and_behind_the_words),
		cmocka_unit_test(a_list_keeps_every_value_in_order),
		cmocka_unit_test(of_a_table_that_is_shared_a_command_has_its_own_rows_alone),
		cmocka_unit_test(what_is_wrong_is_not_run),
		cmocka_unit_test(help_is_no_error_and_runs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
