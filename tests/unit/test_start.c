#include "agent/host/started.h"
#include "agent/start/start.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/fake_root.h"

#include <cmocka.h>

#define UNITS "/lib/systemd/system/"
#define ADMIN "/etc/systemd/system/"

static struct start start;

/* The wrapper of NTPsec as Debian has it, what is no matter here left out. */
static const char ntpsec_wrapper[] =
    "#!/bin/sh\n\nDAEMON=/usr/sbin/ntpd\nPIDFILE=/run/ntpd.pid\n\n"
    "if [ -r /etc/default/ntpsec ]; then\n        . /etc/default/ntpsec\nfi\n\n"
    "if [ \"$IGNORE_DHCP\" != \"yes\" ] && [ -e /run/ntpsec/ntp.conf.dhcp ]; then\n"
    "        NTPD_OPTS=\"$NTPD_OPTS -c /run/ntpsec/ntp.conf.dhcp\"\nelse\n"
    "\tNTPD_OPTS=\"-c /etc/ntpsec/ntp.conf $NTPD_OPTS\"\nfi\n\n"
    "NTPD_OPTS=\"$NTPD_OPTS -u ntpsec:ntpsec\"\n\n"
    "(\n        if flock -w 180 9; then\n"
    "                exec $DAEMON -p $PIDFILE $NTPD_OPTS\n        fi\n) 9>$LOCKFILE\n";

static const char ntp_wrapper[] =
    "#!/bin/sh\n\nDAEMON=/usr/sbin/ntpd\nPIDFILE=/var/run/ntpd.pid\n\n"
    "if [ -r /etc/default/ntp ]; then\n        . /etc/default/ntp\nfi\n\n"
    "if [ -e /run/ntp.conf.dhcp ]; then\n"
    "        NTPD_OPTS=\"$NTPD_OPTS -c /run/ntp.conf.dhcp\"\nfi\n\nRUNASUSER=ntp\n"
    "UGID=$(getent passwd $RUNASUSER | cut -f 3,4 -d:) || true\n"
    "if test \"$(uname -s)\" = \"Linux\"; then\n        NTPD_OPTS=\"$NTPD_OPTS -u $UGID\"\nfi\n\n"
    "exec $DAEMON -p $PIDFILE $NTPD_OPTS\n";

static void
look(const char *daemon, const struct process *process)
{
	start_read(fake_root, daemon_find(daemon), process, &start);
}

static void
put_ntpsec(void)
{
	fake_root_put(UNITS "ntpsec.service",
	    "[Service]\nExecStart=/usr/libexec/ntpsec/ntp-systemd-wrapper\nRestart=no\n");
	fake_root_put("/usr/libexec/ntpsec/ntp-systemd-wrapper", ntpsec_wrapper);
	fake_root_put("/etc/default/ntpsec", "NTPD_OPTS=\"-g -N\"\n\nIGNORE_DHCP=\"\"\n");
	fake_root_put("/etc/ntpsec/ntp.conf", "tos minsane 3\n");
}

static void
the_wrapper_of_ntpsec_is_gone_through(void **state UNUSED)
{
	put_ntpsec();
	look("ntpsec", NULL);
	assert_int_equal(start.unknown_count, 0);
	assert_string_equal(buf_str(&start.options),
	    "-p /run/ntpd.pid -c /etc/ntpsec/ntp.conf -g -N -u ntpsec:ntpsec");
	assert_string_equal(start.options_line, "/etc/default/ntpsec:1: NTPD_OPTS=\"-g -N\"");
	assert_string_equal(
	    buf_str(&start.config.text), "#line 1 /etc/ntpsec/ntp.conf\ntos minsane 3\n");
	assert_int_equal(start.note_count, 0);
}

static void
what_dhcp_left_takes_the_place_of_the_configuration(void **state UNUSED)
{
	put_ntpsec();
	fake_root_put("/run/ntpsec/ntp.conf.dhcp", "server 10.0.0.1 iburst\n");
	look("ntpsec", NULL);
	assert_string_equal(start.config_path, "/run/ntpsec/ntp.conf.dhcp");
	assert_int_equal(start.note_count, 1);
	assert_non_null(strstr(start.notes[0], "IGNORE_DHCP=\"yes\" in /etc/default/ntpsec"));
	fake_root_put("/etc/default/ntpsec", "NTPD_OPTS=\"-N\"\nIGNORE_DHCP=\"yes\"\n");
	look("ntpsec", NULL);
	assert_string_equal(start.config_path, "/etc/ntpsec/ntp.conf");
	assert_int_equal(start.note_count, 0);
}

static void
the_wrapper_of_ntp_is_gone_through(void **state UNUSED)
{
	fake_root_put(
	    UNITS "ntp.service", "[Service]\nExecStart=/usr/lib/ntp/ntp-systemd-wrapper\n");
	fake_root_put("/usr/lib/ntp/ntp-systemd-wrapper", ntp_wrapper);
	fake_root_put("/etc/default/ntp", "NTPD_OPTS='-g'\n");
	fake_root_put("/etc/passwd", "root:x:0:0::/:\nntp:x:106:113::/nonexistent:/bin/false\n");
	fake_root_put("/etc/ntp.conf", "server 10.0.0.9\n");
	look("ntp", NULL);
	assert_string_equal(buf_str(&start.options), "-p /var/run/ntpd.pid -g -u 106:113");
	assert_string_equal(start.config_path, "/etc/ntp.conf");
	fake_root_put("/run/ntp.conf.dhcp", "server 10.0.0.1 iburst\n");
	look("ntp", NULL);
	assert_string_equal(start.config_path, "/run/ntp.conf.dhcp");
	assert_int_equal(start.note_count, 1);
}

static void
drop_ins_count_by_their_names_and_a_masked_one_does_not(void **state UNUSED)
{
	fake_root_put(UNITS "chrony.service",
	    "[Service]\nEnvironmentFile=-/etc/default/chrony\n"
	    "ExecStart=!/usr/sbin/chronyd \\\n $DAEMON_OPTS\n");
	fake_root_put("/etc/default/chrony", "DAEMON_OPTS=\"-F 1\"\n");
	fake_root_put("/etc/chrony/chrony.conf", "makestep 1 3\n");
	look("chrony", NULL);
	assert_string_equal(buf_str(&start.options), "-F 1");
	assert_string_equal(start.options_line, "/etc/default/chrony:1: DAEMON_OPTS=\"-F 1\"");
	fake_root_put(UNITS "chrony.service.d/20.conf",
	    "[Service]\nExecStart=\nExecStart=/usr/sbin/chronyd -r $DAEMON_OPTS ${MORE}\n"
	    "Environment=\"MORE=-R\" DAEMON_OPTS=-never\n");
	look("chrony", NULL);
	assert_string_equal(buf_str(&start.options), "-r -F 1 -R");
	fake_root_link("/dev/null", ADMIN "chrony.service.d/20.conf");
	look("chrony", NULL);
	assert_string_equal(buf_str(&start.options), "-F 1");
	fake_root_put(
	    ADMIN "chrony.service.d/30.conf", "[Service]\nEnvironmentFile=/etc/default/more\n");
	look("chrony", NULL);
	assert_int_equal(start.unknown_count, 1);
	assert_string_equal(start.unknown[0],
	    "/etc/default/more is not there, and without it the unit does not start");
	fake_root_put("/etc/default/more", "DAEMON_OPTS=-x\n");
	look("chrony", NULL);
	assert_string_equal(buf_str(&start.options), "-x");
}

static void
a_unit_goes_by_its_other_names_too(void **state UNUSED)
{
	put_ntpsec();
	fake_root_link("/lib/systemd/system/ntpsec.service", ADMIN "ntp.service");
	fake_root_put(ADMIN "ntp.service.d/x.conf",
	    "[Service]\nExecStart=\nExecStart=/usr/sbin/ntpd -c /x.conf\n");
	fake_root_put("/x.conf", "x\n");
	look("ntpsec", NULL);
	assert_string_equal(buf_str(&start.options), "-c /x.conf");
	assert_string_equal(start.config_path, "/x.conf");
}

static void
sysconfig_and_chronyd_of_red_hat_are_found(void **state UNUSED)
{
	fake_root_put(UNITS "chronyd.service",
	    "[Service]\nEnvironmentFile=-/etc/sysconfig/chronyd\n"
	    "ExecStart=/usr/sbin/chronyd $OPTIONS\n");
	fake_root_put("/etc/sysconfig/chronyd", "# x\nOPTIONS=\"-F 2\"\n");
	fake_root_put("/etc/chrony.conf", "makestep 1.0 3\n");
	look("chrony", NULL);
	assert_int_equal(start.unknown_count, 0);
	assert_string_equal(buf_str(&start.options), "-F 2");
	assert_string_equal(start.options_line, "/etc/sysconfig/chronyd:2: OPTIONS=\"-F 2\"");
	assert_string_equal(start.config_path, "/etc/chrony.conf");
}

static void
put_both_of_chrony(const char *unit, const char *system)
{
	char path[128];

	snprintf(path, sizeof(path), UNITS "%s", unit);
	fake_root_put(path, "[Service]\nExecStart=/usr/sbin/chronyd -F 2\n");
	fake_root_put("/etc/os-release", system);
	fake_root_put("/etc/chrony/chrony.conf", "driftfile /d\n");
	fake_root_put("/etc/chrony.conf", "makestep 1.0 3\n");
}

static void
of_two_files_that_counts_which_the_system_reads(void **state UNUSED)
{
	static const struct {
		const char *unit, *system, *path;
	} rows[] = {
		{ "chronyd.service", "ID=rhel\n", "/etc/chrony.conf" },
		{ "chronyd.service", "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n",
		    "/etc/chrony.conf" },
		{ "chronyd.service", "ID=arch\n", "/etc/chrony.conf" },
		{ "chronyd.service", "ID=gentoo\n", "/etc/chrony/chrony.conf" },
		{ "chronyd.service", "ID=unheard\n", "/etc/chrony.conf" },
		{ "chrony.service", "ID=debian\n", "/etc/chrony/chrony.conf" },
		{ "chrony.service", "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
		    "/etc/chrony/chrony.conf" },
		{ "chrony.service", "ID=rocky\nID_LIKE=\"rhel centos fedora\"\n",
		    "/etc/chrony.conf" },
		{ "chrony.service", "", "/etc/chrony/chrony.conf" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		put_both_of_chrony(rows[i].unit, rows[i].system);
		look("chrony", NULL);
		if (start.unknown_count > 0 || strcmp(start.config_path, rows[i].path) != 0) {
			fail_msg("%s, %s: %s", rows[i].unit, rows[i].system, start.config_path);
		}
		assert_int_equal(fake_root_remove(NULL), 0);
		assert_int_equal(fake_root_make(NULL), 0);
	}
}

static void
the_program_itself_tells_best_which_file_it_reads(void **state UNUSED)
{
	static const char debian[] = "\177ELF\0/etc/chrony/chrony.conf\0";
	static const char elsewhere[] = "\177ELF\0/usr/local/etc/chrony.conf\0";

	put_both_of_chrony("chronyd.service", "ID=rhel\n");
	fake_root_put_bytes("/usr/sbin/chronyd", debian, sizeof(debian), 0755);
	look("chrony", NULL);
	assert_string_equal(start.config_path, "/etc/chrony/chrony.conf");
	assert_int_equal(start.unknown_count, 0);
	fake_root_put_bytes("/usr/sbin/chronyd", elsewhere, sizeof(elsewhere), 0755);
	look("chrony", NULL);
	assert_int_equal(start.unknown_count, 1);
	assert_string_equal(start.unknown[0],
	    "which file /usr/sbin/chronyd reads: none of the usual paths is built into it");
}

static void
a_file_that_the_system_does_not_read_does_not_count(void **state UNUSED)
{
	fake_root_put(UNITS "chronyd.service", "[Service]\nExecStart=/usr/sbin/chronyd\n");
	fake_root_put("/etc/os-release", "ID=fedora\n");
	fake_root_put("/etc/chrony/chrony.conf", "driftfile /d\n");
	look("chrony", NULL);
	assert_string_equal(start.config_path, "/etc/chrony.conf");
	assert_string_equal(start.unknown[0],
	    "/etc/chrony.conf is not there, and without it the daemon does not start");
}

static void
where_nothing_tells_which_file_is_read_it_is_not_known(void **state UNUSED)
{
	fake_root_put(UNITS "openntpd.service", "[Service]\nExecStart=/usr/sbin/ntpd -d\n");
	fake_root_put("/etc/openntpd/ntpd.conf", "server a\n");
	fake_root_put("/etc/ntpd.conf", "server b\n");
	look("openntpd", NULL);
	assert_string_equal(start.unknown[0],
	    "which of /etc/openntpd/ntpd.conf and /etc/ntpd.conf OpenNTPD reads: remove one");
	fake_root_put("/usr/lib/os-release", "ID=alpine\n");
	look("openntpd", NULL);
	assert_int_equal(start.unknown_count, 0);
	assert_string_equal(start.config_path, "/etc/ntpd.conf");
	fake_root_put(UNITS "ntpsec.service", "[Service]\nExecStart=/usr/sbin/ntpd\n");
	fake_root_put("/etc/ntpsec/ntp.conf", "server a\n");
	fake_root_put("/etc/ntp.conf", "server b\n");
	look("ntpsec", NULL);
	assert_string_equal(start.config_path, "/etc/ntp.conf");
	fake_root_put("/etc/os-release", "ID=debian\n");
	look("ntpsec", NULL);
	assert_string_equal(start.config_path, "/etc/ntpsec/ntp.conf");
}

static void
ntp_takes_options_from_its_environment(void **state UNUSED)
{
	fake_root_put(UNITS "ntp.service",
	    "[Service]\nEnvironment=NTPD_PANICGATE=1 NTPD_OPTS=-x\n"
	    "Environment=NTPD_CONFIGFILE=/env.conf\nExecStart=/usr/sbin/ntpd -n\n");
	fake_root_put("/env.conf", "e\n");
	look("ntp", NULL);
	assert_string_equal(
	    buf_str(&start.options), "-n NTPD_PANICGATE=1 NTPD_CONFIGFILE=/env.conf");
	assert_string_equal(start.config_path, "/env.conf");
}

static void
the_configuration_is_found_in_any_spelling_of_its_option(void **state UNUSED)
{
	static const struct {
		const char *daemon, *unit, *binary, *options, *path;
	} rows[] = {
		{ "ntp", "ntp.service", "ntpd", "-gc /etc/x.conf -u ntp", "/etc/x.conf" },
		{ "ntp", "ntp.service", "ntpd", "-Nc/etc/x.conf -g", "/etc/x.conf" },
		{ "ntp", "ntp.service", "ntpd", "--configfile=/etc/x.conf", "/etc/x.conf" },
		{ "ntp", "ntp.service", "ntpd", "-g --configf /etc/x.conf", "/etc/x.conf" },
		{ "ntp", "ntp.service", "ntpd", "-p -c -g", "/etc/ntp.conf" },
		{ "ntpsec", "ntpsec.service", "ntpd", "-c /etc/y -gNc /etc/x.conf", "/etc/x.conf" },
		{ "chrony", "chrony.service", "chronyd", "-4f /etc/x.conf", "/etc/x.conf" },
		{ "chrony", "chrony.service", "chronyd", "-F 1 -rf/etc/x.conf", "/etc/x.conf" },
		{ "chrony", "chrony.service", "chronyd", "-l -f", "/etc/chrony/chrony.conf" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char unit[64], text[128];

		snprintf(unit, sizeof(unit), ADMIN "%s", rows[i].unit);
		snprintf(text, sizeof(text), "[Service]\nExecStart=/usr/sbin/%s %s\n",
		    rows[i].binary, rows[i].options);
		fake_root_put(unit, text);
		look(rows[i].daemon, NULL);
		assert_string_equal(start.config_path, rows[i].path);
	}
}

static void
an_unknown_script_is_said_to_be_one(void **state UNUSED)
{
	struct restart_policy policy = { .known = true };

	put_ntpsec();
	fake_root_put(ADMIN "ntpsec.service.d/x.conf",
	    "[Service]\nExecStart=\nExecStart=/usr/local/sbin/my-ntpd\n");
	look("ntpsec", NULL);
	assert_int_equal(start.unknown_count, 1);
	assert_string_equal(start.unknown[0],
	    "/usr/local/sbin/my-ntpd starts it, and what that script does is not known");
	start_policy(fake_root, daemon_find("ntpsec"), &start, &policy);
	assert_false(policy.known);
	fake_root_put(ADMIN "ntpsec.service.d/x.conf", "[Service]\n");
	fake_root_put("/etc/default/ntpsec", "[ -e /x ] && NTPD_OPTS=-g\n");
	look("ntpsec", NULL);
	assert_int_equal(start.unknown_count, 1);
	assert_non_null(strstr(start.unknown[0], "/etc/default/ntpsec:1: [ -e /x ]"));
}

static void
the_running_one_is_compared_with_the_next(void **state UNUSED)
{
	struct process process = { .pid = 300, .name = "ntpd", .proven = true };
	static const char running[] = "/usr/sbin/ntpd\0-p\0/run/ntpd.pid\0-c\0/etc/ntpsec/"
				      "ntp.conf\0-g\0-N\0-u\0ntpsec:ntpsec";

	put_ntpsec();
	snprintf(process.unit, sizeof(process.unit), "ntpsec.service");
	fake_root_put_bytes("/proc/300/cmdline", running, sizeof(running), 0644);
	look("ntpsec", &process);
	assert_int_equal(start.note_count, 0);
	fake_root_put("/etc/default/ntpsec", "NTPD_OPTS=\"-N\"\n");
	look("ntpsec", &process);
	assert_int_equal(start.note_count, 1);
	assert_non_null(strstr(start.notes[0], "/etc/default/ntpsec:1: NTPD_OPTS=\"-N\""));
	assert_null(strstr(buf_str(&start.options), "-g"));
}

static void
files_that_are_newer_than_the_daemon_are_noted(void **state UNUSED)
{
	struct process process = { .pid = 300, .name = "chronyd", .proven = true };
	char stat[128];

	fake_root_put(UNITS "chrony.service", "[Service]\nExecStart=/usr/sbin/chronyd -F 1\n");
	fake_root_put("/etc/chrony/chrony.conf", "makestep 1 3\n");
	fake_root_put_bytes("/proc/300/cmdline", "/usr/sbin/chronyd\0-F\0001", 23, 0644);
	fake_root_put("/proc/stat", "cpu 1 2\nbtime 1000\n");
	snprintf(stat, sizeof(stat), "300 (a b) c) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %ld 0\n",
	    5 * sysconf(_SC_CLK_TCK));
	fake_root_put("/proc/300/stat", stat);
	assert_true(process_started_ns(fake_root, 300) == INT64_C(1005000000000));
	look("chrony", &process);
	assert_int_equal(start.note_count, 1);
	assert_non_null(strstr(start.notes[0], "/etc/chrony/chrony.conf was changed after"));
	fake_root_put("/proc/stat", "cpu 1 2\nbtime 4200000000\n");
	look("chrony", &process);
	assert_int_equal(start.note_count, 0);
}

static void
an_exec_line_that_sets_the_clock_is_a_preset(void **state UNUSED)
{
	fake_root_put(UNITS "chrony.service",
	    "[Service]\nExecStartPre=-/usr/sbin/ntpdate -b pool.example\n"
	    "ExecStart=/usr/sbin/chronyd\n");
	fake_root_put("/etc/chrony/chrony.conf", "driftfile /d\n");
	look("chrony", NULL);
	assert_string_equal(start.preset,
	    UNITS "chrony.service:2: ExecStartPre=-/usr/sbin/ntpdate -b pool.example");
}

static void
what_starts_it_again_is_named(void **state UNUSED)
{
	fake_root_put(UNITS "chrony.service", "[Service]\nExecStart=/usr/sbin/chronyd\n");
	fake_root_put("/etc/chrony/chrony.conf", "");
	look("chrony", NULL);
	assert_null(start.starter);
	fake_root_put("/etc/cron.d/guard",
	    "SHELL=/bin/sh\n* * * * * root pidof chronyd || "
	    "systemctl restart chrony\n");
	look("chrony", NULL);
	assert_string_equal(start.starter, "/etc/cron.d/guard:2");
	fake_root_put("/etc/cron.d/guard", "# none\n");
	fake_root_put("/etc/monit/conf.d/ntp",
	    "check process chronyd with pidfile /run/chrony/chronyd.pid\n"
	    "  start program = \"/etc/init.d/chrony start\"\n");
	look("chrony", NULL);
	assert_string_equal(start.starter, "/etc/monit/conf.d/ntp:2");
	fake_root_put(ADMIN "chrony.service.d/r.conf", "[Service]\nRestart=on-failure\n");
	look("chrony", NULL);
	assert_string_equal(start.starter, ADMIN "chrony.service.d/r.conf:2: Restart=on-failure");
	fake_root_put(ADMIN "chrony.service.d/z.conf", "[Service]\nRestart=no\n");
	fake_root_put("/etc/monit/conf.d/ntp", "");
	look("chrony", NULL);
	assert_null(start.starter);
	fake_root_put(ADMIN "again@.service", "[Service]\nExecStart=/bin/true\n");
	fake_root_put(ADMIN "again.service", "[Service]\nExecStart=/bin/systemctl start chrony\n");
	fake_root_put(
	    ADMIN "chrony.service.d/f.conf", "[Unit]\nOnFailure=mail.service again.service\n");
	look("chrony", NULL);
	assert_non_null(strstr(start.starter, "OnFailure="));
}

/* on-watchdog and on-abnormal start a daemon again only where systemd watches it. */
static void
a_watchdog_starts_it_again_only_where_it_is_on(void **state UNUSED)
{
	static const struct {
		const char *settings;
		bool starts;
	} rows[] = {
		{ "Restart=on-watchdog\n", false },
		{ "Restart=on-watchdog\nWatchdogSec=0\n", false },
		{ "Restart=on-watchdog\nWatchdogSec=30\n", true },
		{ "Restart=on-abnormal\nWatchdogSec=30\n", true },
		{ "Restart=on-success\nWatchdogSec=30\n", false },
		{ "Restart=always\n", true },
	};
	char text[128];

	fake_root_put("/etc/chrony/chrony.conf", "");
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text), "[Service]\nExecStart=/usr/sbin/chronyd\n%s",
		    rows[i].settings);
		fake_root_put(UNITS "chrony.service", text);
		look("chrony", NULL);
		assert_int_equal(start.starter != NULL, rows[i].starts);
	}
}

static void
without_a_unit_the_running_one_is_all_that_is_known(void **state UNUSED)
{
	struct process process = { .pid = 300, .name = "ntpd", .proven = true };

	fake_root_put("/etc/ntpsec/ntp.conf", "driftfile /d\n");
	fake_root_put_bytes("/proc/300/cmdline", "/usr/sbin/ntpd\0-g\0-N", 20, 0644);
	look("ntpsec", &process);
	assert_int_equal(start.unknown_count, 0);
	assert_string_equal(buf_str(&start.options), "-g -N");
	assert_int_equal(start.note_count, 1);
	look("ntpsec", NULL);
	assert_int_equal(start.unknown_count, 1);
	fake_root_put("/etc/default/ntpsec", "NTPD_OPTS=\"-N -4\"\n");
	look("ntpsec", NULL);
	assert_string_equal(buf_str(&start.options), "-N -4");
}

static void
a_drift_file_that_is_named_and_not_there_is_none(void **state UNUSED)
{
	struct restart_policy policy;

	put_ntpsec();
	fake_root_put("/etc/ntpsec/ntp.conf", "driftfile /var/lib/ntpsec/ntp.drift\n");
	look("ntpsec", NULL);
	start_policy(fake_root, daemon_find("ntpsec"), &start, &policy);
	assert_false(policy.drift_file);
	fake_root_put("/var/lib/ntpsec/ntp.drift", "1.5\n");
	start_policy(fake_root, daemon_find("ntpsec"), &start, &policy);
	assert_true(policy.drift_file);
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
		TEST(the_wrapper_of_ntpsec_is_gone_through),
		TEST(what_dhcp_left_takes_the_place_of_the_configuration),
		TEST(the_wrapper_of_ntp_is_gone_through),
		TEST(drop_ins_count_by_their_names_and_a_masked_one_does_not),
		TEST(a_unit_goes_by_its_other_names_too),
		TEST(sysconfig_and_chronyd_of_red_hat_are_found),
		TEST(of_two_files_that_counts_which_the_system_reads),
		TEST(the_program_itself_tells_best_which_file_it_reads),
		TEST(a_file_that_the_system_does_not_read_does_not_count),
		TEST(where_nothing_tells_which_file_is_read_it_is_not_known),
		TEST(ntp_takes_options_from_its_environment),
		TEST(the_configuration_is_found_in_any_spelling_of_its_option),
		TEST(an_unknown_script_is_said_to_be_one),
		TEST(the_running_one_is_compared_with_the_next),
		TEST(files_that_are_newer_than_the_daemon_are_noted),
		TEST(an_exec_line_that_sets_the_clock_is_a_preset),
		TEST(what_starts_it_again_is_named),
		TEST(a_watchdog_starts_it_again_only_where_it_is_on),
		TEST(without_a_unit_the_running_one_is_all_that_is_known),
		TEST(a_drift_file_that_is_named_and_not_there_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
