#include "agent/first_set/confine.h"
#include "common/buf.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Run @attempt in a process that has confined itself; returns errno, 0 when it succeeded, 200 when
 * it could not be. */
static int
confined(int (*attempt)(void))
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		if (confine_self("/nonexistent/file", NULL) < 0) {
			_exit(200);
		}
		_exit(attempt() < 0 ? errno : 0);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 201;
}

static int
start_program(void)
{
	return execl("/bin/true", "true", NULL);
}

static int
start_by_file(void)
{
	return (int)syscall(SYS_execveat, -1, "/bin/true", NULL, NULL, 0);
}

static int
trace(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int
mount_something(void)
{
	return mount("none", "/", "tmpfs", 0, NULL);
}

static int
leave_namespaces(void)
{
	return (int)syscall(SYS_unshare, 0x10000000 /* CLONE_NEWUSER */);
}

static int
run_from_memory(void)
{
	return (int)syscall(SYS_memfd_create, "program", 0);
}

#if defined(__x86_64__)
/* The same call by the number of another machine: i386's through its own gate, and x32's. */
static int
call_as_i386(void)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(20L)
			 : "memory", "r8", "r9", "r10", "r11");
	errno = result < 0 ? (int)-result : 0;
	return result < 0 ? -1 : 0;
}

static int
call_as_x32(void)
{
	return (int)syscall(0x40000000L + SYS_getpid);
}
#endif

static void *
nothing(void *arg)
{
	return arg;
}

/* libuv looks names up in threads. */
static int
begin_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0
	    ? 0
	    : -1;
}

static void
a_confined_process_starts_traces_and_mounts_nothing(void **state UNUSED)
{
	static int (*const attempts[])(void) = { start_program, start_by_file, trace,
		mount_something, leave_namespaces, run_from_memory };

	for (size_t i = 0; i < COUNT(attempts); i++) {
		assert_int_equal(confined(attempts[i]), EPERM);
	}
}

static void
nor_by_the_numbers_of_another_machine(void **state UNUSED)
{
#if defined(__x86_64__)
	assert_int_equal(confined(call_as_i386), EPERM);
	assert_int_equal(confined(call_as_x32), EPERM);
#endif
}

static void
and_goes_on_with_threads(void **state UNUSED)
{
	assert_int_equal(confined(begin_thread), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_confined_process_starts_traces_and_mounts_nothing),
		cmocka_unit_test(nor_by_the_numbers_of_another_machine),
		cmocka_unit_test(and_goes_on_with_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
