/* What the daemon's own check says, and when it is asked. */
#include "agent/look/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const refusing[] = { "/bin/sh", "-c",
	"echo printed; echo 'Fatal error : Invalid directive at line 7 in file '\"$0\" >&2; exit 1",
	"{file}", NULL };
static const char *const accepting[] = { "/bin/true", "{file}", NULL };
static const char *const failing[] = { "/bin/sh", "-c",
	"echo 'Fatal error : Could not open /etc/x : Permission denied' >&2; exit 1", NULL };

static unsigned answers;

static void
on_answer(struct own_check *check UNUSED)
{
	answers++;
}

static bool
complains(const char *line)
{
	return strstr(line, "Fatal error") != NULL;
}

/* Ask a daemon with that check; returns how often a program ran. */
static unsigned
ask(struct own_check *check, const char *const *argv, const char *config, const char *options)
{
	static struct daemon_driver driver;
	struct start start = { .config_path = "/etc/chrony/chrony.conf" };
	uv_loop_t loop;

	driver = (struct daemon_driver){
		.check_argv = argv, .check_stops = argv != NULL, .bad_line = complains
	};
	buf_text(&start.config.text, config);
	buf_text(&start.options, options);
	uv_loop_init(&loop);
	answers = 0;
	if (own_check_run(check, &loop, &driver, &start, on_answer)) {
		uv_run(&loop, UV_RUN_DEFAULT);
	}
	uv_loop_close(&loop);
	start_free(&start);
	return answers;
}

static void
the_line_that_the_daemon_refuses_is_named(void **state UNUSED)
{
	struct own_check check = { .known = false };
	struct restart_policy policy = { .known = true };

	assert_int_equal(ask(&check, refusing, "one\n", ""), 1);
	assert_true(check.known && check.refused);
	own_check_pass(&check, &policy);
	assert_true(policy.refused);
	assert_string_equal(policy.blames[BLAME_REFUSED].place, "/etc/chrony/chrony.conf:7");
	assert_string_equal(policy.blames[BLAME_REFUSED].text, "Invalid directive");
	own_check_free(&check);
}

static void
the_daemon_is_asked_once_for_each_text(void **state UNUSED)
{
	struct own_check check = { .known = false };

	assert_int_equal(ask(&check, accepting, "one\n", ""), 1);
	assert_true(check.known && !check.refused);
	assert_int_equal(ask(&check, accepting, "one\n", ""), 0);
	assert_true(check.known);
	assert_int_equal(ask(&check, accepting, "two\n", ""), 1);
	assert_int_equal(ask(&check, NULL, "two\n", ""), 0);
	assert_false(check.known); /* this daemon has no check */
	own_check_free(&check);
}

static void
a_check_that_fails_for_another_reason_says_nothing(void **state UNUSED)
{
	struct own_check check = { .known = false };
	struct restart_policy policy = { .known = true, .since = 40700 };

	assert_int_equal(ask(&check, failing, "one\n", ""), 1);
	assert_false(check.known);
	own_check_pass(&check, &policy);
	assert_true(policy.known && !policy.refused && policy.since == 40700);
	own_check_free(&check);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_that_the_daemon_refuses_is_named),
		cmocka_unit_test(the_daemon_is_asked_once_for_each_text),
		cmocka_unit_test(a_check_that_fails_for_another_reason_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
