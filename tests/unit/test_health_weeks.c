/*
 * Weeks of a site, with a false clock: each scenario ends in the states that are expected, and on
 * its way no condition comes and goes more often than the scenario has a reason for.
 */
#include "orchestrator/collect/watch.h"
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S NS_PER_S
#define MS NS_PER_MS
#define HOUR (3600 * S)
#define DAY (24 * HOUR)
#define INTERVAL (64 * S)
#define BEGUN (1000 * DAY)
#define SERVERS 4
#define UPSTREAMS 4
#define CLIENTS 6
#define HOSTS (SERVERS + CLIENTS)

static const char site_yaml[] = ("site: test\n"
				 "upstreams:\n"
				 "  - {name: u1, address: 192.0.2.101, operator: A}\n"
				 "  - {name: u2, address: 192.0.2.102, operator: B}\n"
				 "  - {name: u3, address: 192.0.2.103, operator: C}\n"
				 "  - {name: u4, address: 192.0.2.104, operator: D}\n"
				 "tiers:\n"
				 "  - name: core\n"
				 "    upstreams: all\n"
				 "    peering: none\n"
				 "    servers:\n"
				 "      - {name: time1, address: 192.0.2.1, daemon: chrony}\n"
				 "      - {name: time2, address: 192.0.2.2, daemon: chrony}\n"
				 "      - {name: time3, address: 192.0.2.3, daemon: chrony}\n"
				 "      - {name: time4, address: 192.0.2.4, daemon: chrony}\n"
				 "clients:\n"
				 "  - {name: web, from: core, hosts: \"web[1-6]\"}\n"
				 "budget: {offset: 5ms, error_bound: 50ms}\n");

/* What is true of the site. */
struct truth {
	int64_t clock_ns[HOSTS]; /* of a host's clock: positive is ahead */
	int64_t upstream_ns[UPSTREAMS];
	bool upstream_gone[UPSTREAMS];
	bool quiet[HOSTS];   /* no report comes */
	bool stopped[HOSTS]; /* its daemon is */
	bool deaf[HOSTS];    /* it hears nobody */
	enum leap leap[HOSTS];
	int64_t started_ns[HOSTS];
};

struct world {
	struct topology topology;
	struct fleet fleet;
	struct names names;
	struct watch watch;
	struct truth truth;
	int64_t now_ns;
	uint64_t seq;
	unsigned random;
	bool stood[64][CONDITION_CODES];
	unsigned changes[CONDITION_CODES]; /* how often one came or went */
};

static struct world world;
static struct report report;

static int64_t
noise_ns(int64_t most_ns)
{
	world.random = world.random * 1103515245u + 12345u;
	return (int64_t)(world.random >> 8) * most_ns / (1 << 24) * 2 - most_ns;
}

static int
set_up(void **state UNUSED)
{
	struct diags diags = { 0 };

	memset(&world, 0, sizeof(world));
	assert_int_equal(
	    topology_load_text(&world.topology, "s", site_yaml, strlen(site_yaml), &diags), 0);
	diags_free(&diags);
	world.random = 18;
	world.now_ns = BEGUN;
	for (size_t i = 0; i < HOSTS; i++) {
		world.truth.started_ns[i] = BEGUN - DAY;
	}
	fleet_init(&world.fleet, &world.topology, BEGUN);
	names_init(&world.names, &world.topology);
	watch_init(&world.watch, &world.topology, BEGUN);
	return 0;
}

static int
tear_down(void **state UNUSED)
{
	watch_done(&world.watch);
	names_done(&world.names);
	fleet_done(&world.fleet);
	topology_free(&world.topology);
	return 0;
}

/* A source as a daemon sees it that compares it with the @good_ns of the others. */
static void
add_source(size_t host, const char *net, size_t at, int64_t time_ns, bool answers)
{
	struct daemon_status *status = &report.status;
	struct source_status *source = &status->sources[status->source_count++];
	bool wrong = time_ns > 8 * MS || time_ns < -8 * MS;

	snprintf(source->address, sizeof(source->address), "%s%zu", net, at + 1);
	source->state = !answers                              ? SOURCE_SILENT
	    : wrong                                           ? SOURCE_FALSETICKER
	    : status->source_count > 1 && status->selected[0] ? SOURCE_COMBINED
							      : SOURCE_SELECTED;
	if (source->state == SOURCE_SELECTED) {
		snprintf(status->selected, sizeof(status->selected), "%s", source->address);
	}
	source->reach = answers ? 0377 : 0;
	source->poll_log2 = 6;
	source->age_ns = answers ? 30 * S : -1;
	source->offset_ns = time_ns - world.truth.clock_ns[host] + noise_ns(MS / 4);
	source->delay_ns = MS;
}

static void
add_sources(size_t host)
{
	const struct truth *truth = &world.truth;

	if (host >= SERVERS) {
		for (size_t i = 0; i < SERVERS; i++) {
			add_source(host, "192.0.2.", i, truth->clock_ns[i],
			    !truth->deaf[host] && !truth->stopped[i]);
		}
		return;
	}
	for (size_t i = 0; i < UPSTREAMS; i++) {
		add_source(host, "192.0.2.10", i, truth->upstream_ns[i],
		    !truth->deaf[host] && !truth->upstream_gone[i]);
	}
}

static void
report_of(size_t host)
{
	const struct truth *truth = &world.truth;
	struct fleet_host *row;
	int64_t read_ns;
	bool follows;

	memset(&report, 0, sizeof(report));
	snprintf(report.host, sizeof(report.host), "%s", world.topology.hosts[host].name);
	report.boot_id[0] = report.session_id[0] = 'b';
	report.seq = ++world.seq;
	report.boot_ns = world.now_ns - BEGUN + DAY;
	report.real_ns = world.now_ns;
	report.interval_ns = INTERVAL;
	report.answered = !truth->stopped[host];
	report.rtc_offset_ns = INT64_MAX;
	report.proof.state = PROOF_PROVED;
	report.proof.started_boot_ns = truth->started_ns[host] - BEGUN + DAY;
	if (report.answered) {
		add_sources(host);
		follows = report.status.selected[0] != '\0';
		report.status.stratum = 2;
		report.status.leap = truth->leap[host];
		report.status.offset_ns = follows ? -truth->clock_ns[host] : 0;
		report.status.root_dispersion_ns = MS;
		report.status.update_age_ns = follows ? 30 * S : HOUR;
	}
	if (fleet_take(&world.fleet, &report, world.now_ns, &row, &read_ns) == FLEET_LATEST) {
		watch_take(&world.watch, &world.fleet, &world.names, row, world.now_ns);
	}
}

static void
count_changes(void)
{
	for (size_t i = 0; i < world.watch.conditions.subject_count; i++) {
		for (int k = 0; k < CONDITION_CODES; k++) {
			bool stands = conditions_find(&world.watch.conditions, i,
					  (enum condition_code)k) != NULL;

			world.changes[k] += stands != world.stood[i][k];
			world.stood[i][k] = stands;
		}
	}
}

/* Let time pass until @to_ns after the beginning; @change: called before each round, or NULL. */
static void
pass(int64_t to_ns, void (*change)(int64_t at_ns))
{
	while (world.now_ns - BEGUN < to_ns) {
		for (int64_t part = 0; part < INTERVAL; part += INTERVAL / 4) {
			world.now_ns += INTERVAL / 4;
			fleet_judge(&world.fleet, world.now_ns);
			watch_tick(&world.watch, &world.fleet, world.now_ns);
		}
		if (change) {
			change(world.now_ns - BEGUN);
		}
		for (size_t i = 0; i < HOSTS; i++) {
			if (!world.truth.quiet[i]) {
				report_of(i);
			}
		}
		count_changes();
	}
}

static unsigned
all_changes(void)
{
	unsigned sum = 0;

	for (int i = 0; i < CONDITION_CODES; i++) {
		if (world.changes[i] > 0) {
			print_message(
			    "%s: %u\n", condition_name((enum condition_code)i), world.changes[i]);
		}
		sum += world.changes[i];
	}
	return sum;
}

static const struct condition *
standing(enum condition_code code, const char *name)
{
	return conditions_find(
	    &world.watch.conditions, conditions_subject(&world.watch.conditions, code, name), code);
}

static enum health_state
site_state(void)
{
	return conditions_site_state(&world.watch.conditions);
}

static void
two_good_weeks_are_good_without_a_change(void **state UNUSED)
{
	pass(14 * DAY, NULL);
	assert_int_equal(all_changes(), 0);
	assert_int_equal(site_state(), STATE_GOOD);
	assert_int_equal(world.watch.conditions.hosts[STATE_GOOD], HOSTS);
}

static void
a_source_that_dies_is_one_condition_of_the_site(void **state UNUSED)
{
	pass(DAY, NULL);
	world.truth.upstream_gone[1] = true;
	pass(DAY + 10 * INTERVAL, NULL);
	assert_non_null(standing(CONDITION_SOURCE_SILENT, "u2"));
	assert_int_equal(site_state(), STATE_WARN);
	pass(7 * DAY, NULL);
	world.truth.upstream_gone[1] = false;
	pass(7 * DAY + 10 * INTERVAL, NULL);
	assert_int_equal(site_state(), STATE_GOOD);
	assert_int_equal(all_changes(), 2);
}

static void
a_source_that_is_wrong_by_20_ms_or_12_years_is_named(void **state UNUSED)
{
	const struct condition *wrong;

	pass(DAY, NULL);
	world.truth.upstream_ns[2] = 20 * MS;
	pass(DAY + 10 * INTERVAL, NULL);
	wrong = standing(CONDITION_SOURCE_WRONG, "u3");
	assert_non_null(wrong);
	assert_non_null(strstr(wrong->reason, "4 of 4 hosts that ask it find it wrong, "));
	assert_non_null(strstr(wrong->reason, "ms ahead of the median"));
	world.truth.upstream_ns[2] = -12 * 365 * DAY;
	pass(14 * DAY, NULL);
	assert_non_null(strstr(wrong->reason, "378432000 s behind the median"));
	world.truth.upstream_ns[2] = 0;
	pass(15 * DAY, NULL);
	assert_int_equal(site_state(), STATE_GOOD);
	assert_int_equal(all_changes(), 2);
}

/* time2 drifts off by 1 ms an hour, and comes back as slowly. */
static void
drift(int64_t at_ns)
{
	int64_t hours = at_ns / HOUR;

	world.truth.clock_ns[1] = hours < 24 ? 0
	    : hours < 48                     ? (hours - 24) * MS
	    : hours < 72                     ? (72 - hours) * MS
					     : 0;
}

static void
a_drift_beyond_the_budget_and_back_is_seen_by_all(void **state UNUSED)
{
	pass(48 * HOUR - INTERVAL, drift);
	assert_non_null(standing(CONDITION_OVER_BUDGET, "time2"));
	assert_non_null(standing(CONDITION_SERVER_OFF_MEDIAN, "time2"));
	assert_null(standing(CONDITION_QUORUM_SHORT, "core"));
	pass(7 * DAY, drift);
	assert_int_equal(site_state(), STATE_GOOD);
	assert_int_equal(world.changes[CONDITION_OVER_BUDGET], 2);
	assert_in_range(world.changes[CONDITION_SERVER_OFF_MEDIAN], 2, 6);
}

static void
all_are_away(int64_t at_ns)
{
	bool away = at_ns > 2 * DAY && at_ns < 3 * DAY;

	for (size_t i = 0; i < HOSTS; i++) {
		world.truth.quiet[i] = away;
	}
}

static void
when_no_report_comes_for_a_day_everything_is_stale_and_then_good(void **state UNUSED)
{
	pass(3 * DAY - 2 * INTERVAL, all_are_away);
	assert_int_equal(site_state(), STATE_STALE);
	assert_int_equal(world.watch.conditions.hosts[STATE_STALE], HOSTS);
	assert_non_null(standing(CONDITION_QUORUM_SHORT, "core"));
	pass(7 * DAY, all_are_away);
	assert_int_equal(site_state(), STATE_GOOD);
	assert_int_equal(all_changes(), 2 * HOSTS + 2);
}

static void
flap(int64_t at_ns)
{
	world.truth.clock_ns[SERVERS] = at_ns / INTERVAL % 2 ? 7 * MS : 0;
}

static void
a_host_that_is_good_in_every_other_report_does_not_flap(void **state UNUSED)
{
	pass(14 * DAY, flap);
	assert_int_equal(all_changes(), 0);
}

/* A daemon that is restarted each hour, and hears nobody for its first five minutes. */
static void
restart(int64_t at_ns)
{
	int64_t in_hour_ns = at_ns % HOUR;

	world.truth.started_ns[4] = world.now_ns - in_hour_ns;
	world.truth.deaf[4] = in_hour_ns < 300 * S;
}

static void
a_host_that_is_restarted_each_hour_stays_good(void **state UNUSED)
{
	pass(14 * DAY, restart);
	assert_int_equal(all_changes(), 0);
	assert_int_equal(site_state(), STATE_GOOD);
}

/* News of a leap second reaches one host after the other, within 17 minutes; so does its end. */
static void
leap_day(int64_t at_ns)
{
	for (size_t i = 0; i < HOSTS; i++) {
		int64_t late_ns = (int64_t)i * 100 * S;
		bool knows = at_ns > DAY + late_ns && at_ns < 2 * DAY + late_ns / 2;

		world.truth.leap[i] = knows ? LEAP_INSERT : LEAP_NONE;
	}
}

static void
a_leap_second_warns_while_the_news_of_it_spreads_and_no_more(void **state UNUSED)
{
	pass(DAY + 2 * HOUR, leap_day);
	assert_int_equal(site_state(), STATE_GOOD);
	pass(7 * DAY, leap_day);
	assert_int_equal(site_state(), STATE_GOOD);
	assert_int_equal(all_changes(), 4);
}

static void
one_host_that_never_hears_of_the_leap_second_is_bad_after_an_hour(void **state UNUSED)
{
	for (size_t i = 0; i < HOSTS; i++) {
		world.truth.leap[i] = i == 2 ? LEAP_NONE : LEAP_INSERT;
	}
	pass(10 * INTERVAL, NULL);
	assert_int_equal(standing(CONDITION_LEAP_DISAGREES, "test")->state, STATE_WARN);
	assert_non_null(
	    strstr(standing(CONDITION_LEAP_DISAGREES, "test")->reason, "alone without it: time3"));
	pass(2 * HOUR, NULL);
	assert_int_equal(standing(CONDITION_LEAP_DISAGREES, "test")->state, STATE_BAD);
	assert_int_equal(site_state(), STATE_BAD);
}

static void
a_tier_that_loses_its_servers_is_bad_and_one_upstream_is_told(void **state UNUSED)
{
	pass(DAY, NULL);
	world.truth.stopped[0] = world.truth.stopped[1] = true;
	pass(DAY + 10 * INTERVAL, NULL);
	assert_non_null(standing(CONDITION_DAEMON_STOPPED, "time1"));
	assert_non_null(standing(CONDITION_QUORUM_SHORT, "core"));
	assert_int_equal(site_state(), STATE_BAD);
	world.truth.stopped[0] = world.truth.stopped[1] = false;
	world.truth.upstream_gone[0] = world.truth.upstream_gone[1] = true;
	world.truth.upstream_gone[2] = true;
	pass(2 * DAY, NULL);
	assert_null(standing(CONDITION_QUORUM_SHORT, "core"));
	assert_non_null(standing(CONDITION_ONE_UPSTREAM, "core"));
	assert_non_null(
	    strstr(standing(CONDITION_ONE_UPSTREAM, "core")->reason, "stand on u4 now"));
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(two_good_weeks_are_good_without_a_change),
		CASE(a_source_that_dies_is_one_condition_of_the_site),
		CASE(a_source_that_is_wrong_by_20_ms_or_12_years_is_named),
		CASE(a_drift_beyond_the_budget_and_back_is_seen_by_all),
		CASE(when_no_report_comes_for_a_day_everything_is_stale_and_then_good),
		CASE(a_host_that_is_good_in_every_other_report_does_not_flap),
		CASE(a_host_that_is_restarted_each_hour_stays_good),
		CASE(a_leap_second_warns_while_the_news_of_it_spreads_and_no_more),
		CASE(one_host_that_never_hears_of_the_leap_second_is_bad_after_an_hour),
		CASE(a_tier_that_loses_its_servers_is_bad_and_one_upstream_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
