/* What the collector makes of reports: who is heard, and how each host does.  Long, because each
 * health is a case. */
#include "common/file.h"
#include "orchestrator/collect/fleet.h"
#include "orchestrator/collect/unknown.h"
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define S NS_PER_S
#define NOW (1000000 * S) /* of the collector's boot clock */
#define UPTIME (5000 * S) /* of the host at NOW */

static const char site_yaml[] = "site: test\n"
				"upstreams:\n"
				"  - {name: u1, address: 192.0.2.101}\n"
				"tiers:\n"
				"  - name: core\n"
				"    upstreams: all\n"
				"    peering: none\n"
				"    servers:\n"
				"      - {name: time1, address: 192.0.2.1, daemon: chrony}\n"
				"      - {name: time2, address: 192.0.2.2, daemon: ntpsec,\n"
				"         refclocks: [{name: GPS, type: shm}]}\n"
				"clients:\n"
				"  - {name: web, from: core, hosts: \"web[1-2]\"}\n"
				"budget: {offset: 5ms, error_bound: 50ms}\n";

static struct topology topology;
static struct fleet fleet;

static int
load(struct topology *out, const char *yaml)
{
	char path[] = "/tmp/timetier-fleet.XXXXXX";
	struct diags diags = { 0 };
	struct error err;
	int fd = mkstemp(path), status;

	close(fd);
	if (file_replace(path, yaml, strlen(yaml), 0600, &err) < 0) {
		return -1;
	}
	status = topology_load(out, path, &diags);
	diags_print(&diags, stderr, false);
	diags_free(&diags);
	unlink(path);
	return status;
}

static int
set_up(void **state UNUSED)
{
	if (load(&topology, site_yaml) < 0) {
		return -1;
	}
	fleet_init(&fleet, &topology, NOW);
	return 0;
}

static int
tear_down(void **state UNUSED)
{
	fleet_done(&fleet);
	topology_free(&topology);
	return 0;
}

/* A report of time1 that was read @ago_ns before NOW. */
static struct report
report_at(int64_t ago_ns, uint64_t seq)
{
	struct report report = {
		.host = "time1",
		.boot_id = "boot-a",
		.session_id = "run-a",
		.seq = seq,
		.boot_ns = UPTIME - ago_ns,
		.real_ns = 1,
		.interval_ns = 16 * S,
		.answered = true,
		.status = { .stratum = 2,
		    .offset_ns = 1000,
		    .root_delay_ns = 2000,
		    .root_dispersion_ns = 3000,
		    .update_age_ns = 5 * S,
		    .update_interval_ns = 64 * S },
	};

	return report;
}

static enum fleet_take
take(const struct report *report, int64_t arrived_ns, int64_t *read_ns)
{
	struct fleet_host *row;
	int64_t ignored_ns;

	return fleet_take(&fleet, report, arrived_ns, &row, read_ns ? read_ns : &ignored_ns);
}

static const struct fleet_host *
time1(void)
{
	return fleet_find(&fleet, "time1");
}

static void
a_declared_host_was_never_heard_of(void **state UNUSED)
{
	assert_int_equal(fleet.count, 4);
	assert_int_equal(time1()->health, HEALTH_NEVER);
	assert_null(fleet_find(&fleet, "nobody"));
}

static void
a_good_report_makes_a_host_good(void **state UNUSED)
{
	struct report report = report_at(0, 1);

	assert_int_equal(take(&report, NOW, NULL), FLEET_LATEST);
	assert_int_equal(time1()->health, HEALTH_GOOD);
	assert_string_equal(time1()->reason, "");
}

static void
nothing_stays_green_by_itself(void **state UNUSED)
{
	struct report report = report_at(0, 1);

	take(&report, NOW, NULL);
	fleet_judge(&fleet, NOW + 48 * S);
	assert_int_equal(time1()->health, HEALTH_GOOD);
	assert_true(fleet_is_fresh(time1()));
	fleet_judge(&fleet, NOW + 51 * S);
	assert_int_equal(time1()->health, HEALTH_SILENT);
	assert_false(fleet_is_fresh(time1()));
	assert_int_equal(time1()->health_since_ns, NOW + 51 * S);
}

static void
each_host_is_judged_against_its_own_budget(void **state UNUSED)
{
	struct report report = report_at(0, 1);

	report.status.offset_ns = 6 * NS_PER_MS;
	take(&report, NOW, NULL);
	assert_int_equal(time1()->health, HEALTH_OVER_BUDGET);
	assert_non_null(strstr(time1()->reason, "5.00 ms"));
}

/* Say that time1 hears the address, @state of its daemon. */
static void
hears(struct report *report, const char *address, enum source_state state)
{
	struct source_status *source = &report->status.sources[report->status.source_count++];

	snprintf(source->address, sizeof(source->address), "%s", address);
	source->state = state;
	source->reach = 0377;
	source->poll_log2 = 6;
}

static void
a_server_that_only_its_siblings_hold_says_so(void **state UNUSED)
{
	struct report report = report_at(2 * S, 1);

	hears(&report, "192.0.2.101", SOURCE_REJECTED);
	hears(&report, "192.0.2.2", SOURCE_SELECTED);
	take(&report, NOW, NULL);
	assert_int_equal(time1()->health, HEALTH_SIBLINGS);
	assert_non_null(strstr(time1()->reason, "it follows 192.0.2.2, a server of its own tier"));
	/* an ntpd goes on to combine what it no longer hears: that is no source from outside */
	report = report_at(1 * S, 2);
	hears(&report, "192.0.2.2", SOURCE_SELECTED);
	hears(&report, "192.0.2.101", SOURCE_COMBINED);
	report.status.sources[1].reach = 0;
	take(&report, NOW, NULL);
	assert_int_equal(time1()->health, HEALTH_SIBLINGS);
	/* with one of the others beside it, somebody outside has a say */
	report.seq = 3;
	report.boot_ns++;
	report.status.sources[1].reach = 1;
	take(&report, NOW, NULL);
	assert_int_equal(time1()->health, HEALTH_GOOD);
	/* what is worse stays as it is */
	report = report_at(0, 4);
	hears(&report, "192.0.2.2", SOURCE_SELECTED);
	report.status.offset_ns = 6 * NS_PER_MS;
	take(&report, NOW, NULL);
	assert_int_equal(time1()->health, HEALTH_OVER_BUDGET);
}

static const struct fleet_host *
clock1(void)
{
	return fleet_find(&fleet, "time2");
}

/* A report of time2, whose daemon hears its hardware clock, or not. */
static struct report
report_of_clock(enum source_state state, unsigned reach)
{
	struct report report = report_at(0, 1);

	snprintf(report.host, sizeof(report.host), "time2");
	hears(&report, "127.127.28.0", state);
	report.status.sources[0].reach = reach;
	hears(&report, "192.0.2.101", SOURCE_COMBINED);
	return report;
}

static void
a_hardware_clock_that_is_lost_is_told_once_it_could_be_heard(void **state UNUSED)
{
	struct report report = report_of_clock(SOURCE_SELECTED, 0377);

	take(&report, NOW, NULL);
	assert_int_equal(clock1()->health, HEALTH_GOOD);
	report = report_of_clock(SOURCE_SILENT, 0);
	report.seq = 2;
	take(&report, NOW, NULL);
	assert_int_equal(clock1()->health, HEALTH_CLOCK);
	assert_string_equal(clock1()->reason,
	    "its hardware clock GPS gives no time: look at the receiver and what reads it");
	report = report_of_clock(SOURCE_FALSETICKER, 0377);
	report.seq = 3;
	take(&report, NOW, NULL);
	assert_int_equal(clock1()->health, HEALTH_CLOCK);
	assert_string_equal(clock1()->reason,
	    "its hardware clock GPS disagrees with its other sources, and is not followed");
	/* a daemon that has just begun has not asked it often enough */
	report = report_of_clock(SOURCE_SILENT, 0);
	report.seq = 4;
	report.proof = (struct proof){ .state = PROOF_WATCHING,
		.started_boot_ns = report.boot_ns - 100 * NS_PER_S };
	take(&report, NOW, NULL);
	assert_int_equal(clock1()->health, HEALTH_GOOD);
	report.seq = 5;
	report.proof.started_boot_ns = report.boot_ns - 200 * NS_PER_S;
	take(&report, NOW, NULL);
	assert_int_equal(clock1()->health, HEALTH_CLOCK);
	/* a good clock that nobody holds any more drifts */
	report.seq = 6;
	report.status.sources[1].state = SOURCE_SILENT;
	take(&report, NOW, NULL);
	assert_int_equal(clock1()->health, HEALTH_FREE_RUNNING);
	assert_string_equal(clock1()->reason,
	    "its hardware clock GPS gives no time: look at the receiver and what reads it; nobody "
	    "else tells this host the time, and what it serves drifts");
	/* who follows nobody is told why */
	report.seq = 7;
	report.status.stratum = 16;
	take(&report, NOW, NULL);
	assert_int_equal(clock1()->health, HEALTH_UNSYNCED);
	assert_non_null(
	    strstr(clock1()->reason, "follows no source; its hardware clock GPS gives"));
}

static void
a_daemon_that_does_not_answer_is_stopped_with_its_reason(void **state UNUSED)
{
	struct report report = report_at(0, 1);

	report.answered = false;
	snprintf(report.error, sizeof(report.error), "chronyc: no answer");
	take(&report, NOW, NULL);
	assert_int_equal(time1()->health, HEALTH_STOPPED);
	assert_string_equal(time1()->reason, "chronyc: no answer");
}

static void
a_daemon_that_ended_by_itself_has_exited_and_one_that_was_stopped_has_not(void **state UNUSED)
{
	struct report report = report_at(0, 1);

	report.answered = false;
	report.end = (struct daemon_end){ .ended = true,
		.exit_status = 255,
		.refused = true,
		.result = "exit-code",
		.words = "ntpd exited" };
	snprintf(report.error, sizeof(report.error), "ntpd exited");
	take(&report, NOW, NULL);
	assert_int_equal(time1()->health, HEALTH_EXITED);
	report.seq++;
	report.end = (struct daemon_end){ .ended = true, .result = "success" };
	take(&report, NOW, NULL);
	assert_int_equal(time1()->health, HEALTH_STOPPED);
}

/* What its agent measured is judged by the budget; nothing is known of the daemon's updates. */
static void
a_clock_that_its_agent_measured_is_judged_by_its_budget(void **state UNUSED)
{
	struct report report = report_at(0, 1);

	report.answered = false;
	report.runs = report.measured = true;
	report.status.update_age_ns = -1;
	snprintf(report.error, sizeof(report.error), "only root may ask");
	take(&report, NOW, NULL);
	assert_int_equal(time1()->health, HEALTH_GOOD);
	assert_string_equal(time1()->reason, "");
	report.seq++;
	report.status.offset_ns = 1000 * S;
	take(&report, NOW, NULL);
	assert_int_equal(time1()->health, HEALTH_OVER_BUDGET);
	assert_non_null(strstr(time1()->reason, "the offset, 1000 s, is beyond "));
	report.seq++;
	report.status.offset_ns = 0;
	report.status.root_dispersion_ns = 1000 * S;
	take(&report, NOW, NULL);
	assert_int_equal(time1()->health, HEALTH_OVER_BUDGET);
}

/* OpenNTPD answers root alone, chronyd nobody with `cmdport 0`. */
static void
a_daemon_that_runs_and_gives_no_answer_is_not_stopped(void **state UNUSED)
{
	struct report report = report_at(0, 1);

	report.answered = false;
	report.runs = true;
	snprintf(report.error, sizeof(report.error), "only root may ask");
	take(&report, NOW, NULL);
	assert_int_equal(time1()->health, HEALTH_NO_ANSWER);
	assert_string_equal(time1()->reason, "only root may ask");
	report.seq++;
	report.end = (struct daemon_end){ .ended = true, .exit_status = 255, .refused = true };
	take(&report, NOW, NULL); /* an end of before, told again */
	assert_int_equal(time1()->health, HEALTH_NO_ANSWER);
}

static void
a_daemon_that_has_just_begun_settles_and_then_counts_as_any_other(void **state UNUSED)
{
	struct report report = report_at(0, 1);

	report.status.root_dispersion_ns = NS_PER_S;
	report.status.update_interval_ns = 1024 * S;
	report.interval_ns = 3600 * S;
	report.proof =
	    (struct proof){ .state = PROOF_WATCHING, .started_boot_ns = report.boot_ns - 20 * S };
	take(&report, NOW, NULL);
	assert_int_equal(time1()->health, HEALTH_SETTLING);
	fleet_judge(&fleet, NOW + 579 * S);
	assert_int_equal(time1()->health, HEALTH_SETTLING);
	fleet_judge(&fleet, NOW + 580 * S);
	assert_int_equal(time1()->health, HEALTH_OVER_BUDGET);
	report.seq++;
	report.proof.ended = true;
	take(&report, NOW, NULL);
	assert_int_equal(time1()->health, HEALTH_OVER_BUDGET);
}

static void
the_same_report_twice_is_known(void **state UNUSED)
{
	struct report report = report_at(0, 1);

	take(&report, NOW, NULL);
	assert_int_equal(take(&report, NOW + S, NULL), FLEET_AGAIN);
}

static void
a_report_from_the_spool_is_late_and_keeps_its_own_time(void **state UNUSED)
{
	struct report live = report_at(0, 100), spooled = report_at(3600 * S, 50);
	int64_t read_ns;

	take(&live, NOW, &read_ns);
	assert_int_equal(read_ns, NOW);
	assert_int_equal(take(&spooled, NOW + S, &read_ns), FLEET_LATE);
	assert_in_range(read_ns, NOW - 3600 * S, NOW - 3599 * S);
	assert_int_equal(time1()->report.seq, 100);
}

/* Readings from one end of what a report may say to the other: whoever has a host's token can send
 * them, and no sum may overflow. */
static void
readings_at_the_ends_of_their_range_are_taken(void **state UNUSED)
{
	static const int64_t readings_ns[] = { 0, BOOT_MAX, 0, UPTIME, BOOT_MAX, BOOT_MAX - 1, 0 };
	static const char *const boots[] = { "boot-a", "boot-b" };
	int64_t read_ns;

	for (size_t i = 0; i < 2 * COUNT(readings_ns); i++) {
		struct report report = report_at(0, i + 1);

		report.boot_ns = readings_ns[i / 2];
		snprintf(report.boot_id, sizeof(report.boot_id), "%s", boots[i % 2]);
		take(&report, NOW + (int64_t)i * S, &read_ns);
		assert_true(read_ns <= NOW + (int64_t)i * S);
		fleet_judge(&fleet, NOW + (int64_t)i * S);
	}
}

static void
the_hosts_wall_clock_decides_nothing(void **state UNUSED)
{
	struct report first = report_at(16 * S, 1), second = report_at(0, 2);

	first.real_ns = INT64_C(4000000000) * S;
	second.real_ns = -INT64_C(900000000) * S; /* 1941 */
	take(&first, NOW - 16 * S, NULL);
	assert_int_equal(take(&second, NOW, NULL), FLEET_LATEST);
	assert_int_equal(time1()->report.seq, 2);
}

static void
an_agent_that_restarts_counts_anew(void **state UNUSED)
{
	struct report old = report_at(16 * S, 900), started = report_at(0, 1);

	snprintf(started.session_id, sizeof(started.session_id), "run-b");
	take(&old, NOW - 16 * S, NULL);
	assert_int_equal(take(&started, NOW, NULL), FLEET_LATEST);
	/* What the first run left in its spool comes after. */
	old.seq = 899;
	old.boot_ns -= 16 * S;
	assert_int_equal(take(&old, NOW + S, NULL), FLEET_LATE);
}

static void
a_host_that_rebooted_is_the_latest(void **state UNUSED)
{
	struct report before = report_at(60 * S, 900), after = report_at(0, 1);

	snprintf(after.boot_id, sizeof(after.boot_id), "boot-b");
	snprintf(after.session_id, sizeof(after.session_id), "run-b");
	after.boot_ns = 20 * S;
	take(&before, NOW - 60 * S, NULL);
	assert_int_equal(take(&after, NOW, NULL), FLEET_LATEST);
}

static void
the_spool_of_an_earlier_boot_is_late_even_when_that_boot_is_unknown(void **state UNUSED)
{
	struct report live = report_at(0, 5), old = report_at(0, 700);

	snprintf(old.boot_id, sizeof(old.boot_id), "boot-before");
	snprintf(old.session_id, sizeof(old.session_id), "run-before");
	old.boot_ns = 90000 * S; /* a day of uptime: it cannot have booted since */
	take(&live, NOW, NULL);
	assert_int_equal(take(&old, NOW + S, NULL), FLEET_LATE);
	old.seq++;
	old.boot_ns += 16 * S;
	assert_int_equal(take(&old, NOW + 2 * S, NULL), FLEET_LATE);
	assert_string_equal(time1()->report.boot_id, "boot-a");
}

static void
a_host_whose_boot_clock_is_slewed_back_is_not_silent(void **state UNUSED)
{
	/* 1000 s of reports every 16 s while its clock runs 8 % slow: 80 s behind at the end. */
	for (int i = 0; i < 64; i++) {
		struct report report = report_at(0, (uint64_t)i + 1);

		report.boot_ns = UPTIME + i * 16 * S * 92 / 100;
		assert_int_equal(take(&report, NOW + i * 16 * S, NULL), FLEET_LATEST);
		fleet_judge(&fleet, NOW + i * 16 * S + 15 * S);
		assert_int_equal(time1()->health, HEALTH_GOOD);
	}
}

static void
a_stranger_is_told_apart(void **state UNUSED)
{
	struct report report = report_at(0, 1);

	snprintf(report.host, sizeof(report.host), "nobody");
	assert_int_equal(take(&report, NOW, NULL), FLEET_UNKNOWN);
}

static void
another_topology_keeps_what_is_known_of_common_hosts(void **state UNUSED)
{
	static const char other_yaml[] =
	    "site: test\n"
	    "upstreams:\n"
	    "  - {name: u1, address: 192.0.2.101}\n"
	    "tiers:\n"
	    "  - name: core\n"
	    "    upstreams: all\n"
	    "    peering: none\n"
	    "    servers:\n"
	    "      - {name: time9, address: 192.0.2.9, daemon: chrony}\n"
	    "      - {name: time1, address: 192.0.2.1, daemon: chrony}\n"
	    "budget: {offset: 1us, error_bound: 50ms}\n";
	struct report report = report_at(0, 1);
	struct topology other;

	report.status.offset_ns = 2000;
	take(&report, NOW, NULL);
	assert_int_equal(load(&other, other_yaml), 0);
	fleet_replace(&fleet, &fleet, &other, NOW + S);
	topology_free(&topology);
	topology = other;
	fleet.topology = &topology;
	assert_int_equal(fleet.count, 2);
	assert_true(time1()->heard);
	assert_int_equal(time1()->health, HEALTH_OVER_BUDGET); /* of the new budget */
	assert_null(fleet_find(&fleet, "time2"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void
hosts_that_the_site_does_not_know_are_few_and_forgotten(void **state UNUSED)
{
	static struct unknown_hosts hosts;
	char name[16];

	assert_true(unknown_hosts_hear(&hosts, "a", 0));
	assert_false(unknown_hosts_hear(&hosts, "a", 60 * NS_PER_S));
	assert_true(unknown_hosts_hear(&hosts, "b", 61 * NS_PER_S));
	unknown_hosts_forget(&hosts, 360 * NS_PER_S);
	assert_int_equal(hosts.count, 2);
	unknown_hosts_forget(&hosts, 361 * NS_PER_S);
	assert_int_equal(hosts.count, 1);
	assert_string_equal(hosts.list[0].name, "b");
	unknown_hosts_drop(&hosts, "a");
	unknown_hosts_drop(&hosts, "b");
	assert_int_equal(hosts.count, 0);
	for (int i = 0; i < 3 * UNKNOWN_HOSTS_MAX; i++) {
		snprintf(name, sizeof(name), "h%d", i);
		assert_true(unknown_hosts_hear(&hosts, name, i));
		assert_false(unknown_hosts_hear(&hosts, name, i + 3599 * NS_PER_S));
		assert_true(unknown_hosts_hear(&hosts, name, i + 3600 * NS_PER_S));
	}
	assert_int_equal(hosts.count, UNKNOWN_HOSTS_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_declared_host_was_never_heard_of),
		TEST(a_good_report_makes_a_host_good),
		TEST(nothing_stays_green_by_itself),
		TEST(each_host_is_judged_against_its_own_budget),
		TEST(a_server_that_only_its_siblings_hold_says_so),
		TEST(a_hardware_clock_that_is_lost_is_told_once_it_could_be_heard),
		TEST(a_daemon_that_does_not_answer_is_stopped_with_its_reason),
		TEST(a_daemon_that_ended_by_itself_has_exited_and_one_that_was_stopped_has_not),
		TEST(a_clock_that_its_agent_measured_is_judged_by_its_budget),
		TEST(a_daemon_that_runs_and_gives_no_answer_is_not_stopped),
		TEST(a_daemon_that_has_just_begun_settles_and_then_counts_as_any_other),
		TEST(the_same_report_twice_is_known),
		TEST(a_report_from_the_spool_is_late_and_keeps_its_own_time),
		TEST(readings_at_the_ends_of_their_range_are_taken),
		TEST(the_hosts_wall_clock_decides_nothing),
		TEST(an_agent_that_restarts_counts_anew),
		TEST(a_host_that_rebooted_is_the_latest),
		TEST(the_spool_of_an_earlier_boot_is_late_even_when_that_boot_is_unknown),
		TEST(a_host_whose_boot_clock_is_slewed_back_is_not_silent),
		TEST(a_stranger_is_told_apart),
		TEST(another_topology_keeps_what_is_known_of_common_hosts),
		TEST(hosts_that_the_site_does_not_know_are_few_and_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
