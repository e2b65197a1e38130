/* What a start needs of its unit and of the host, so that the daemon runs at all. */
#include "agent/start/start.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/fake_root.h"

#include <cmocka.h>

#define ADMIN "/etc/systemd/system/"

static struct start start;

static void
look(const char *daemon, const struct process *process)
{
	start_read(fake_root, daemon_find(daemon), process, &start);
}

/* NTPsec as a unit of the administrator starts it. */
static void
put_unit(void)
{
	fake_root_put(ADMIN "ntpsec.service", "[Service]\nExecStart=/usr/sbin/ntpd -n\n");
	fake_root_put("/etc/ntpsec/ntp.conf", "tos minsane 3\n");
}

static void
what_only_leads_to_the_daemon_is_gone_through(void **state UNUSED)
{
	static const struct {
		const char *exec, *options; /* NULL: not known */
	} rows[] = {
		{ "/usr/bin/nice -n -5 /usr/sbin/chronyd -F 1", "-F 1" },
		{ "/usr/bin/env LC_ALL=C /usr/sbin/chronyd $OPTIONS", "-r -s" },
		{ "/usr/bin/ionice -c2 -n0 /usr/bin/chrt -o 0 /usr/sbin/chronyd", "" },
		{ "/usr/bin/nohup chronyd -d", "-d" },
		/* it leads a group of its own, so setsid forks, and systemd takes that for an end
		 */
		{ "/usr/bin/setsid /usr/sbin/chronyd", NULL },
		{ "/bin/sh -c \"exec /usr/sbin/chronyd -F 1 $OPTIONS\"", "-F 1 -r -s" },
		{ "/bin/sh -ec \"exec nice /usr/sbin/chronyd -l '/a b'\"", "-l \"/a b\"" },
		{ "/bin/bash -c 'chronyd -R'", "-R" },
		{ "/bin/sh -c \"sleep 1; exec /usr/sbin/chronyd\"", NULL },
		{ "/bin/sh -c \"test -e /x && exec /usr/sbin/chronyd\"", NULL },
		{ "/bin/sh -c \"OPTIONS=-x exec /usr/sbin/chronyd $OPTIONS\"", NULL },
		{ "/bin/sh -c 'exec /usr/sbin/chronyd \"$OPTIONS\"'", NULL },
		{ "/bin/sh -c 'exec \"$0\" \"$@\"' /usr/sbin/chronyd -x", NULL },
		{ "/bin/sh -c \"exec /usr/sbin/chronyd $$(cat /etc/o)\"", NULL },
		{ "/bin/sh -c \"exec /usr/sbin/chronyd $1\"", NULL },
		{ "/usr/bin/env -i /usr/sbin/chronyd", NULL },
		{ "/usr/bin/timeout 9 /usr/sbin/chronyd -n", NULL },
		{ "/usr/bin/nice --unknown /usr/sbin/chronyd", NULL },
	};

	fake_root_put("/etc/chrony/chrony.conf", "");
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[256];

		snprintf(text, sizeof(text),
		    "[Service]\nEnvironment=\"OPTIONS=-r -s\"\nExecStart=%s\n", rows[i].exec);
		fake_root_put(ADMIN "chrony.service", text);
		look("chrony", NULL);
		if (start.unknown_count != (rows[i].options == NULL)) {
			fail_msg("%s: %s", rows[i].exec,
			    start.unknown_count > 0 ? start.unknown[0] : buf_str(&start.options));
		}
		if (rows[i].options) {
			assert_string_equal(buf_str(&start.options), rows[i].options);
		}
	}
}

static void
a_line_whose_device_is_not_there_ends_the_daemon(void **state UNUSED)
{
	static const struct {
		const char *line;
		bool ends;
	} rows[] = {
		{ "refclock PPS /dev/pps0 lock GPS", true },
		{ "refclock PHC /dev/ptp0:extpps:pin=1 poll 0", true },
		{ "refclock SOCK /none/x.sock", true },
		{ "refclock PPS /dev/pps1:clear", false },
		{ "refclock SOCK /run/x.sock", false },
		{ "refclock SOCK /x.sock", false },
		{ "refclock SHM 0", false },
	};

	fake_root_put(ADMIN "chrony.service", "[Service]\nExecStart=/usr/sbin/chronyd\n");
	fake_root_put("/dev/pps1", "");
	fake_root_put("/run/x", "");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct restart_policy policy;

		fake_root_put("/etc/chrony/chrony.conf", rows[i].line);
		look("chrony", NULL);
		start_policy(fake_root, daemon_find("chrony"), &start, &policy);
		assert_int_equal(policy.refused, rows[i].ends);
		if (rows[i].ends) {
			assert_string_equal(
			    policy.blames[BLAME_REFUSED].place, "/etc/chrony/chrony.conf:1");
		}
	}
}

static void
a_hardware_clock_without_its_device_is_silent(void **state UNUSED)
{
	static const struct {
		const char *line;
		bool silent;
	} rows[] = {
		{ "server 127.127.20.0 mode 17", true },
		{ "server 127.127.22.3", true },
		{ "refclock nmea unit 1 baud 9600", true },
		{ "refclock nmea path /dev/none", true },
		{ "refclock nmea unit 1 path /dev/ttyS9", false },
		{ "server 127.127.22.1", false },
		{ "server 127.127.28.0", false },
		{ "server 192.0.2.1", false },
	};

	put_unit();
	fake_root_put("/dev/pps1", "");
	fake_root_put("/dev/ttyS9", "");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct restart_policy policy;

		fake_root_put("/etc/ntpsec/ntp.conf", rows[i].line);
		look("ntpsec", NULL);
		start_policy(fake_root, daemon_find("ntpsec"), &start, &policy);
		assert_true(policy.known && policy.line_count == 1);
		if (((policy.lines[0].flags & RESTART_DEAF) != 0) != rows[i].silent) {
			fail_msg("%s: %#x", rows[i].line, policy.lines[0].flags);
		}
	}
}

static void
a_start_that_systemd_leaves_out_is_held_back(void **state UNUSED)
{
	put_unit();
	look("ntpsec", NULL);
	assert_null(start.held_back);
	fake_root_put(ADMIN "ntpsec.service.d/x.conf", "[Unit]\nConditionPathExists=/x\n");
	look("ntpsec", NULL);
	assert_string_equal(
	    start.held_back, ADMIN "ntpsec.service.d/x.conf:2: ConditionPathExists=/x");
	fake_root_put("/x", "");
	look("ntpsec", NULL);
	assert_null(start.held_back);
}

static int
clean(void **state)
{
	start_free(&start);
	return fake_root_remove(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_root_make, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_only_leads_to_the_daemon_is_gone_through),
		TEST(a_line_whose_device_is_not_there_ends_the_daemon),
		TEST(a_hardware_clock_without_its_device_is_silent),
		TEST(a_start_that_systemd_leaves_out_is_held_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
