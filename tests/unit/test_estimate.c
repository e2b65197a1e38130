#include "orchestrator/rollout/estimate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CONFIRM_NS (40 * NS_PER_S)

static struct host server = { .name = "time1", .role = HOST_SERVER };
static struct host client = { .name = "web1", .role = HOST_CLIENT };

static struct rollout_host
host_that(const struct host *of, unsigned wave, bool restart, bool reload)
{
	struct rollout_host host = { .host = of, .wave = wave, .driver = daemon_find("chrony") };

	host.plan.restart = restart;
	host.plan.reload_sources = reload;
	return host;
}

static void
the_more_a_change_disturbs_the_longer_it_takes(void **state UNUSED)
{
	struct estimate_input input = { .parallel = 32, .confirm_within_ns = CONFIRM_NS };
	struct rollout_host files = host_that(&client, 1, false, false);
	struct rollout_host reload = host_that(&client, 1, false, true);
	struct rollout_host restart = host_that(&client, 1, true, false);
	struct rollout_host of_server = host_that(&server, 1, true, false);

	assert_true(
	    estimate_host(&input, &files).about_ns < estimate_host(&input, &reload).about_ns);
	assert_true(
	    estimate_host(&input, &reload).about_ns < estimate_host(&input, &restart).about_ns);
	assert_true(
	    estimate_host(&input, &restart).about_ns < estimate_host(&input, &of_server).about_ns);
	/* it may be waited for the others, too */
	assert_int_equal(estimate_host(&input, &of_server).most_ns,
	    estimate_host(&input, &restart).most_ns + CONFIRM_NS);
}

static int64_t
usual(void *ctx, const char *daemon, enum file_action action)
{
	assert_string_equal(daemon, "chrony");
	return action == FILE_ACTION_RESTART ? *(int64_t *)ctx : 0;
}

static void
what_hosts_took_before_counts_where_it_is_known(void **state UNUSED)
{
	int64_t took_ns = 7 * NS_PER_S;
	struct estimate_input input = {
		.parallel = 32, .confirm_within_ns = CONFIRM_NS, .ctx = &took_ns, .usual = usual
	};
	struct rollout_host restart = host_that(&client, 1, true, false);
	struct rollout_host reload = host_that(&client, 1, false, true);

	assert_int_equal(estimate_host(&input, &restart).about_ns, took_ns);
	assert_int_not_equal(estimate_host(&input, &reload).about_ns, took_ns);
	took_ns = 3600 * NS_PER_S;
	assert_int_equal(estimate_host(&input, &restart).most_ns, took_ns);
}

static void
waves_come_one_after_the_other_and_their_hosts_at_once(void **state UNUSED)
{
	struct estimate_input input = { .parallel = 2, .confirm_within_ns = CONFIRM_NS };
	struct rollout_host hosts[5] = {
		host_that(&server, 1, true, false),
		host_that(&client, 2, true, false),
		host_that(&client, 2, false, true),
		host_that(&client, 0, false, false), /* nothing to do */
		host_that(&client, 2, true, false),
	};
	int64_t one_ns = estimate_host(&input, &hosts[0]).about_ns;
	int64_t two_ns = estimate_wave(&input, hosts, 5, 2).about_ns;

	assert_int_equal(estimate_wave(&input, hosts, 5, 1).about_ns, one_ns);
	/* three hosts, two at once: more than the slowest, less than one by one */
	assert_true(two_ns > estimate_host(&input, &hosts[1]).about_ns);
	assert_true(two_ns < 2 * estimate_host(&input, &hosts[1]).about_ns);
	assert_int_equal(estimate_wave(&input, hosts, 5, 0).about_ns, one_ns + two_ns);
}

static void
it_is_said_as_one_would_say_it(void **state UNUSED)
{
	static const struct {
		int64_t s;
		const char *text;
	} cases[] = { { 1, "1 s" }, { 7, "10 s" }, { 61, "65 s" }, { 100, "2 min" },
		{ 3540, "59 min" }, { 7200, "2.0 h" } };
	char text[ESTIMATE_TEXT_BYTES];

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(estimate_text(cases[i].s * NS_PER_S, text), cases[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_more_a_change_disturbs_the_longer_it_takes),
		cmocka_unit_test(what_hosts_took_before_counts_where_it_is_known),
		cmocka_unit_test(waves_come_one_after_the_other_and_their_hosts_at_once),
		cmocka_unit_test(it_is_said_as_one_would_say_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
