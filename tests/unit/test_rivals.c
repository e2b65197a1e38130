#include "agent/host/host.h"
#include "agent/rivals/rivals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/fake_root.h"

#include <cmocka.h>

static void
the_daemon_is_found_among_its_children_and_those_of_containers(void **state UNUSED)
{
	struct process_list processes = { .count = 0 };
	const struct process *found;

	fake_root_put("/proc/self/status", "Name:\ttest\nNSpid:\t77\n");
	fake_root_put_process(50, 40, "ntpd", "50\t7");
	fake_root_put_process(300, 1, "ntpd", "300");
	fake_root_put_process(301, 300, "ntpd", "301");
	fake_root_put_process(20, 2, "kthreadd", "20");
	fake_root_put("/proc/20/status", "Name:\tchronyd\nPid:\t20\nPPid:\t2\nNSpid:\t20\n");
	process_list_read(fake_root, &processes);
	found = process_find(&processes, "ntpd");
	assert_non_null(found);
	assert_int_equal(found->pid, 300);
	assert_null(process_find(&processes, "chronyd"));
	process_list_free(&processes);
}

static struct process_list processes;
static struct report_rival list[REPORT_RIVALS_MAX];

/* The rivals of @daemon, in a text with a line each. */
static const char *
rivals(const char *daemon)
{
	static char out[REPORT_RIVALS_MAX * REPORT_RIVAL_BYTES];
	const struct daemon_driver *driver = daemon_find(daemon);
	struct rivals_of of = { .processes = &processes, .driver = driver };
	struct start start = { .unit = { .path = NULL } };
	size_t count, len = 0;

	process_list_read(fake_root, &processes);
	of.daemon = process_find(&processes, strcmp(daemon, "chrony") == 0 ? "chronyd" : "ntpd");
	start_read(fake_root, driver, of.daemon, &start);
	of.start = &start;
	memset(list, 0, sizeof(list));
	count = rivals_find(fake_root, &of, list);
	out[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s\n", list[i].words);
	}
	start_free(&start);
	return out;
}

static void
put_unit(const char *name, const char *program)
{
	char path[128], text[256];

	snprintf(path, sizeof(path), "/lib/systemd/system/%s", name);
	snprintf(text, sizeof(text), "[Service]\nExecStart=!%s -x\n", program);
	fake_root_put(path, text);
	fake_root_put_program(program, "x");
}

static void
enable(const char *name)
{
	char path[128], target[128];

	snprintf(path, sizeof(path), "/etc/systemd/system/multi-user.target.wants/%s", name);
	snprintf(target, sizeof(target), "%s/lib/systemd/system/%s", fake_root, name);
	fake_root_link(target, path);
}

static void
a_daemon_and_its_children_are_no_rivals_of_it(void **state UNUSED)
{
	fake_root_put("/proc/self/status", "Name:\ttest\nNSpid:\t77\n");
	fake_root_put_process(300, 1, "chronyd", "300");
	fake_root_put_process(301, 300, "chronyd", "301");
	put_unit("chrony.service", "/usr/sbin/chronyd");
	put_unit("chronyd.service", "/usr/sbin/chronyd");
	enable("chrony.service");
	assert_string_equal(rivals("chrony"), "");
}

static void
a_second_daemon_is_named_whether_it_runs_or_waits_for_a_boot(void **state UNUSED)
{
	fake_root_put("/proc/self/status", "Name:\ttest\nNSpid:\t77\n");
	fake_root_put_process(300, 1, "chronyd", "300");
	fake_root_put_process(400, 1, "systemd-timesyn", "400");
	fake_root_put("/proc/400/cgroup", "0::/system.slice/systemd-timesyncd.service\n");
	assert_string_equal(rivals("chrony"),
	    "systemd-timesyncd, which runs (systemctl disable --now systemd-timesyncd.service)\n");
	put_unit("systemd-timesyncd.service", "/lib/systemd/systemd-timesyncd");
	enable("systemd-timesyncd.service");
	enable("openntpd.service"); /* nothing is there any more */
	assert_string_equal(rivals("chrony"),
	    "systemd-timesyncd.service, which is enabled "
	    "(systemctl disable --now systemd-timesyncd.service)\n");
	fake_root_put("/lib/systemd/system/systemd-timesyncd.service.d/with.conf",
	    "[Unit]\nConditionFileIsExecutable=!/usr/sbin/chronyd\n");
	fake_root_put_program("/usr/sbin/chronyd", "x");
	fake_root_put("/proc/400/status", "Name:\tbash\n");
	assert_string_equal(rivals("chrony"), "");
}

static void
a_process_that_only_root_can_tell_is_named_with_the_doubt(void **state UNUSED)
{
	fake_root_put("/proc/self/status", "Name:\ttest\nNSpid:\t77\n");
	fake_root_put("/run/systemd/system/x", "");
	fake_root_put_process(300, 1, "chronyd", "300");
	fake_root_put("/proc/300/cgroup", "0::/system.slice/chrony.service\n");
	fake_root_put_process(400, 1, "ntpd", "400");
	fake_root_put("/proc/400/cgroup", "0::/user.slice/user-1000.slice/session-3.scope\n");
	fake_root_put_process(401, 1, "vmtoolsd", "401");
	fake_root_put("/proc/401/cgroup", "0::/system.slice/cron.service\n");
	assert_string_equal(rivals("chrony"),
	    "process 400, which runs with root's rights by the name ntpd (whether it is that "
	    "program, only root sees: sudo timetier-agent status)\n"
	    "process 401, which runs with root's rights by the name vmtoolsd (whether it is that "
	    "program, only root sees: sudo timetier-agent status)\n");
	assert_string_equal(list[0].unit, "");
	fake_root_put_bytes("/proc/400/exe", "x", 1, 04755);
	fake_root_put_bytes("/proc/401/exe", "x", 1, 04755);
	assert_string_equal(rivals("chrony"), "");
	fake_root_put_bytes("/proc/400/exe", "x", 1, 0755);
	assert_string_equal(
	    rivals("chrony"), "ntpd, which runs (end process 400, and what starts it)\n");
}

static void
ptp4l_is_a_rival_where_it_sets_the_systems_clock(void **state UNUSED)
{
	put_unit("ptp4l.service", "/usr/sbin/ptp4l");
	enable("ptp4l.service");
	fake_root_put("/etc/linuxptp/ptp4l.conf", "[global]\ntime_stamping\thardware\n");
	assert_string_equal(rivals("chrony"), "");
	fake_root_put("/etc/linuxptp/ptp4l.conf", "[global]\ntime_stamping\tsoftware\n");
	assert_non_null(strstr(rivals("chrony"), "ptp4l.service, which is enabled"));
	assert_string_equal(list[0].unit, "ptp4l.service");
}

static void
hooks_and_jobs_that_set_the_clock_are_named_by_their_lines(void **state UNUSED)
{
	fake_root_put_program("/etc/network/if-up.d/ntpsec-ntpdate",
	    "#!/bin/sh\n\nset -e\n[ -x /usr/sbin/ntpdate-debian ] || exit 0\n"
	    "(\n/usr/sbin/ntpdate-debian -s $OPTS 2>/dev/null || :\n) &\n");
	fake_root_put("/etc/network/if-up.d/off", "#!/bin/sh\nntpdate x\n");
	fake_root_put("/etc/cron.d/clock", "7 * * * * root sntp -s 192.0.2.1 >/dev/null\n");
	fake_root_put("/etc/cron.d/clock.dpkg-old", "7 * * * * root ntpdate x\n");
	fake_root_put_program("/etc/cron.daily/rtc", "#!/bin/sh\nhwclock --hctosys\n");
	fake_root_put_program("/usr/local/sbin/settime", "#!/bin/sh\nset -e\ndate -s \"$1\"\n");
	fake_root_put("/etc/crontab", "SHELL=/bin/sh\n@daily root /usr/local/sbin/settime now\n");
	fake_root_put(
	    "/lib/systemd/system/clk.service", "[Service]\nExecStart=/bin/sh -c 'rdate x'\n");
	fake_root_put("/lib/systemd/system/clk.timer", "[Timer]\nOnCalendar=daily\n");
	fake_root_link(
	    "/lib/systemd/system/clk.timer", "/etc/systemd/system/timers.target.wants/clk.timer");
	assert_string_equal(rivals("chrony"),
	    "ntpdate-debian in /etc/network/if-up.d/ntpsec-ntpdate:6 (apt purge ntpsec-ntpdate)\n"
	    "date --set in /usr/local/sbin/settime:3 (remove it)\n"
	    "sntp in /etc/cron.d/clock:1 (remove it)\n"
	    "hwclock --hctosys in /etc/cron.daily/rtc:2 (remove it, or chmod -x)\n"
	    "rdate in /lib/systemd/system/clk.service:2 (systemctl disable --now clk.timer)\n");
	assert_string_equal(list[0].hook, "/etc/network/if-up.d/ntpsec-ntpdate");
	assert_string_equal(list[1].hook, "");
	assert_string_equal(list[3].hook, "/etc/cron.daily/rtc");
	assert_string_equal(list[4].unit, "clk.timer");
}

static void
dhcp_is_a_rival_where_its_word_counts(void **state UNUSED)
{
	fake_root_put("/lib/systemd/system/ntpsec.service",
	    "[Service]\nExecStart=/usr/libexec/ntpsec/ntp-systemd-wrapper\n");
	fake_root_put("/usr/libexec/ntpsec/ntp-systemd-wrapper",
	    "#!/bin/sh\nPIDFILE=/p\n        . /etc/default/ntpsec\n"
	    "if [ \"$IGNORE_DHCP\" != \"yes\" ] && [ -e /run/ntpsec/ntp.conf.dhcp ]; then\n:\nfi\n"
	    "exec $DAEMON -p $PIDFILE $NTPD_OPTS\n");
	fake_root_put("/etc/default/ntpsec", "NTPD_OPTS=-g\nIGNORE_DHCP=\"\"\n");
	fake_root_put("/etc/dhcp/dhclient-exit-hooks.d/ntpsec", "invoke-rc.d ntpsec try-restart\n");
	assert_string_equal(rivals("ntpsec"), "");
	fake_root_put(
	    "/var/lib/dhcp/dhclient.eth0.leases", "lease {\n  option ntp-servers 10.0.0.1;\n}\n");
	assert_string_equal(rivals("ntpsec"),
	    "DHCP, which replaces the configuration and restarts the daemon: "
	    "/var/lib/dhcp/dhclient.eth0.leases (IGNORE_DHCP=\"yes\" in /etc/default/ntpsec)\n");
	fake_root_put("/etc/default/ntpsec", "NTPD_OPTS=-g\nIGNORE_DHCP=\"yes\"\n");
	assert_string_equal(rivals("ntpsec"), "");
}

static void
a_hypervisor_is_a_rival_while_it_may(void **state UNUSED)
{
	fake_root_put("/proc/self/status", "Name:\ttest\nNSpid:\t77\n");
	fake_root_put_process(300, 1, "vmtoolsd", "300");
	fake_root_put_process(301, 1, "VBoxService", "301");
	fake_root_put("/sys/bus/vmbus/drivers/hv_utils/242ff919/class_id",
	    "{9527e630-d0ae-497b-adce-e80ab0175caf}\n");
	assert_non_null(strstr(rivals("chrony"), "vmtoolsd"));
	assert_non_null(strstr(rivals("chrony"), "VBoxService"));
	assert_non_null(strstr(rivals("chrony"), "echo 242ff919 >"));
	fake_root_put("/etc/vmware-tools/tools.conf",
	    "[logging]\ndisable-all=false\n[timeSync]\ndisable-all = true\n");
	fake_root_put_bytes("/proc/301/cmdline", "VBoxService\0--disable-timesync", 31, 0644);
	fake_root_put("/sys/bus/vmbus/drivers/hv_utils/242ff919/class_id", "{0}\n");
	assert_string_equal(rivals("chrony"), "");
}

static void
user_data_that_writes_the_configuration_is_named(void **state UNUSED)
{
	fake_root_put("/etc/cloud/cloud.cfg", "cloud_config_modules:\n - ntp\n");
	assert_string_equal(rivals("chrony"), "");
	fake_root_put(
	    "/var/lib/cloud/instance/user-data.txt", "#cloud-config\nntp:\n  enabled: true\n");
	assert_non_null(strstr(rivals("chrony"), "ntp: in /var/lib/cloud/instance/user-data.txt"));
	fake_root_put("/etc/cloud/cloud-init.disabled", "");
	assert_string_equal(rivals("chrony"), "");
}

static void
a_key_of_cloud_init_is_read_with_what_stands_below_it(void **state UNUSED)
{
	static const char *const on[] = { "ntp:\n  enabled: true\n  servers: [192.0.2.7]\n",
		"# a\nntp:\n", "ntp: {}\n", "\"ntp\": {servers: [a]}\n", "'ntp':\n  pools: [p]\n",
		"ntp : {enabled: yes}\n", "\xef\xbb\xbfntp:\n", "{\"ntp\": {\"enabled\": true}}\n",
		"ntp:\r\n  enabled: true\r\n", "a: 1\nntp: # c\n  config:\n    enabled: false\n",
		"ntp:\n  ntp_client: chrony\nb:\n  enabled: false\n",
		"ntp: {config: {enabled: false}}\n", "ntp: {servers: [enabled]}\n" };
	static const char *const off[] = { "#cloud-config\nntp:\n  enabled: false\n",
		"ntp: {enabled: false}\n", "ntp: {servers: [a], \"enabled\": no}\n",
		"ntp:\n  # c\n\n  ntp_client: chrony\n  enabled: 'off'  # c\n",
		"ntp:\n    enabled : 0\n", "ntp: {\n  enabled: False\n}\n",
		"{\"ntp\": {\"enabled\": false}}\n", "# ntp:\n", "a:\n  ntp:\n    x: 1\n",
		"ntp_client: auto\n", "ntpx:\n", "- ntp\n", "cloud_config_modules:\n - ntp\n",
		"ntp:\n  enabled: true\nntp:\n  enabled: false\n" };

	fake_root_put("/etc/cloud/cloud.cfg", "# base\n");
	for (size_t i = 0; i < COUNT(on); i++) {
		fake_root_put("/etc/cloud/cloud.cfg.d/90_x.cfg", on[i]);
		if (!strstr(rivals("chrony"), "ntp: in /etc/cloud/cloud.cfg.d/90_x.cfg")) {
			fail_msg("no rival: %s", on[i]);
		}
	}
	for (size_t i = 0; i < COUNT(off); i++) {
		fake_root_put("/etc/cloud/cloud.cfg.d/90_x.cfg", off[i]);
		if (rivals("chrony")[0]) {
			fail_msg("a rival: %s", off[i]);
		}
	}
}

static void
cloud_init_counts_while_something_starts_it(void **state UNUSED)
{
	fake_root_put("/etc/cloud/cloud.cfg", "ntp:\n");
	assert_non_null(strstr(rivals("chrony"), "ntp: in /etc/cloud/cloud.cfg"));
	fake_root_put("/etc/cloud/cloud.cfg.d/99.cfg", "ntp: {enabled: false}\n");
	assert_string_equal(rivals("chrony"), "");
	fake_root_put("/etc/cloud/cloud.cfg.d/99.cfg", "");
	fake_root_put("/proc/cmdline", "root=/dev/sda1 cloud-init=disabled quiet\n");
	assert_string_equal(rivals("chrony"), "");
	fake_root_put("/proc/cmdline", "root=/dev/sda1 quiet\n");
	fake_root_put_program("/usr/bin/true", "x");
	assert_string_equal(rivals("chrony"), ""); /* the package was removed */
	fake_root_put_program("/usr/bin/cloud-init", "#!/usr/bin/python3\n");
	assert_non_null(strstr(rivals("chrony"), "cloud-init"));
	fake_root_put("/etc/cloud/cloud.cfg", "");
	fake_root_put("/var/lib/cloud/instance/user-data.txt", "#!/bin/sh\nntp:\n");
	assert_string_equal(rivals("chrony"), "");
	fake_root_put("/var/lib/cloud/instance/user-data.txt",
	    "## template: jinja\n#cloud-config\nntp: {}\n");
	assert_non_null(strstr(rivals("chrony"), "user-data.txt"));
}

static void
a_virtual_machine_is_told_by_its_firmware(void **state UNUSED)
{
	assert_null(host_machine(fake_root));
	fake_root_put("/proc/cpuinfo", "processor: 0\nflags : fpu hypervisor lm\nbugs :\n");
	assert_string_equal(host_machine(fake_root), "unknown hypervisor");
	fake_root_put("/sys/class/dmi/id/sys_vendor", "QEMU\n");
	assert_string_equal(host_machine(fake_root), "QEMU");
	fake_root_put("/sys/class/dmi/id/product_name", "Virtual Machine\n");
	assert_string_equal(host_machine(fake_root), "Hyper-V");
	fake_root_put("/sys/class/dmi/id/product_name", "PowerEdge\n");
	fake_root_put("/sys/class/dmi/id/sys_vendor", "Dell\n");
	fake_root_put("/proc/cpuinfo", "flags : fpu lm\nhypervisor_like : hypervisor\n");
	assert_null(host_machine(fake_root));
}

static void
the_real_time_clock_is_compared_in_utc(void **state UNUSED)
{
	int64_t now_ns = INT64_C(1795325613) * NS_PER_S;

	assert_true(host_rtc_offset_ns(fake_root, now_ns) == INT64_MAX);
	fake_root_put("/sys/class/rtc/rtc0/since_epoch", "1795325600\n");
	assert_int_equal(host_rtc_offset_ns(fake_root, now_ns), -12500 * NS_PER_MS);
	fake_root_put("/sys/class/rtc/rtc0/since_epoch", "broken\n");
	assert_true(host_rtc_offset_ns(fake_root, now_ns) == INT64_MAX);
}

static int
clean(void **state)
{
	process_list_free(&processes);
	return fake_root_remove(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_root_make, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_daemon_is_found_among_its_children_and_those_of_containers),
		TEST(a_daemon_and_its_children_are_no_rivals_of_it),
		TEST(a_second_daemon_is_named_whether_it_runs_or_waits_for_a_boot),
		TEST(a_process_that_only_root_can_tell_is_named_with_the_doubt),
		TEST(ptp4l_is_a_rival_where_it_sets_the_systems_clock),
		TEST(hooks_and_jobs_that_set_the_clock_are_named_by_their_lines),
		TEST(dhcp_is_a_rival_where_its_word_counts),
		TEST(a_hypervisor_is_a_rival_while_it_may),
		TEST(user_data_that_writes_the_configuration_is_named),
		TEST(a_key_of_cloud_init_is_read_with_what_stands_below_it),
		TEST(cloud_init_counts_while_something_starts_it),
		TEST(a_virtual_machine_is_told_by_its_firmware),
		TEST(the_real_time_clock_is_compared_in_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
