#include "agent/host.h"
#include "agent/rivals.h"

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

static void
others_that_set_the_clock_are_named(void **state UNUSED)
{
	struct process_list processes = { .count = 0 };
	char names[REPORT_RIVALS_MAX][64];
	const struct process *daemon;

	fake_root_put("/proc/self/status", "Name:\ttest\nNSpid:\t77\n");
	fake_root_put_process(300, 1, "chronyd", "300");
	fake_root_put_process(301, 300, "chronyd", "301");
	process_list_read(fake_root, &processes);
	daemon = process_find(&processes, "chronyd");
	assert_int_equal(rivals_find(fake_root, &processes, daemon, names), 0);
	assert_int_equal(rivals_find(fake_root, &processes, NULL, names), 1);
	fake_root_put_process(400, 1, "systemd-timesyn", "400");
	fake_root_put_bytes("/etc/network/if-up.d/ntpsec-ntpdate", "#!/bin/sh\n", 10, 0755);
	process_list_read(fake_root, &processes);
	daemon = process_find(&processes, "chronyd");
	assert_int_equal(rivals_find(fake_root, &processes, daemon, names), 2);
	assert_string_equal(names[0], "systemd-timesyncd");
	assert_string_equal(names[1], "the if-up hook of ntpsec-ntpdate");
	process_list_free(&processes);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_root_make, fake_root_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_daemon_is_found_among_its_children_and_those_of_containers),
		TEST(others_that_set_the_clock_are_named),
		TEST(the_real_time_clock_is_compared_in_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
