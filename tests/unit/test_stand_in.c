/* What the agent tells of a clock whose daemon it may not ask: when it asks whom, and what follows.
 */
#include "agent/look/stand_in.h"
#include "daemons/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S NS_PER_S
#define MS NS_PER_MS
#define SHIFT (INT64_C(1700000000) * S) /* CLOCK_REALTIME minus CLOCK_BOOTTIME */

static const char own[][STAND_IN_NAME_BYTES] = { "192.0.2.1", "ntp2.example", "192.0.2.3" };

static struct stand_in
begin(void)
{
	return (struct stand_in){ .servers = own, .server_count = COUNT(own) };
}

/* A round in which each server answers with an offset, or INT64_MAX: with nothing. */
static void
ask(struct stand_in *stand_in, int64_t at_ns, const int64_t *offsets_ns, size_t count)
{
	static struct measure measure;

	memset(&measure, 0, sizeof(measure));
	measure.target_count = count;
	for (size_t i = 0; i < count; i++) {
		struct measure_target *target = &measure.targets[i];

		*target = (struct measure_target){ .same_as = -1, .sent = 1 };
		snprintf(target->address, sizeof(target->address), "192.0.2.%zu", i + 1);
		if (offsets_ns[i] != INT64_MAX) {
			target->sample_count = target->answered = 1;
			target->samples[0] = (struct ntp_sample){ .offset_ns = offsets_ns[i],
				.delay_ns = 2 * MS,
				.dispersion_ns = 1000,
				.boot_ns = at_ns,
				.root_delay_ns = 4 * MS,
				.root_dispersion_ns = (int64_t)(i + 1) * MS,
				.stratum = 2 };
		}
	}
	stand_in_take(stand_in, &measure, at_ns, at_ns + SHIFT);
}

static void
only_servers_of_the_site_are_asked(void **state UNUSED)
{
	static const struct {
		const char *config;
		bool may;
	} cases[] = {
		{ "server 192.0.2.1\nserver ntp2.example\n", true },
		{ "server 192.0.2.1\n", true },
		{ "server 192.0.2.1\nserver 0.debian.pool.ntp.org\n", false },
		{ "servers ntp2.example\n", false }, /* as many as the name has */
		{ "server 192.0.2.1\nserver 192.0.2.10\n", false },
		{ "", false },
		{ "server 192.0.2.1\nno line of it\n", false },
	};
	const struct stand_in with = begin(), without = { .servers = NULL };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct restart_policy policy;

		openntpd_read_policy(cases[i].config, "", &policy);
		if (stand_in_may(&with, &policy) != cases[i].may) {
			fail_msg("%s", cases[i].config);
		}
		assert_false(stand_in_may(&without, &policy));
	}
}

static void
the_offset_is_the_median_and_the_bound_is_of_the_worse_of_those_in_the_middle(void **state UNUSED)
{
	static const struct {
		int64_t offsets_ns[4];
		size_t count;
		int64_t offset_ns, dispersion_ns;
	} cases[] = {
		{ { 3 * MS }, 1, 3 * MS, MS + 1000 },
		{ { 9 * MS, -2 * MS, 3 * MS }, 3, 3 * MS, 3 * MS + 1000 },
		{ { 4 * MS, 2 * MS }, 2, 3 * MS, 2 * MS + 1000 + MS },
		{ { -4 * MS, INT64_MAX, -2 * MS }, 3, -3 * MS, 3 * MS + 1000 + MS },
		{ { -90 * MS, 4 * MS, 2 * MS, 90 * MS }, 4, 3 * MS, 3 * MS + 1000 + MS },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct report report = { .status = { .version = "6.2" } };
		struct stand_in stand_in = begin();

		ask(&stand_in, 100 * S, cases[i].offsets_ns, cases[i].count);
		assert_true(stand_in_report(&stand_in, 100 * S, &report));
		assert_true(report.measured && report.measured_age_ns == 0);
		assert_false(report.answered);
		/* source minus local: positive means that the clock is behind */
		assert_true(report.status.offset_ns == cases[i].offset_ns);
		assert_true(report.status.root_delay_ns == 6 * MS);
		assert_true(report.status.root_dispersion_ns == cases[i].dispersion_ns);
		assert_int_equal(report.status.stratum, 3);
		assert_int_equal(report.status.leap, LEAP_NONE);
		assert_string_equal(report.status.version, "6.2");
		assert_string_equal(report.status.selected, "");
		assert_int_equal(report.status.source_count, cases[i].count);
		assert_string_equal(report.status.sources[0].address, "192.0.2.1");
		assert_true(report.status.sources[0].offset_ns == cases[i].offsets_ns[0]);
		assert_int_equal(source_shown_state(&report.status.sources[0]), SOURCE_MEASURED);
	}
}

static void
it_asks_no_more_often_than_openntpd_would(void **state UNUSED)
{
	static const struct {
		int64_t offset_ns, interval_ns;
	} cases[] = {
		{ 0, 1500 * S }, { -MS, 1500 * S }, { 5 * MS, 300 * S }, { -25 * MS, 60 * S },
		{ 50 * MS, 30 * S }, { 9 * S, 30 * S }, { INT64_MAX, 60 * S }, /* no answer */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct stand_in stand_in = begin();
		int64_t due_ns = 100 * S + cases[i].interval_ns;

		assert_true(stand_in_is_due(&stand_in, 100 * S, 100 * S + SHIFT));
		ask(&stand_in, 100 * S, &cases[i].offset_ns, 1);
		if (stand_in_is_due(&stand_in, due_ns - S, due_ns - S + SHIFT) ||
		    !stand_in_is_due(&stand_in, due_ns, due_ns + SHIFT)) {
			fail_msg("case %zu", i);
		}
		/* somebody set the clock: what was measured is not so any more */
		assert_true(stand_in_is_due(&stand_in, 101 * S, 101 * S + SHIFT - 2 * MS));
	}
}

static void
what_was_heard_grows_old_and_is_dropped(void **state UNUSED)
{
	static const int64_t none = INT64_MAX, some = MS / 2;
	struct stand_in stand_in = begin();
	struct report report = { .status = { .stratum = 16 } };

	assert_false(stand_in_report(&stand_in, S, &report));
	ask(&stand_in, 100 * S, &none, 1);
	assert_false(stand_in_report(&stand_in, 100 * S, &report));
	assert_int_equal(report.status.stratum, 16); /* untouched */
	ask(&stand_in, 160 * S, &some, 1);
	assert_true(stand_in_report(&stand_in, 1160 * S, &report));
	assert_true(report.measured_age_ns == 1000 * S);
	assert_true(report.status.root_dispersion_ns == MS + 1000 + 15 * MS);
	assert_true(report.status.sources[0].age_ns == 1000 * S);
	assert_int_equal(report.status.sources[0].reach, 1);
	assert_int_equal(report.status.sources[0].poll_log2, 10);
	/* a round fails, and is tried again a minute later */
	ask(&stand_in, 1660 * S, &none, 1);
	ask(&stand_in, 1720 * S, &some, 1);
	assert_true(stand_in_report(&stand_in, 1730 * S, &report));
	assert_int_equal(report.status.sources[0].reach, 5);
	assert_true(report.measured_age_ns == 10 * S);
	ask(&stand_in, 3220 * S, &none, 1);
	report.measured = false;
	assert_true(stand_in_report(&stand_in, 3220 * S, &report));
	assert_true(report.status.sources[0].age_ns == 1500 * S);
	for (int i = 1; i <= 3; i++) {
		ask(&stand_in, (3220 + 60 * i) * S, &none, 1);
	}
	assert_false(stand_in_report(&stand_in, 3420 * S, &report));
	ask(&stand_in, 3500 * S, &some, 1);
	assert_true(stand_in_report(&stand_in, 3500 * S, &report));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_servers_of_the_site_are_asked),
		cmocka_unit_test(
		    the_offset_is_the_median_and_the_bound_is_of_the_worse_of_those_in_the_middle),
		cmocka_unit_test(it_asks_no_more_often_than_openntpd_would),
		cmocka_unit_test(what_was_heard_grows_old_and_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
