#include "agent/host/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

/* What sets the clock in @text, and at which line; "" when nothing does. */
static const char *
setter(const char *text, unsigned *line)
{
	struct commands commands = { .arena = &arena, .at = text, .line = 1 };
	struct command command;
	const char *found = NULL;

	while (!found && commands_next(&commands, &command)) {
		found = command_sets_clock(&command);
		*line = command.line;
	}
	return found ? found : "";
}

static void
what_sets_the_clock_is_found_where_a_shell_runs_it(void **state UNUSED)
{
	unsigned line = 0;

	assert_string_equal(
	    setter("#!/bin/sh\nset -e\n/usr/sbin/ntpdate -s pool\n", &line), "ntpdate");
	assert_int_equal(line, 3);
	assert_string_equal(setter("[ -x /x ] && sudo ntpdate-debian -s", &line), "ntpdate-debian");
	assert_string_equal(setter("if ! timeout 5 ntpdig -S p; then :; fi", &line), "ntpdig");
	assert_string_equal(setter("T=$(/sbin/hwclock -s)", &line), "hwclock --hctosys");
	assert_string_equal(setter("hwclock --hctosys --utc", &line), "hwclock --hctosys");
	assert_string_equal(setter("LANG=C date -s \"2026-01-01\"", &line), "date --set");
	assert_string_equal(setter("date --set=@0", &line), "date --set");
	assert_string_equal(setter("date 010203042026.05", &line), "date --set");
	assert_string_equal(setter("/usr/sbin/chronyd -q 'server a iburst'", &line), "chronyd -q");
	assert_string_equal(setter("ntpd -gq", &line), "ntpd -q");
	assert_string_equal(setter("chronyc -a makestep", &line), "chronyc makestep");
	assert_string_equal(setter("a \\\n b\n rdate -n x", &line), "rdate");
	assert_int_equal(line, 3);
}

static void
talk_of_it_and_questions_are_left_alone(void **state UNUSED)
{
	unsigned line;

	assert_string_equal(setter("# ntpdate -s x\necho run ntpdate now", &line), "");
	assert_string_equal(setter("test -x /usr/sbin/ntpdate || exit 0", &line), "");
	assert_string_equal(setter("ntpdate -q pool; sntp pool; date +%s; hwclock -w", &line), "");
	assert_string_equal(setter("chronyd -Q -t 3; chronyc onoffline; timedatectl", &line), "");
	assert_string_equal(setter("date -d @0 +%Y 'x; ntpdate y'", &line), "");
	assert_string_equal(setter("", &line), "");
	assert_string_equal(setter("'never ends", &line), "");
}

static bool
starts(const char *text)
{
	static const char *const names[] = { "ntpsec", "ntpd", NULL };
	struct commands commands = { .arena = &arena, .at = text, .line = 1 };
	struct command command;
	bool found = false;

	while (commands_next(&commands, &command)) {
		found |= command_starts(&command, names);
	}
	return found;
}

static void
what_starts_the_daemon_is_told_from_what_names_it(void **state UNUSED)
{
	assert_true(starts("systemctl restart ntpsec.service"));
	assert_true(starts("pidof ntpd || /etc/init.d/ntpd start"));
	assert_true(starts("service ntpd condrestart"));
	assert_true(starts("/usr/sbin/ntpd -g -p /run/ntpd.pid"));
	assert_false(starts("systemctl status ntpsec"));
	assert_false(starts("/usr/libexec/ntpsec/rotate-stats"));
	assert_false(starts("echo restart ntpsec"));
	assert_false(starts("systemctl restart ntpsec-wait"));
	assert_false(starts("pidof ntpd"));
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
		cmocka_unit_test_teardown(
		    what_sets_the_clock_is_found_where_a_shell_runs_it, free_arena),
		cmocka_unit_test_teardown(talk_of_it_and_questions_are_left_alone, free_arena),
		cmocka_unit_test_teardown(
		    what_starts_the_daemon_is_told_from_what_names_it, free_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
