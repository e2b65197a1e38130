#include "agent/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void
reports_come_exactly_once_an_interval(void **state UNUSED)
{
	int64_t now_ns = 5 * NS_PER_S;

	now_ns = pace_next_ns("time1", now_ns, 16 * NS_PER_S);
	assert_in_range(now_ns, 5 * NS_PER_S + 1, 21 * NS_PER_S);
	for (int i = 0; i < 100; i++) {
		int64_t next_ns = pace_next_ns("time1", now_ns, 16 * NS_PER_S);

		assert_int_equal(next_ns - now_ns, 16 * NS_PER_S);
		assert_int_equal(pace_next_ns("time1", next_ns - 1, 16 * NS_PER_S), next_ns);
		now_ns = next_ns;
	}
	assert_in_range(pace_next_ns("time1", 0, 16 * NS_PER_S), 1, 16 * NS_PER_S);
}

static void
a_thousand_hosts_are_spread_evenly(void **state UNUSED)
{
	unsigned slots[16] = { 0 };
	char host[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(host, sizeof(host), "web%03d", i);
		slots[pace_next_ns(host, 0, 64 * NS_PER_S) / (4 * NS_PER_S) % 16]++;
	}
	for (size_t i = 0; i < COUNT(slots); i++) {
		assert_in_range(slots[i], 30, 100);
	}
}

static void
a_client_that_has_just_started_reports_as_often_as_a_server(void **state UNUSED)
{
	assert_int_equal(pace_interval_ns(0, 64 * NS_PER_S), 16 * NS_PER_S);
	assert_int_equal(pace_interval_ns(179 * NS_PER_S, 64 * NS_PER_S), 16 * NS_PER_S);
	assert_int_equal(pace_interval_ns(180 * NS_PER_S, 64 * NS_PER_S), 64 * NS_PER_S);
	assert_int_equal(pace_interval_ns(0, 8 * NS_PER_S), 8 * NS_PER_S);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_come_exactly_once_an_interval),
		cmocka_unit_test(a_thousand_hosts_are_spread_evenly),
		cmocka_unit_test(a_client_that_has_just_started_reports_as_often_as_a_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
