#include "agent/scripts/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

struct search {
	const char *found;
	enum setter_answer answer;
	unsigned line;
};

static bool
take(void *owner, const struct command *command)
{
	struct search *search = owner;
	const char *says;
	enum setter_answer answer = command_sets_clock(command, &says);

	if (answer >= SETTER_MAY && !search->found) {
		*search = (struct search){ says, answer, command->line };
	}
	return true;
}

/* What sets the clock in @text, and at which line; "" when nothing does. */
static const char *
setter(const char *text, unsigned *line)
{
	struct search search = { .found = NULL };

	shell_read(&arena, text, 1, take, &search);
	*line = search.line;
	return search.found ? search.found : "";
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

static void
wrappers_are_read_by_their_own_options(void **state UNUSED)
{
	static const char *const texts[] = { "sudo -u root ntpdate p", "sudo -nE A=b ntpdate p",
		"doas -u root ntpdate p", "timeout 30s ntpdate -b p", "timeout -k 5 30 ntpdate p",
		"timeout --signal=KILL 30 ntpdate p", "timeout --sig KILL 1m ntpdate p",
		"ionice -c3 nice -n 19 ntpdate p", "ionice -c 2 -n 7 ntpdate p",
		"nice -5 ntpdate p", "nice --adjustment=5 ntpdate p", "flock /run/l ntpdate p",
		"flock -n -w 10 /run/l -c 'ntpdate p'", "flock -n /run/l ntpdate p",
		"setpriv --reuid root --clear-groups ntpdate p", "setsid -w ntpdate p",
		"chroot /srv/jail ntpdate p", "runuser -u root -- ntpdate p",
		"runuser -l root -c 'ntpdate p'", "su - root -c 'ntpdate p'",
		"su -c 'ntpdate p' root", "su root --command='ntpdate p'",
		"env -i X=y -u V ntpdate p", "env -u V X=y ntpdate p", "env -S 'ntpdate p'",
		"nohup ntpdate p &", "chrt -f 50 ntpdate p", "taskset -c 0 ntpdate p",
		"taskset 0x3 ntpdate p", "systemd-run --unit=x -p Nice=5 ntpdate p",
		"systemd-cat -t clock ntpdate p", "busybox sh -c 'ntpdate p'",
		"exec -a n ntpdate p", "command ntpdate p", "time -p ntpdate p",
		"echo p | xargs ntpdate", "echo p | xargs -n 1 -I{} ntpdate {}",
		"find /srv -name s -exec ntpdate p \\;", "unshare -n ntpdate p",
		"nsenter -t 1 -m -u ntpdate p", "stdbuf -oL ntpdate p",
		"script -qc 'ntpdate p' /dev/null", "watch -n 60 ntpdate p", "bash -lc 'ntpdate p'",
		"bash -o pipefail -c 'ntpdate p'", "sh -ec 'cd / && ntpdate p'",
		"/bin/sh -c \"/bin/sh -c 'ntpdate p'\"", "eval ntpdate p", "trap 'ntpdate p' EXIT",
		"ip netns exec blue ntpdate p",
		"start-stop-daemon --start --exec /usr/sbin/ntpdate -- -b p", "strace -f ntpdate p",
		"setuidgid root ntpdate p", "cronic ntpdate p",
		"sudo timeout 9 nice sh -c 'ntpdate p'" };
	unsigned line;

	for (size_t i = 0; i < COUNT(texts); i++) {
		if (strcmp(setter(texts[i], &line), "ntpdate") != 0) {
			fail_msg("not found: %s", texts[i]);
		}
	}
}

static void
what_a_shell_would_run_is_found(void **state UNUSED)
{
	static const char *const texts[] = { "echo \"now $(ntpdate p)\"", "x=`ntpdate p`",
		"N=/usr/sbin/ntpdate\n$N -b p", "CMD='ntpdate -b'; ${CMD} p",
		"N=echo\nif x; then N=ntpdate; fi\n$N p", "N=ntpdate\nif x; then N=true; fi\n$N p",
		"sh <<EOF\nntpdate p\nEOF", "su - <<'EOF'\nntpdate p\nEOF", "sh <<<'ntpdate p'",
		"echo ntpdate p | sh", "echo 'ntpdate p' | at now", ">/dev/null 2>&1 ntpdate p",
		"ntpdate>/x p 2>&1", "case $1 in\nstart) ntpdate p;;\nesac",
		"f() { ntpdate p; }; f", "for i in 1 2; do ntpdate p; done", "ntpdate \\\n p",
		"true && { ntpdate p; } || :", "(cd /; ntpdate p)", "retry 3 ntpdate p",
		"retry 3 'ntpdate -b p'", "timeout --bogus x ntpdate p" };
	unsigned line;

	for (size_t i = 0; i < COUNT(texts); i++) {
		if (strcmp(setter(texts[i], &line), "ntpdate") != 0) {
			fail_msg("not found: %s", texts[i]);
		}
	}
	assert_string_equal(setter("echo makestep | chronyc", &line), "chronyc makestep");
	assert_string_equal(
	    setter("chronyc <<E\ntracking\nmakestep\nE\n", &line), "chronyc makestep");
	assert_string_equal(setter("chronyc <<E\ntracking\nE\nmakestep", &line), "");
	assert_string_equal(setter("chronyc <<E\nmakestep\nE\n", &line), "chronyc makestep");
	assert_string_equal(
	    setter("python3 -c 'import time; time.clock_settime(0, 1)'", &line), "clock_settime()");
}

static void
names_of_setters_alone_do_nothing(void **state UNUSED)
{
	static const char *const texts[] = { "command -v ntpdate >/dev/null", "which ntpdate",
		"type ntpdate rdate", "apt-get install ntpdate", "rm -f /etc/cron.d/ntpdate x",
		"logger -t ntpdate done", "pidof ntpd -q", "cat <<EOF\nntpdate p\nEOF",
		"echo ntpdate p | mail root", "case $1 in\nntpdate|rdate) : ;;\nesac",
		"log 'ntpdate failed'", "die 'ntpdate p failed'",
		"for p in ntpdate rdate; do :; done", "chrt -p 50 12", "ssh host ntpdate p",
		"ntpdate() {\n:\n}", "echo x >ntpdate", "export N=ntpdate", "sudo -l",
		"systemctl restart ntpdate", "grep ntpdate p", "[ -x /usr/sbin/ntpdate ] || exit 0",
		"find / -name ntpdate -print", "x=ntpdate", "echo ${x:-ntpdate p}", "# ntpdate p" };
	unsigned line;

	for (size_t i = 0; i < COUNT(texts); i++) {
		if (setter(texts[i], &line)[0]) {
			fail_msg("found in: %s", texts[i]);
		}
	}
}

static bool
take_start(void *owner, const struct command *command)
{
	static const char *const names[] = { "ntpsec", "ntpd", NULL };
	bool *found = owner;

	*found |= command_starts(command, names);
	return true;
}

static bool
starts(const char *text)
{
	bool found = false;

	shell_read(&arena, text, 1, take_start, &found);
	return found;
}

static void
what_starts_the_daemon_is_told_from_what_names_it(void **state UNUSED)
{
	assert_true(starts("systemctl restart ntpsec.service"));
	assert_true(starts("pidof ntpd || /etc/init.d/ntpd start"));
	assert_true(starts("service ntpd condrestart"));
	assert_true(starts("sh /etc/init.d/ntpd restart"));
	assert_true(starts("sudo -n sh -c 'systemctl restart ntpsec'"));
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
		cmocka_unit_test_teardown(wrappers_are_read_by_their_own_options, free_arena),
		cmocka_unit_test_teardown(what_a_shell_would_run_is_found, free_arena),
		cmocka_unit_test_teardown(names_of_setters_alone_do_nothing, free_arena),
		cmocka_unit_test_teardown(talk_of_it_and_questions_are_left_alone, free_arena),
		cmocka_unit_test_teardown(
		    what_starts_the_daemon_is_told_from_what_names_it, free_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
