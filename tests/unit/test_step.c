#include "agent/witness/step.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/ntp/leap_second.h"

/* A host: its clocks go on, are slewed, stepped, and the host sleeps. */
struct host {
	struct clock_reading clocks;
	struct step_detector detector;
};

static void
begin(struct host *host)
{
	struct step_seen seen;

	*host = (struct host){ .clocks = { .real_ns = INT64_C(1795325613) * NS_PER_S,
				   .boot_ns = 1000 * NS_PER_S,
				   .raw_ns = 1000 * NS_PER_S,
				   .mono_ns = 1000 * NS_PER_S,
				   .width_ns = 100 } };
	assert_false(step_feed(&host->detector, &host->clocks, &seen));
}

static void
pass(struct host *host, int64_t ns, double slew_ppm)
{
	int64_t slewed_ns = ns + (int64_t)((double)ns * slew_ppm * 1e-6);

	host->clocks.raw_ns += ns;
	host->clocks.real_ns += slewed_ns;
	host->clocks.boot_ns += slewed_ns;
	host->clocks.mono_ns += slewed_ns;
}

/* What the detector says now; 0: no step. */
static int64_t
look(struct host *host)
{
	struct step_seen seen;

	return step_feed(&host->detector, &host->clocks, &seen) ? seen.amount_ns : 0;
}

static void
a_step_is_seen_once_with_its_sign_and_size(void **state UNUSED)
{
	struct host host;

	begin(&host);
	pass(&host, NS_PER_S, 0);
	host.clocks.real_ns -= 5 * NS_PER_S;
	assert_int_equal(look(&host), -5 * NS_PER_S);
	pass(&host, NS_PER_S, 0);
	assert_int_equal(look(&host), 0);
	host.clocks.real_ns += 2 * NS_PER_MS;
	assert_int_equal(look(&host), 2 * NS_PER_MS);
	assert_int_equal(host.detector.record.count, 2);
	assert_int_equal(host.detector.record.last_ns, 2 * NS_PER_MS);
	assert_int_equal(host.detector.record.total_ns, -5 * NS_PER_S + 2 * NS_PER_MS);
	assert_int_equal(host.detector.record.last_real_ns, host.clocks.real_ns);
}

static void
chronys_fastest_slew_is_no_step_and_is_counted_as_moved(void **state UNUSED)
{
	struct host host;

	begin(&host);
	for (int i = 0; i < 3600; i++) {
		pass(&host, NS_PER_S, -83333);
		assert_int_equal(look(&host), 0);
	}
	assert_int_equal(host.detector.moved_ns / NS_PER_S, -299);
	assert_int_equal(host.detector.record.count, 0);
}

static void
weeks_of_noise_are_no_step(void **state UNUSED)
{
	struct host host;
	unsigned seed = 1;

	begin(&host);
	for (int i = 0; i < 3 * 7 * 86400; i += 16) {
		struct clock_reading noisy;
		struct step_seen seen;

		pass(&host, 16 * NS_PER_S, 12.5);
		seed = seed * 1103515245 + 12345;
		noisy = host.clocks;
		noisy.boot_ns += (int64_t)(seed >> 16 & 1023) - 512;
		assert_false(step_feed(&host.detector, &noisy, &seen));
	}
}

static void
a_suspended_host_has_made_no_step(void **state UNUSED)
{
	struct host host;

	begin(&host);
	host.clocks.real_ns += 8 * 3600 * NS_PER_S;
	host.clocks.boot_ns += 8 * 3600 * NS_PER_S; /* the raw clock stands still meanwhile */
	assert_int_equal(look(&host), 0);
}

static void
many_small_steps_are_one_large_one(void **state UNUSED)
{
	struct host host;
	int64_t seen_ns = 0;

	begin(&host);
	for (int i = 0; i < 10; i++) {
		host.clocks.real_ns += NS_PER_MS / 3;
		seen_ns += look(&host);
	}
	assert_int_equal(host.detector.record.count, 2);
	assert_in_range(seen_ns, 2 * NS_PER_MS, 3 * NS_PER_MS);
}

static void
a_reading_that_took_long_hides_small_steps_until_the_next(void **state UNUSED)
{
	struct host host;

	begin(&host);
	host.clocks.real_ns += 5 * NS_PER_MS;
	host.clocks.width_ns = NS_PER_MS;
	assert_int_equal(look(&host), 0);
	host.clocks.width_ns = 100;
	assert_int_equal(look(&host), 5 * NS_PER_MS);
}

static void
a_step_after_a_sleep_tells_of_it(void **state UNUSED)
{
	struct step_seen seen = { 0 };
	struct host host;

	begin(&host);
	host.clocks.real_ns += 600 * NS_PER_S + 3 * NS_PER_S;
	host.clocks.boot_ns += 600 * NS_PER_S;
	assert_true(step_feed(&host.detector, &host.clocks, &seen));
	assert_int_equal(seen.amount_ns, 3 * NS_PER_S);
	assert_int_equal(seen.slept_ns, 600 * NS_PER_S);
	assert_int_equal(seen.unwatched_ns, 600 * NS_PER_S);
	assert_int_equal(seen.at.real_ns, host.clocks.real_ns);
}

static void
a_leap_second_is_seen_and_counts_as_no_step(void **state UNUSED)
{
	struct step_seen seen = { 0 };
	struct host host;

	begin(&host);
	host.clocks.real_ns = INT64_C(1483228800) * NS_PER_S - NS_PER_S / 2; /* 2017-01-01 */
	assert_true(step_feed(&host.detector, &host.clocks, &seen));
	assert_int_equal(host.detector.record.count, 1);
	pass(&host, NS_PER_S, 0);
	host.clocks.real_ns -= NS_PER_S; /* 23:59:59 a second time */
	assert_true(step_feed(&host.detector, &host.clocks, &seen));
	assert_true(seen.leap);
	assert_int_equal(seen.amount_ns, -NS_PER_S);
	assert_int_equal(host.detector.record.count, 1);
}

/* Whether a step of @amount_s at the end of 2016 is told as a leap second. */
static bool
is_leap(struct leap_word daemon, struct leap_word before, struct leap_word now, int amount_s)
{
	struct step_seen seen = { 0 };
	struct host host;

	begin(&host);
	host.clocks.real_ns = INT64_C(1483228800) * NS_PER_S - NS_PER_S / 2;
	assert_true(step_feed(&host.detector, &host.clocks, &seen));
	host.detector.daemon = daemon;
	host.detector.kernel_before = before;
	host.detector.kernel = now;
	pass(&host, NS_PER_S, 0);
	host.clocks.real_ns += amount_s * NS_PER_S;
	assert_true(step_feed(&host.detector, &host.clocks, &seen));
	assert_int_equal(host.detector.record.count, seen.leap ? 1 : 2);
	return seen.leap;
}

static void
a_second_is_a_leap_when_daemon_or_kernel_announced_it(void **state UNUSED)
{
	const struct leap_word silent = { .known = false }, none = { true, LEAP_NONE },
			       insert = { true, LEAP_INSERT }, delete = { true, LEAP_DELETE };

	assert_true(is_leap(insert, none, none, -1)); /* by the daemon itself */
	assert_true(is_leap(none, insert, none, -1)); /* by the kernel, which has forgotten it */
	assert_true(is_leap(silent, none, insert, -1));
	assert_true(is_leap(delete, none, none, 1));
	assert_true(is_leap(silent, silent, silent, -1)); /* nobody could tell */
	assert_false(is_leap(none, none, none, -1));
	assert_false(is_leap(silent, none, none, 1));
	assert_false(is_leap(none, silent, silent, -1));
	assert_false(is_leap(insert, insert, insert, 1));
	assert_false(is_leap(delete, delete, delete, -1));
}

static void
the_end_of_a_month_is_found_in_any_year(void **state UNUSED)
{
	const struct {
		const char *now, *due;
	} months[] = {
		{ "2016-12-31T23:59:59Z", "2017-01-01T00:00:00Z" },
		{ "2017-01-01T00:00:00Z", "2017-02-01T00:00:00Z" },
		{ "2024-02-29T12:00:00Z", "2024-03-01T00:00:00Z" },
		{ "2036-02-07T06:28:16Z", "2036-03-01T00:00:00Z" },
		{ "2038-01-19T03:14:08Z", "2038-02-01T00:00:00Z" },
		{ "2106-02-07T06:28:16Z", "2106-03-01T00:00:00Z" },
	};

	for (size_t i = 0; i < COUNT(months); i++) {
		int64_t now_ns, due_ns;

		assert_true(clock_parse(months[i].now, &now_ns));
		assert_true(clock_parse(months[i].due, &due_ns));
		assert_int_equal(leap_second_due_ns(now_ns), due_ns);
	}
	assert_int_equal(leap_second_due_ns(-1), 0);
	assert_int_equal(leap_second_due_ns(INT64_MAX), 0);
}

static void
only_a_second_at_the_end_of_a_month_is_a_leap(void **state UNUSED)
{
	const int64_t new_year_ns = INT64_C(1483228800) * NS_PER_S, s = NS_PER_S;

	assert_true(leap_second_explains(-s, new_year_ns - s, new_year_ns - s + NS_PER_MS));
	assert_true(leap_second_explains(s, new_year_ns - s, new_year_ns + NS_PER_MS));
	assert_true(leap_second_explains(-s + 30 * NS_PER_MS, new_year_ns - s, new_year_ns - s));
	assert_true(leap_second_explains(-s, new_year_ns - 600 * s, new_year_ns + 600 * s));
	assert_false(leap_second_explains(-s, new_year_ns - 61 * s, new_year_ns - 60 * s));
	assert_false(leap_second_explains(-s, new_year_ns + 86399 * s, new_year_ns + 86400 * s));
	assert_false(leap_second_explains(-s, new_year_ns - 86400 * s, new_year_ns + 86400 * s));
	assert_false(leap_second_explains(-2 * s, new_year_ns, new_year_ns));
	assert_false(leap_second_explains(INT64_MIN + 1, new_year_ns, new_year_ns));
	assert_false(leap_second_explains(s / 2, new_year_ns, new_year_ns));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_is_seen_once_with_its_sign_and_size),
		cmocka_unit_test(chronys_fastest_slew_is_no_step_and_is_counted_as_moved),
		cmocka_unit_test(weeks_of_noise_are_no_step),
		cmocka_unit_test(a_suspended_host_has_made_no_step),
		cmocka_unit_test(many_small_steps_are_one_large_one),
		cmocka_unit_test(a_step_after_a_sleep_tells_of_it),
		cmocka_unit_test(a_leap_second_is_seen_and_counts_as_no_step),
		cmocka_unit_test(a_second_is_a_leap_when_daemon_or_kernel_announced_it),
		cmocka_unit_test(the_end_of_a_month_is_found_in_any_year),
		cmocka_unit_test(only_a_second_at_the_end_of_a_month_is_a_leap),
		cmocka_unit_test(a_reading_that_took_long_hides_small_steps_until_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
