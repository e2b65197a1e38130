/* What is wrong now: what it takes until a condition stands, and until it is gone. */
#include "orchestrator/health/conditions.h"
#include "orchestrator/health/host.h"
#include "orchestrator/topology/topology.h"
#include "verdict/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S NS_PER_S
#define BEGUN (100000 * S)
#define INTERVAL (16 * S)

static const char site_yaml[] = "site: test\n"
				"upstreams:\n"
				"  - {name: u1, address: 192.0.2.101}\n"
				"  - {name: u2, address: 192.0.2.102}\n"
				"tiers:\n"
				"  - name: core\n"
				"    upstreams: all\n"
				"    peering: none\n"
				"    servers:\n"
				"      - {name: time1, address: 192.0.2.1, daemon: chrony}\n"
				"      - {name: time2, address: 192.0.2.2, daemon: chrony}\n"
				"clients:\n"
				"  - {name: web, from: core, hosts: \"web[1-2]\"}\n"
				"budget: {offset: 5ms, error_bound: 50ms}\n";

static struct topology topology;
static struct conditions conditions;
static struct report report;
static int64_t now_ns;

static void
load(struct topology *out, const char *yaml)
{
	struct diags diags = { 0 };
	int status = topology_load_text(out, "site.yaml", yaml, strlen(yaml), &diags);

	diags_print(&diags, stderr, false);
	diags_free(&diags);
	assert_int_equal(status, 0);
}

static int
set_up(void **state UNUSED)
{
	load(&topology, site_yaml);
	now_ns = BEGUN;
	conditions_init(&conditions, &topology, BEGUN);
	report = (struct report){ .boot_id = "b", .interval_ns = INTERVAL, .answered = true };
	for (size_t i = 0; i < 2; i++) {
		struct source_status *source = &report.status.sources[report.status.source_count++];

		snprintf(source->address, sizeof(source->address), "192.0.2.%zu", 101 + i);
		source->state = SOURCE_COMBINED;
		source->reach = 0377;
	}
	return 0;
}

static int
tear_down(void **state UNUSED)
{
	conditions_done(&conditions);
	topology_free(&topology);
	return 0;
}

/* One more report of time1, as the fleet judges it. */
static void
judge(enum health health)
{
	struct host_look look = {
		.report = &report, .health = health, .reason = "why", .read_ns = now_ns
	};

	now_ns += INTERVAL;
	report.boot_ns = now_ns;
	look.read_ns = now_ns;
	health_judge_host(&conditions, 0, &look, now_ns);
}

static bool
stands(enum condition_code code)
{
	return conditions_find(&conditions, 0, code) != NULL;
}

static void
every_code_has_a_name_of_its_own_and_is_found_by_it(void **state UNUSED)
{
	for (int i = 0; i < CONDITION_CODES; i++) {
		const char *name = condition_name((enum condition_code)i);

		assert_non_null(name);
		assert_non_null(condition_title((enum condition_code)i));
		assert_int_equal(condition_find(name), i);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
	}
	assert_int_equal(condition_find("nonsense"), CONDITION_CODES);
}

static void
three_judgements_raise_a_condition_and_two_clear_it(void **state UNUSED)
{
	judge(HEALTH_OVER_BUDGET);
	judge(HEALTH_OVER_BUDGET);
	assert_false(stands(CONDITION_OVER_BUDGET));
	assert_int_equal(conditions.hosts[STATE_GOOD], 1);
	judge(HEALTH_OVER_BUDGET);
	assert_true(stands(CONDITION_OVER_BUDGET));
	assert_int_equal(conditions.hosts[STATE_BAD], 1);
	assert_string_equal(conditions_find(&conditions, 0, CONDITION_OVER_BUDGET)->reason,
	    "why; see which source draws it: `timetier doctor time1`");
	judge(HEALTH_GOOD);
	assert_true(stands(CONDITION_OVER_BUDGET));
	judge(HEALTH_GOOD);
	assert_false(stands(CONDITION_OVER_BUDGET));
	assert_int_equal(conditions.count, 0);
	assert_int_equal(conditions.hosts[STATE_GOOD], 1);
}

static void
a_host_that_is_ill_in_turns_in_two_ways_is_ill(void **state UNUSED)
{
	judge(HEALTH_OVER_BUDGET);
	judge(HEALTH_UNSYNCED);
	assert_int_equal(conditions.count, 0);
	judge(HEALTH_OVER_BUDGET);
	assert_true(stands(CONDITION_OVER_BUDGET));
}

static void
silence_and_a_stop_stand_at_once_and_silence_ends_nothing(void **state UNUSED)
{
	judge(HEALTH_STOPPED);
	assert_true(stands(CONDITION_DAEMON_STOPPED));
	for (int i = 0; i < 5; i++) {
		judge(HEALTH_SILENT);
	}
	assert_true(stands(CONDITION_SILENT));
	assert_true(stands(CONDITION_DAEMON_STOPPED));
	assert_int_equal(conditions.hosts[STATE_STALE], 1);
	assert_int_equal(conditions.reporting, 0);
	judge(HEALTH_GOOD);
	judge(HEALTH_GOOD);
	assert_int_equal(conditions.count, 0);
	assert_int_equal(conditions.reporting, 1);
}

static void
a_daemon_that_begins_may_be_without_sources_but_not_for_ever(void **state UNUSED)
{
	bool raised = false;

	report.proof.state = PROOF_WATCHING;
	judge(HEALTH_GOOD);
	for (int i = 0; i < 5; i++) {
		report.proof.started_boot_ns = now_ns;
		for (int k = 0; k < 20 && !raised; k++) {
			judge(HEALTH_UNSYNCED);
			raised = stands(CONDITION_UNSYNCHRONISED);
			assert_true(!raised || i > 0);
		}
	}
	assert_true(raised);
}

static void
nobody_is_called_unheard_when_we_have_just_begun(void **state UNUSED)
{
	judge(HEALTH_NEVER);
	assert_int_equal(conditions.count, 0);
	now_ns = BEGUN + HEALTH_HEARD_NS;
	judge(HEALTH_NEVER);
	assert_true(stands(CONDITION_NOT_HEARD));
}

static void
a_step_counts_for_five_minutes_and_one_back_is_bad(void **state UNUSED)
{
	judge(HEALTH_GOOD);
	report.ledger[0] = (struct ledger_entry){ .boot_id = "b",
		.boot_ns = now_ns,
		.amount_ns = -2 * S,
		.cause = CAUSE_BY_HAND,
		.words = "somebody" };
	report.ledger_count = 1;
	judge(HEALTH_GOOD);
	assert_true(stands(CONDITION_STEPPED));
	assert_int_equal(conditions_find(&conditions, 0, CONDITION_STEPPED)->state, STATE_BAD);
	assert_non_null(strstr(conditions_find(&conditions, 0, CONDITION_STEPPED)->reason,
	    "set back by 2.00 s (by hand: somebody)"));
	now_ns += HEALTH_STEPPED_NS;
	judge(HEALTH_GOOD);
	judge(HEALTH_GOOD);
	assert_false(stands(CONDITION_STEPPED));
	report.ledger[0].boot_ns = now_ns;
	report.ledger[0].cause = CAUSE_LEAP;
	judge(HEALTH_GOOD);
	assert_false(stands(CONDITION_STEPPED));
}

static void
sources_that_are_gone_are_told_before_the_clock_drifts(void **state UNUSED)
{
	report.status.sources[0].reach = report.status.sources[1].reach = 0370;
	for (int i = 0; i < 3; i++) {
		judge(HEALTH_GOOD);
	}
	assert_true(stands(CONDITION_SOURCES_GONE));
	report.status.sources[0].reach = 0361;
	judge(HEALTH_GOOD);
	judge(HEALTH_GOOD);
	assert_false(stands(CONDITION_SOURCES_GONE));
	judge(HEALTH_GOOD);
	assert_true(stands(CONDITION_SOURCES_SHORT));
}

static void
the_worst_is_first_and_what_leaves_the_site_leaves_the_list(void **state UNUSED)
{
	const struct finding warn = { STATE_WARN, "w", true }, bad = { STATE_BAD, "b", true };
	struct topology smaller;
	struct arena arena = { 0 };
	const struct condition **sorted;

	conditions_judge(&conditions, 1, CONDITION_CLOCK_LOST, &warn, BEGUN);
	conditions_judge(&conditions, 3, CONDITION_OVER_BUDGET, &bad, BEGUN + 1);
	conditions_judge(&conditions, 2, CONDITION_OVER_BUDGET, &bad, BEGUN);
	conditions_judge(&conditions, conditions_upstream(&conditions, 1), CONDITION_SOURCE_WRONG,
	    &bad, BEGUN + 2);
	sorted = conditions_sorted(&conditions, &arena);
	assert_string_equal(sorted[0]->name, "u2");
	assert_string_equal(sorted[1]->name, "web1");
	assert_string_equal(sorted[2]->name, "web2");
	assert_string_equal(sorted[3]->name, "time2");
	arena_free(&arena);
	load(&smaller,
	    "site: test\n"
	    "upstreams: [{name: u2, address: 192.0.2.102}]\n"
	    "tiers: [{name: core, upstreams: all, peering: none,\n"
	    "         servers: [{name: time2, address: 192.0.2.2}]}]\n"
	    "budget: {offset: 5ms, error_bound: 50ms}\n");
	conditions_replace(&conditions, &smaller);
	assert_int_equal(conditions.count, 2);
	sorted = conditions_sorted(&conditions, &arena);
	assert_string_equal(sorted[0]->name, "u2");
	assert_string_equal(sorted[1]->name, "time2");
	arena_free(&arena);
	conditions_done(&conditions);
	topology_free(&smaller);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(every_code_has_a_name_of_its_own_and_is_found_by_it),
		CASE(three_judgements_raise_a_condition_and_two_clear_it),
		CASE(a_host_that_is_ill_in_turns_in_two_ways_is_ill),
		CASE(silence_and_a_stop_stand_at_once_and_silence_ends_nothing),
		CASE(a_daemon_that_begins_may_be_without_sources_but_not_for_ever),
		CASE(nobody_is_called_unheard_when_we_have_just_begun),
		CASE(a_step_counts_for_five_minutes_and_one_back_is_bad),
		CASE(sources_that_are_gone_are_told_before_the_clock_drifts),
		CASE(the_worst_is_first_and_what_leaves_the_site_leaves_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
