#include "agent/host/program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static unsigned calls;

static void
on_done(struct program *program UNUSED)
{
	calls++;
}

/* Run @argv to its end; @program has the result. */
static void
run(struct program *program, const char *const *argv, uint64_t limit_ms)
{
	uv_loop_t loop;

	uv_loop_init(&loop);
	calls = 0;
	program_run(program, &loop, argv, limit_ms, on_done);
	assert_int_equal(calls, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(calls, 1);
	assert_false(program->running);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void
what_a_program_prints_is_collected(void **state UNUSED)
{
	const char *argv[] = { "/bin/sh", "-c", "echo one; echo no >&2; echo two; exit 3", NULL };
	struct program program = { .running = false };

	for (int i = 0; i < 3; i++) {
		run(&program, argv, 5000);
		assert_null(program.failure);
		assert_string_equal(buf_str(&program.output), "one\ntwo\n");
		assert_int_equal(program.exit_status, 3);
	}
	program_free_output(&program);
}

static void
a_program_that_is_not_there_fails_with_a_word(void **state UNUSED)
{
	const char *argv[] = { "/nowhere/chronyc", NULL };
	struct program program = { .running = false };

	run(&program, argv, 5000);
	assert_string_equal(program.failure, "it cannot be started");
	program_free_output(&program);
}

static void
a_program_that_takes_too_long_is_killed(void **state UNUSED)
{
	const char *argv[] = { "/bin/sh", "-c", "exec sleep 60", NULL };
	struct program program = { .running = false };

	run(&program, argv, 50);
	assert_string_equal(program.failure, "it took too long");
	program_free_output(&program);
}

static void
a_child_that_holds_the_pipe_open_does_not_hold_the_loop(void **state UNUSED)
{
	const char *argv[] = { "/bin/sh", "-c", "sleep 2 & exit 0", NULL };
	struct program program = { .running = false };

	run(&program, argv, 50);
	assert_string_equal(program.failure, "it took too long");
	program_free_output(&program);
}

static void
a_program_that_never_stops_printing_is_cut_off(void **state UNUSED)
{
	const char *argv[] = { "/bin/sh", "-c", "while :; do echo again and again; done", NULL };
	struct program program = { .running = false };

	run(&program, argv, 20000);
	assert_string_equal(program.failure, "it printed too much");
	assert_in_range(program.output.len, 1, PROGRAM_OUTPUT_BYTES);
	program_free_output(&program);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_program_prints_is_collected),
		cmocka_unit_test(a_program_that_is_not_there_fails_with_a_word),
		cmocka_unit_test(a_program_that_takes_too_long_is_killed),
		cmocka_unit_test(a_child_that_holds_the_pipe_open_does_not_hold_the_loop),
		cmocka_unit_test(a_program_that_never_stops_printing_is_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
