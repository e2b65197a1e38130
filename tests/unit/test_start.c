#include "agent/host.h"
#include "agent/rivals.h"
#include "agent/start.h"
#include "common/file.h"

#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char root[64];

static int
make_root(void **state UNUSED)
{
	snprintf(root, sizeof(root), "/tmp/test_start.XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int
remove_one(const char *path, const struct stat *file UNUSED, int kind UNUSED, struct FTW *at UNUSED)
{
	return remove(path);
}

static int
remove_root(void **state UNUSED)
{
	return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void
put(const char *path, const char *text, size_t len, mode_t mode)
{
	char full[PATH_MAX], folder[PATH_MAX];
	struct error err = { "" };

	snprintf(full, sizeof(full), "%s%s", root, path);
	snprintf(folder, sizeof(folder), "%s%s", root, path);
	if (file_make_folder(dirname(folder), 0755, &err) < 0 ||
	    file_replace(full, text, len, mode, &err) < 0) {
		fail_msg("%s", err.text);
	}
}

static void
put_text(const char *path, const char *text)
{
	put(path, text, strlen(text), 0644);
}

/* A process in the host's /proc; @namespaces is the line NSpid. */
static void
put_process(int pid, int parent, const char *name, const char *namespaces)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	snprintf(text, sizeof(text),
	    "Name:\t%s\nPid:\t%d\nPPid:\t%d\nNSpid:\t%s\nVmSize:\t  100 kB\n", name, pid, parent,
	    namespaces);
	put_text(path, text);
}

static void
the_daemon_is_found_among_its_children_and_those_of_containers(void **state UNUSED)
{
	struct process_list processes = { .count = 0 };
	const struct process *found;

	put_text("/proc/self/status", "Name:\ttest\nNSpid:\t77\n");
	put_process(50, 40, "ntpd", "50\t7");
	put_process(300, 1, "ntpd", "300");
	put_process(301, 300, "ntpd", "301");
	put_process(20, 2, "kthreadd", "20");
	put_text("/proc/20/status", "Name:\tchronyd\nPid:\t20\nPPid:\t2\nNSpid:\t20\n");
	process_list_read(root, &processes);
	found = process_find(&processes, "ntpd");
	assert_non_null(found);
	assert_int_equal(found->pid, 300);
	assert_null(process_find(&processes, "chronyd"));
	process_list_free(&processes);
}

static void
start_options_come_from_the_process_else_from_its_file(void **state UNUSED)
{
	const struct daemon_driver *driver = daemon_find("ntpsec");
	struct process process = { .pid = 300 };
	struct start start = { .known = false };

	put("/proc/300/cmdline", "/usr/sbin/ntpd\0-g\0-N\0-u\0ntpsec:ntpsec", 38, 0644);
	put_text("/etc/default/ntpsec", "# NTPD_OPTS=\"-x\"\nNTPD_OPTS=\"-N -4\"\n");
	put_text("/etc/ntpsec/ntp.conf", "driftfile /d\n");
	start_read(root, driver, &process, &start);
	assert_true(start.known);
	assert_string_equal(buf_str(&start.options), "-g -N -u ntpsec:ntpsec");
	start_read(root, driver, NULL, &start);
	assert_string_equal(buf_str(&start.options), "-N -4");
	start_free(&start);
}

static void
a_configuration_that_the_options_name_is_read_instead(void **state UNUSED)
{
	const struct daemon_driver *driver = daemon_find("ntpsec");
	struct process process = { .pid = 300 };
	struct start start = { .known = false };

	put("/proc/300/cmdline", "/usr/sbin/ntpd\0-g\0-c\0/run/ntp.conf.dhcp", 40, 0644);
	put_text("/etc/ntpsec/ntp.conf", "tos minsane 3\n");
	put_text("/run/ntp.conf.dhcp", "server 10.0.0.1\n");
	start_read(root, driver, &process, &start);
	assert_true(start.known);
	assert_string_equal(buf_str(&start.config), "server 10.0.0.1\n\n");
	start_free(&start);
}

static void
includes_stand_in_their_places(void **state UNUSED)
{
	struct buf text = { .limit_bytes = 65536 };

	put_text("/etc/chrony/chrony.conf",
	    "one\nconfdir /etc/chrony/conf.d\nsourcedir /etc/chrony/sources.d\n"
	    "sourcedir /run/nowhere\ninclude /etc/extra\nlast");
	put_text("/etc/chrony/conf.d/b.conf", "three");
	put_text("/etc/chrony/conf.d/a.conf", "two");
	put_text("/etc/chrony/conf.d/a.conf.dpkg-old", "never");
	put_text("/etc/chrony/sources.d/x.sources", "four");
	put_text("/etc/extra", "five");
	assert_int_equal(start_read_config(root, "/etc/chrony/chrony.conf", &text, NULL), 0);
	assert_string_equal(buf_str(&text), "one\ntwo\nthree\nfour\nfive\nlast\n");
	buf_reset(&text);
	put_text("/etc/ntpsec/ntp.conf", "includefile /etc/extra");
	put_text("/etc/ntpsec/ntp.d/more.conf", "six");
	assert_int_equal(start_read_config(root, "/etc/ntpsec/ntp.conf", &text, NULL), 0);
	assert_string_equal(buf_str(&text), "five\nsix\n");
	buf_free(&text);
}

static void
what_cannot_be_read_makes_the_policy_unknown_and_is_named(void **state UNUSED)
{
	const struct daemon_driver *driver = daemon_find("chrony");
	struct restart_policy policy = { .known = true };
	struct start start = { .known = true };

	put_text("/etc/default/chrony", "DAEMON_OPTS=\"-F 1\"\n");
	put_text("/etc/chrony/chrony.conf", "include /etc/chrony/chrony.conf\n");
	start_read(root, driver, NULL, &start);
	assert_false(start.known);
	assert_non_null(strstr(start.missing, "included too deep"));
	put_text("/etc/chrony/chrony.conf", "include /etc/absent\n");
	start_read(root, driver, NULL, &start);
	assert_non_null(strstr(start.missing, "/etc/absent"));
	start_policy(root, driver, &start, &policy);
	assert_false(policy.known);
	start_free(&start);
}

static void
the_unit_says_whether_it_is_started_again(void **state UNUSED)
{
	const struct daemon_driver *driver = daemon_find("chrony");
	struct start start = { .known = true };

	put_text("/etc/default/chrony", "DAEMON_OPTS=\"-F 1\"\n");
	put_text("/etc/chrony/chrony.conf", "driftfile /var/lib/chrony/chrony.drift\n");
	put_text("/lib/systemd/system/chrony.service", "[Service]\nExecStart=x\n");
	start_read(root, driver, NULL, &start);
	assert_false(start.auto_restart);
	put_text("/lib/systemd/system/chrony.service", "[Service]\nRestart=on-failure\n");
	start_read(root, driver, NULL, &start);
	assert_true(start.auto_restart);
	put_text("/etc/systemd/system/chrony.service.d/timetier.conf", "[Service]\nRestart=no\n");
	start_read(root, driver, NULL, &start);
	assert_false(start.auto_restart);
	start_free(&start);
}

static void
a_drift_file_that_is_named_and_not_there_is_none(void **state UNUSED)
{
	const struct daemon_driver *driver = daemon_find("ntpsec");
	struct restart_policy policy;
	struct start start = { .known = true };

	put_text("/etc/default/ntpsec", "NTPD_OPTS=\"-N\"\n");
	put_text("/etc/ntpsec/ntp.conf", "driftfile /var/lib/ntpsec/ntp.drift\n");
	start_read(root, driver, NULL, &start);
	start_policy(root, driver, &start, &policy);
	assert_false(policy.drift_file);
	put_text("/var/lib/ntpsec/ntp.drift", "1.5\n");
	start_policy(root, driver, &start, &policy);
	assert_true(policy.drift_file);
	start_free(&start);
}

static void
others_that_set_the_clock_are_named(void **state UNUSED)
{
	struct process_list processes = { .count = 0 };
	char names[REPORT_RIVALS_MAX][64];
	const struct process *daemon;

	put_text("/proc/self/status", "Name:\ttest\nNSpid:\t77\n");
	put_process(300, 1, "chronyd", "300");
	put_process(301, 300, "chronyd", "301");
	process_list_read(root, &processes);
	daemon = process_find(&processes, "chronyd");
	assert_int_equal(rivals_find(root, &processes, daemon, names), 0);
	assert_int_equal(rivals_find(root, &processes, NULL, names), 1);
	put_process(400, 1, "systemd-timesyn", "400");
	put("/etc/network/if-up.d/ntpsec-ntpdate", "#!/bin/sh\n", 10, 0755);
	process_list_read(root, &processes);
	daemon = process_find(&processes, "chronyd");
	assert_int_equal(rivals_find(root, &processes, daemon, names), 2);
	assert_string_equal(names[0], "systemd-timesyncd");
	assert_string_equal(names[1], "the if-up hook of ntpsec-ntpdate");
	process_list_free(&processes);
}

static void
the_real_time_clock_is_compared_in_utc(void **state UNUSED)
{
	int64_t now_ns = INT64_C(1795325613) * NS_PER_S;

	assert_true(host_rtc_offset_ns(root, now_ns) == INT64_MAX);
	put_text("/sys/class/rtc/rtc0/since_epoch", "1795325600\n");
	assert_int_equal(host_rtc_offset_ns(root, now_ns), -12500 * NS_PER_MS);
	put_text("/sys/class/rtc/rtc0/since_epoch", "broken\n");
	assert_true(host_rtc_offset_ns(root, now_ns) == INT64_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_daemon_is_found_among_its_children_and_those_of_containers),
		TEST(start_options_come_from_the_process_else_from_its_file),
		TEST(a_configuration_that_the_options_name_is_read_instead),
		TEST(includes_stand_in_their_places),
		TEST(what_cannot_be_read_makes_the_policy_unknown_and_is_named),
		TEST(the_unit_says_whether_it_is_started_again),
		TEST(a_drift_file_that_is_named_and_not_there_is_none),
		TEST(others_that_set_the_clock_are_named),
		TEST(the_real_time_clock_is_compared_in_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
