/* The end of a process is told at once, and only once. */
#include "agent/host/vigil.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
on_ended(struct vigil *vigil)
{
	++*(int *)vigil->owner;
}

static pid_t
sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (;;) {
			pause();
		}
	}
	return pid;
}

static void
an_end_is_told(void **state UNUSED)
{
	int told = 0;
	struct vigil vigil = { .owner = &told };
	pid_t pid = sleeper();
	uv_loop_t loop;

	uv_loop_init(&loop);
	if (!vigil_begin(&vigil, &loop, pid, on_ended)) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		uv_loop_close(&loop);
		skip(); /* an old kernel */
	}
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(told, 0);
	kill(pid, SIGKILL);
	uv_run(&loop, UV_RUN_DEFAULT); /* ends when nothing is waited for */
	assert_int_equal(told, 1);
	assert_int_equal(vigil.pid, 0);
	waitpid(pid, NULL, 0);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void
nobody_is_waited_for(void **state UNUSED)
{
	int told = 0;
	struct vigil vigil = { .owner = &told };
	pid_t pid = sleeper();
	uv_loop_t loop;

	uv_loop_init(&loop);
	assert_false(vigil_begin(&vigil, &loop, -1, on_ended));
	if (vigil_begin(&vigil, &loop, pid, on_ended)) {
		assert_false(
		    vigil_begin(&vigil, &loop, pid, on_ended)); /* the first one is closing */
	}
	vigil_end(&vigil);
	vigil_end(&vigil);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(told, 0);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_is_told),
		cmocka_unit_test(nobody_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
