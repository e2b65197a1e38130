#include "agent/scripts/found.h"
#include "agent/scripts/jobs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/fake_root.h"

#include <cmocka.h>

static struct arena arena;

/* What sets the clock in all jobs: "PROGRAM PLACE", a line each; "?" behind what only may. */
static const char *
found(void)
{
	static char out[4096];
	struct found_list list = { .arena = &arena };
	struct follow *follow = arena_alloc(&arena, sizeof(*follow));
	size_t len = 0;

	*follow = (struct follow){
		.root = fake_root, .arena = &arena, .visit = found_take, .owner = &list
	};
	jobs_hooks(follow);
	jobs_udev(follow);
	jobs_cron(follow);
	jobs_timers(follow);
	out[0] = '\0';
	for (size_t i = 0; i < list.count; i++) {
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s %s\n",
		    list.list[i].says, list.list[i].sure ? "" : "?", list.list[i].place);
	}
	return out;
}

static void
cron_is_read_in_all_its_places(void **state UNUSED)
{
	fake_root_put("/etc/crontab",
	    "SHELL=/bin/bash\n*/5 * * * * root ionice -c3 nice -n 19 ntpdate -b a\n");
	fake_root_put("/etc/cron.d/quoted", "\n@hourly root /bin/bash -c \"ntpdate -u a\"\n");
	fake_root_put("/etc/cron.d/prints",
	    "15 * * * * root date -d 20240101 +\\%s > /run/x\n"
	    "15 * * * * root date -Is >> /var/log/beat\n"
	    "15 * * * * root /usr/sbin/ntpdate -d a\n");
	fake_root_put("/var/spool/cron/crontabs/root", "0 * * * * flock -n /l ntpdate a\n");
	fake_root_put("/var/spool/cron/root", "0 * * * * rdate a\n");
	fake_root_put("/var/spool/cron/tabs/root", "-0 * * * * rdate a\n");
	fake_root_put("/etc/anacrontab", "PATH=/bin\n1 5 settime /usr/sbin/ntpdate a\n");
	fake_root_put_program("/etc/cron.yearly/y", "#!/bin/sh\ndate -s @0\n");
	fake_root_put("/var/spool/cron/atjobs/a00001", "#!/bin/sh\numask 22\nhwclock -s\n");
	assert_string_equal(found(),
	    "ntpdate /etc/crontab:2\n"
	    "ntpdate /etc/cron.d/quoted:2\n"
	    "rdate /var/spool/cron/root:1\n"
	    "ntpdate /var/spool/cron/crontabs/root:1\n"
	    "rdate /var/spool/cron/tabs/root:1\n"
	    "date --set /etc/cron.yearly/y:2\n"
	    "ntpdate /etc/anacrontab:2\n"
	    "hwclock --hctosys /var/spool/cron/atjobs/a00001:3\n");
}

static void
what_stands_behind_a_percent_sign_is_no_command(void **state UNUSED)
{
	fake_root_put("/etc/crontab",
	    "0 0 * * * root mail -s x root%ntpdate a\n"
	    "0 0 * * * root true% ; ntpdate a\n");
	assert_string_equal(found(), "");
}

static void
scripts_are_followed_wherever_they_lie(void **state UNUSED)
{
	fake_root_put_program(
	    "/var/appliance/bin/sync-time", "#!/bin/sh\n/usr/sbin/ntpdate 192.0.2.5\n");
	fake_root_put("/etc/cron.d/a", "0 * * * * root /var/appliance/bin/sync-time\n");
	fake_root_put_program("/var/lib/x/outer", "#!/usr/bin/env bash\n. /var/lib/x/functions\n");
	fake_root_put("/var/lib/x/functions", "settime() {\n\trdate a\n}\n");
	fake_root_put("/etc/cron.d/b", "0 * * * * root nice sh /var/lib/x/outer now\n");
	fake_root_put_program("/data/bin/settime", "#!/bin/sh\nsntp -S a\n");
	fake_root_put("/etc/cron.d/c", "PATH=/data/bin:/bin\n0 * * * * root settime\n");
	fake_root_put_program("/usr/local/bin/clock.py",
	    "#!/usr/bin/python3\n# ntpdate\nimport time\ntime.clock_settime(0, 1)\n");
	fake_root_put("/etc/cron.d/d", "0 * * * * root clock.py\n");
	fake_root_put_program("/srv/parts/one", "#!/bin/sh\nhtpdate -s a\n");
	fake_root_put("/etc/cron.d/e", "0 * * * * root cd / && run-parts --report /srv/parts\n");
	fake_root_put_program("/opt/loop", "#!/bin/sh\n/opt/loop\n");
	fake_root_put("/etc/cron.d/f", "0 * * * * root /opt/loop\n");
	assert_string_equal(found(),
	    "ntpdate /var/appliance/bin/sync-time:2\n"
	    "rdate /var/lib/x/functions:2\n"
	    "sntp /data/bin/settime:2\n"
	    "clock_settime()? /usr/local/bin/clock.py:4\n"
	    "htpdate /srv/parts/one:2\n");
}

static void
ntpsecs_ntpdate_sets_the_clock_with_d_too(void **state UNUSED)
{
	fake_root_put("/etc/cron.d/d", "15 * * * * root /usr/sbin/ntpdate -d a\n");
	assert_string_equal(found(), "");
	fake_root_put_program("/usr/sbin/ntpdate",
	    "#!/bin/sh\nADJUST=\"\"\nif :; then\nADJUST=\"-s -S -M 500\"\nfi\n"
	    "ntpdig $ADJUST -t 1 $*\n");
	assert_string_equal(found(), "ntpdig? /usr/sbin/ntpdate:6\n");
	fake_root_put("/etc/cron.d/d", "15 * * * * root /usr/sbin/ntpdate -q a\n");
	assert_string_equal(found(), "");
}

static void
a_script_that_leaves_under_systemd_does_nothing(void **state UNUSED)
{
	fake_root_put_program("/etc/network/if-up.d/a",
	    "#!/bin/sh\nif [ -e /run/systemd/system ] ; then\n    exit 0\nfi\nhwclock --hctosys\n");
	assert_string_equal(found(), "");
	fake_root_put_program("/etc/network/if-up.d/a",
	    "#!/bin/sh\n[ -d /run/systemd/system ] || exit 0\nhwclock --hctosys\n");
	assert_string_equal(found(), "hwclock --hctosys /etc/network/if-up.d/a:3\n");
}

static void
hooks_are_read_in_all_their_places(void **state UNUSED)
{
	fake_root_put(
	    "/etc/network/interfaces", "iface eth0 inet dhcp\n  up ntpdate a\n  # up rdate a\n");
	fake_root_put(
	    "/etc/network/interfaces.d/b", "iface b inet dhcp\npost-up sh -c 'rdate a'\n");
	fake_root_put_program(
	    "/etc/NetworkManager/dispatcher.d/no-wait.d/c", "#!/bin/sh\nntpdate a\n");
	fake_root_put("/etc/NetworkManager/dispatcher.d/off", "#!/bin/sh\nntpdate a\n");
	fake_root_put_program("/etc/networkd-dispatcher/routable.d/d", "#!/bin/sh\nntpdate a\n");
	fake_root_put("/etc/dhcp/dhclient-exit-hooks.d/e", "ntpdate a\n");
	fake_root_put_program("/etc/ppp/ip-up.local", "#!/bin/sh\nntpdate a\n");
	fake_root_put_program("/usr/lib/systemd/system-sleep/f", "#!/bin/sh\nhwclock -s\n");
	fake_root_put("/etc/udev/rules.d/g.rules",
	    "# RUN+=\"/sbin/hwclock -s\"\nKERNEL==\"rtc0\", RUN+=\"/bin/sh -c 'hwclock -s'\"\n");
	assert_string_equal(found(),
	    "ntpdate /etc/NetworkManager/dispatcher.d/no-wait.d/c:2\n"
	    "ntpdate /etc/networkd-dispatcher/routable.d/d:2\n"
	    "hwclock --hctosys /usr/lib/systemd/system-sleep/f:2\n"
	    "ntpdate /etc/dhcp/dhclient-exit-hooks.d/e:1\n"
	    "ntpdate /etc/ppp/ip-up.local:2\n"
	    "ntpdate /etc/network/interfaces:2\n"
	    "rdate /etc/network/interfaces.d/b:2\n"
	    "hwclock --hctosys /etc/udev/rules.d/g.rules:2\n");
}

#define UNITS "/usr/lib/systemd/system/"

static void
timers_are_found_by_whatever_starts_them(void **state UNUSED)
{
	static const char *const timers[] = { "a", "b", "c", "d" };
	char path[128], text[128];

	for (size_t i = 0; i < COUNT(timers); i++) {
		snprintf(path, sizeof(path), UNITS "%s.timer", timers[i]);
		fake_root_put(path, "[Timer]\nOnBootSec=5min\n");
		snprintf(path, sizeof(path), UNITS "%s.service", timers[i]);
		snprintf(text, sizeof(text), "[Service]\nExecStart=ntpdate %s\n", timers[i]);
		fake_root_put(path, text);
	}
	fake_root_link(UNITS "a.timer", "/usr/lib/systemd/system/timers.target.wants/a.timer");
	fake_root_link(UNITS "b.timer", "/etc/systemd/system/multi-user.target.wants/b.timer");
	fake_root_put("/run/systemd/units/x", "");
	fake_root_link("0123456789", "/run/systemd/units/invocation:c.timer");
	assert_string_equal(found(),
	    "ntpdate " UNITS "b.service:2\n"
	    "ntpdate " UNITS "a.service:2\n"
	    "ntpdate " UNITS "c.service:2\n");
	fake_root_put("/run/systemd/transient/run-u1.timer", "[Timer]\nUnit=d.service\n");
	fake_root_put("/etc/systemd/system/b.service.d/o.conf",
	    "[Service]\nEnvironment=N=rdate\nExecStart=\nExecStart=/bin/echo ntpdate a ; \"${N}\" "
	    "a\n");
	assert_string_equal(found(),
	    "rdate /etc/systemd/system/b.service.d/o.conf:4\n"
	    "ntpdate " UNITS "a.service:2\n"
	    "ntpdate " UNITS "c.service:2\n"
	    "ntpdate " UNITS "d.service:2\n");
}

static void
more_timers_than_are_read_are_a_doubt(void **state UNUSED)
{
	char path[64];

	fake_root_put("/run/systemd/units/x", "");
	for (int i = 0; i < 128; i++) {
		snprintf(path, sizeof(path), "/run/systemd/units/invocation:%03d.timer", i);
		fake_root_link("0123456789", path);
	}
	assert_string_equal(found(), "");
	fake_root_link("0123456789", "/run/systemd/units/invocation:z.timer");
	assert_string_equal(found(), "one of more timers than are read? /run/systemd/units:0\n");
}

static void
more_scripts_than_are_read_are_a_doubt(void **state UNUSED)
{
	char path[64];

	for (int i = 0; i < FOLLOW_FILES_MAX + 10; i++) {
		snprintf(path, sizeof(path), "/etc/cron.daily/%03d", i);
		fake_root_put_program(path, "#!/bin/sh\n:\n");
	}
	assert_int_equal(
	    strncmp(found(), "one of more scripts than are read? /etc/cron.daily/", 51), 0);
	assert_null(strchr(strchr(found(), '\n') + 1, '\n'));
}

static int
clean(void **state)
{
	arena_free(&arena);
	return fake_root_remove(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_root_make, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cron_is_read_in_all_its_places),
		TEST(what_stands_behind_a_percent_sign_is_no_command),
		TEST(scripts_are_followed_wherever_they_lie),
		TEST(ntpsecs_ntpdate_sets_the_clock_with_d_too),
		TEST(a_script_that_leaves_under_systemd_does_nothing),
		TEST(hooks_are_read_in_all_their_places),
		TEST(timers_are_found_by_whatever_starts_them),
		TEST(more_timers_than_are_read_are_a_doubt),
		TEST(more_scripts_than_are_read_are_a_doubt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
