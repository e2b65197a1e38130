#include "agent/host/arguments.h"
#include "daemons/setters/setters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *text;
	enum setter_answer answer;
};

static void
check(const struct row *rows, size_t count)
{
	struct arena arena = { NULL };

	for (size_t i = 0; i < count; i++) {
		struct arguments words = { .count = 0 };
		const char *says = "";
		enum setter_answer answer;

		arguments_split(&arena, rows[i].text, &words);
		answer = setter_of(words.list, words.count, &says);
		if (answer != rows[i].answer) {
			fail_msg("%s: %d, not %d", rows[i].text, (int)answer, (int)rows[i].answer);
		}
	}
	arena_free(&arena);
}

/* What GNU date 9.1 and BusyBox 1.35 do with it. */
static void
date_prints_or_sets(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "date", SETTER_LOOKS },
		{ "date -u", SETTER_LOOKS },
		{ "date +%s", SETTER_LOOKS },
		{ "date -Iseconds", SETTER_LOOKS },
		{ "date -Is", SETTER_LOOKS },
		{ "date -uIs", SETTER_LOOKS },
		{ "date --iso-8601=seconds", SETTER_LOOKS },
		{ "date --iso=s", SETTER_LOOKS },
		{ "date -d 20240101 +%s", SETTER_LOOKS },
		{ "date -d @123 +%s", SETTER_LOOKS },
		{ "date -ud 202401010000", SETTER_LOOKS },
		{ "date --date 202401010000", SETTER_LOOKS },
		{ "date --date=now-1day", SETTER_LOOKS },
		{ "date -r /etc/passwd +%s", SETTER_LOOKS },
		{ "date --rfc-3339=s", SETTER_LOOKS },
		{ "date -f /tmp/dates", SETTER_LOOKS },
		{ "date --help", SETTER_LOOKS },
		{ "date -s 12:00", SETTER_SETS },
		{ "date -us @0", SETTER_SETS },
		{ "date +%T -s 10:00", SETTER_SETS },
		{ "date --set=@0", SETTER_SETS },
		{ "date --se @0", SETTER_SETS },
		{ "date --s 12:00", SETTER_SETS },
		{ "/bin/date 010203042026.05", SETTER_SETS },
		{ "date -u 01020304", SETTER_SETS },
		{ "date 2026-01-02", SETTER_SETS },
		{ "date -- 01020304", SETTER_SETS },
		{ "date -I 01020304", SETTER_SETS }, /* its value is not the next word */
		{ "date --iso-8601 01020304", SETTER_SETS },
		{ "date $WHEN", SETTER_MAY },
		{ "date +$FORMAT", SETTER_LOOKS },
		{ "busybox date -s @0", SETTER_SETS },
		{ "busybox date -d @0", SETTER_LOOKS },
	};

	check(rows, COUNT(rows));
}

static void
clients_that_only_ask_are_told_from_those_that_set(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "ntpdate -b pool", SETTER_SETS },
		{ "ntpdate -u -t 4 pool", SETTER_SETS },
		{ "ntpdate", SETTER_LOOKS }, /* no servers can be used, exiting */
		{ "ntpdate -q pool", SETTER_LOOKS },
		{ "ntpdate -qu pool", SETTER_LOOKS },
		{ "ntpdate -dq pool", SETTER_NONE },
		{ "ntpdate -d pool", SETTER_NONE }, /* unless it is a script */
		{ "ntpdate -a 5 -k /q pool", SETTER_SETS },
		{ "ntpdate-debian -s", SETTER_SETS },
		{ "sntp pool", SETTER_LOOKS },
		{ "sntp -t 5 -K /x pool", SETTER_LOOKS },
		{ "sntp -S pool", SETTER_SETS },
		{ "sntp -Ss -M 128 pool", SETTER_SETS },
		{ "sntp --step pool", SETTER_SETS },
		{ "ntpdig -S p", SETTER_SETS },
		{ "ntpdig $ADJUST p", SETTER_MAY },
		{ "rdate -p host", SETTER_LOOKS },
		{ "rdate -ncv host", SETTER_SETS },
		{ "htpdate -q a.example", SETTER_LOOKS },
		{ "htpdate a.example", SETTER_LOOKS },
		{ "htpdate -al a.example", SETTER_SETS },
		{ "htpdate -s a.example", SETTER_SETS },
		{ "tlsdate -n", SETTER_LOOKS },
		{ "tlsdate -H a.example", SETTER_SETS },
		{ "ntpclient -h a", SETTER_LOOKS },
		{ "ntpclient -s -h a", SETTER_SETS },
		{ "msntp -r a", SETTER_SETS },
	};

	check(rows, COUNT(rows));
}

static void
daemons_and_tools_are_judged_by_their_options(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "hwclock", SETTER_LOOKS },
		{ "hwclock -r", SETTER_LOOKS },
		{ "hwclock --show", SETTER_LOOKS },
		{ "hwclock -w", SETTER_LOOKS },
		{ "hwclock --systohc --utc", SETTER_LOOKS },
		{ "hwclock --set --date=now", SETTER_LOOKS },
		{ "hwclock -s", SETTER_SETS },
		{ "hwclock -su", SETTER_SETS },
		{ "hwclock -sf /dev/rtc1", SETTER_SETS },
		{ "hwclock --hctosys", SETTER_SETS },
		{ "hwclock --hc", SETTER_SETS },
		{ "hwclock --test --hctosys", SETTER_LOOKS },
		{ "hwclock $HWCLOCKPARS", SETTER_MAY },
		{ "chronyd", SETTER_LOOKS },
		{ "chronyd -q 'server a iburst'", SETTER_SETS },
		{ "chronyd -Q 'server a iburst'", SETTER_LOOKS },
		{ "chronyd -qx", SETTER_LOOKS },
		{ "chronyd -p -f /q", SETTER_LOOKS },
		{ "chronyd -t 10 -q", SETTER_SETS },
		{ "ntpd -gq", SETTER_SETS },
		{ "ntpd -p /run/q -g", SETTER_LOOKS },
		{ "ntpd --quit", SETTER_SETS },
		{ "ntpd -n", SETTER_LOOKS },
		{ "ntpd -s -f /etc/x", SETTER_SETS },
		{ "ntpd -ns", SETTER_LOOKS }, /* OpenNTPD: checks its configuration */
		{ "busybox ntpd -q -p pool", SETTER_SETS },
		{ "busybox ntpd -p pool", SETTER_SETS },
		{ "busybox ntpd -wp pool", SETTER_LOOKS },
		{ "chronyc tracking", SETTER_LOOKS },
		{ "chronyc -a makestep", SETTER_SETS },
		{ "chronyc -m tracking 'makestep 0.1 3'", SETTER_SETS },
		{ "chronyc -h host settime 12:00", SETTER_SETS },
		{ "chronyc waitsync 5", SETTER_LOOKS },
		{ "timedatectl", SETTER_LOOKS },
		{ "timedatectl show -p NTP --value", SETTER_LOOKS },
		{ "timedatectl set-timezone UTC", SETTER_LOOKS },
		{ "timedatectl set-time 12:00", SETTER_SETS },
		{ "timedatectl set-ntp true", SETTER_SETS },
		{ "timedatectl set-ntp 1", SETTER_SETS },
		{ "timedatectl set-ntp false", SETTER_LOOKS },
		{ "timedatectl --adjust-system-clock set-local-rtc 1", SETTER_SETS },
		{ "timedatectl set-local-rtc 0", SETTER_LOOKS },
		{ "timedatectl -H other set-time 12:00", SETTER_LOOKS },
		{ "adjtimex -p", SETTER_LOOKS },
		{ "phc2sys -a -r", SETTER_SETS },
		{ "phc_ctl CLOCK_REALTIME set", SETTER_SETS },
		{ "phc_ctl /dev/ptp0 set", SETTER_LOOKS },
		{ "net time set -S dc", SETTER_SETS },
		{ "net time -S dc", SETTER_LOOKS },
		{ "vmware-toolbox-cmd timesync enable", SETTER_SETS },
		{ "vmware-toolbox-cmd timesync status", SETTER_LOOKS },
		{ "cat ntpdate", SETTER_NONE },
		{ "", SETTER_NONE },
	};

	check(rows, COUNT(rows));
}

static void
programs_of_other_languages_are_told_by_names(void **state UNUSED)
{
	assert_string_equal(setter_named("subprocess.call([\"ntpdate\", host])"), "ntpdate");
	assert_string_equal(setter_named("call('date -s ' + t)"), "date --set");
	assert_string_equal(setter_named("time.clock_settime(0, t)"), "clock_settime()");
	assert_string_equal(
	    setter_named("call(\"/usr/bin/chronyc\", \"makestep\")"), "chronyc makestep");
	assert_string_equal(setter_named("run(['hwclock', '--hctosys'])"), "hwclock --hctosys");
	assert_null(setter_named("update_ntpdate_state()"));
	assert_null(setter_named("run(['chronyc', 'tracking'])"));
	assert_null(setter_named("date = today - start"));
	assert_null(setter_named("my-ntpdate"));
}

static void
a_rollout_switches_off_what_it_knows_and_nothing_else(void **state UNUSED)
{
	assert_true(setter_unit_switches_off("htpdate.service"));
	assert_true(setter_unit_switches_off("settime.timer"));
	assert_false(setter_unit_switches_off("ssh.service"));
	assert_false(setter_unit_switches_off("a.timer; reboot.timer"));
	assert_false(setter_unit_switches_off("--now.timer"));
	assert_false(setter_unit_switches_off("timetier-change.timer"));
	assert_false(setter_unit_switches_off(""));
	assert_true(setter_hook_switches_off("/etc/cron.daily/clock"));
	assert_false(setter_hook_switches_off("/bin/sh"));
	assert_false(setter_hook_switches_off("/etc/../bin/sh"));
	assert_false(setter_hook_switches_off("/etc/a b"));
	assert_false(setter_hook_switches_off(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(date_prints_or_sets),
		cmocka_unit_test(clients_that_only_ask_are_told_from_those_that_set),
		cmocka_unit_test(daemons_and_tools_are_judged_by_their_options),
		cmocka_unit_test(programs_of_other_languages_are_told_by_names),
		cmocka_unit_test(a_rollout_switches_off_what_it_knows_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
