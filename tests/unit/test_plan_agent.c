/* What a plan does to the agent of a host. */
#include "orchestrator/rollout/plan/plan.h"
#include "orchestrator/rollout/plan/remove.h"
#include "tests/fake_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define AGENT_CONF(host, daemon) "# header\nhost " host "\ntoken " host "1\ndaemon " daemon "\n"

static void
what_changes_for_the_agent_restarts_it_and_leaves_the_daemon_alone(void **state UNUSED)
{
	static const char was[] = AGENT_CONF("web1", "chrony");
	static const struct {
		const char *now;
		bool restart;
	} cases[] = {
		{ AGENT_CONF("web1", "chrony"), false },
		{ AGENT_CONF("web9", "chrony"), true },
		{ AGENT_CONF("web1", "ntpsec"), true },
		{ AGENT_CONF("web1", "chrony") "collector https://192.0.2.1:8123\n", true },
		{ "# another header\nhost web1\ntoken web11\ndaemon chrony\n", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		/* a run of an older timetier knew no action of the agent's files */
		enum file_action action = i % 2 ? FILE_ACTION_RESTART : FILE_ACTION_NONE;
		struct file_set agent = { .count = 1 };
		struct plan_bed bed;

		plan_bed_begin(&bed);
		plan_bed_add(&bed, AGENT_CONFIG, was, cases[i].now, action);
		bed.set.count = 0;
		agent.list = bed.entries;
		bed.input.agent_files = &agent;
		bed.facts.units[bed.facts.unit_count++] =
		    (struct fact_unit){ .name = agent_services->name,
			    .loaded = true,
			    .active = true,
			    .enabled = true };
		assert_int_equal(plan_bed_plan(&bed), 0);
		assert_int_equal(bed.plan.agent_restart, cases[i].restart);
		assert_false(bed.plan.agent_begins);
		assert_int_equal(plan_action(&bed.plan), FILE_ACTION_NONE);
		if (cases[i].restart) {
			assert_string_equal(
			    bed.plan.reasons[0], AGENT_CONFIG " changes: restart of the agent");
		} else if (bed.plan.change_count > 0) {
			assert_string_equal(bed.plan.reasons[0],
			    AGENT_CONFIG
			    " changes in comments alone: nothing is done to the agent");
		}
		bed.facts.units[1].active = false;
		assert_int_equal(plan_bed_plan(&bed), 0);
		assert_true(bed.plan.agent_restart && bed.plan.agent_begins);
		arena_free(&bed.arena);
	}
}

static void
an_agent_of_another_program_is_replaced(void **state UNUSED)
{
	struct file_set none = { .count = 0 };
	struct plan_bed bed;

	plan_bed_begin(&bed);
	bed.input.agent_files = &none;
	bed.input.agent_hash = "new";
	bed.facts.agent_hash = "old";
	bed.facts.units[bed.facts.unit_count++] = (struct fact_unit){
		.name = agent_services->name, .loaded = true, .active = true, .enabled = true
	};
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_true(bed.plan.agent_upload);
	assert_true(bed.plan.agent_restart);
	assert_int_equal(plan_action(&bed.plan), FILE_ACTION_NONE);
	bed.facts.agent_hash = "new";
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_true(plan_is_empty(&bed.plan));
	arena_free(&bed.arena);
}

static void
an_agent_that_the_collector_refuses_is_told(void **state UNUSED)
{
	static struct report report = { .reporting = { REPORTING_REFUSED, "it is not known" } };
	struct file_set none = { .count = 0 };
	struct plan_bed bed;

	plan_bed_begin(&bed);
	bed.input.agent_files = &none;
	bed.facts.agent_status = &report;
	bed.facts.units[bed.facts.unit_count++] = (struct fact_unit){
		.name = agent_services->name, .loaded = true, .active = true, .enabled = true
	};
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_true(plan_is_empty(&bed.plan));
	assert_string_equal(bed.plan.notes[0], "its agent's reports are refused: it is not known");
	report.reporting.state = REPORTING_FAILS; /* nobody serves yet */
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_int_equal(bed.plan.note_count, 0);
	arena_free(&bed.arena);
}

/* Of what stands on a host, what goes with the agent. */
static void
the_agents_program_stays_with_the_unit_that_sets_the_clock(void **state UNUSED)
{
	static const struct {
		bool program, unit, state, first_set, enabled;
		bool goes, keeps;
	} cases[] = {
		{ true, true, true, false, false, true, false },
		{ true, true, true, true, true, true, true },
		{ true, true, true, true, false, true, true },   /* its file is there */
		{ true, true, true, false, true, true, true },   /* it is enabled all the same */
		{ true, false, false, true, true, false, true }, /* it was taken away before */
		{ true, false, true, true, true, true, true },   /* what it kept is left */
		{ false, false, true, false, false, true, false },
		{ false, false, false, false, false, false, false },
		{ false, false, false, true, true, false, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct plan_bed bed;

		plan_bed_begin(&bed);
		plan_bed_add(&bed, FIRST_SET_UNIT_FILE, cases[i].first_set ? "[Unit]\n" : NULL, "",
		    FILE_ACTION_NONE);
		plan_bed_add(&bed, AGENT_STATE, cases[i].state ? "" : NULL, "", FILE_ACTION_NONE);
		bed.facts.agent_hash = cases[i].program ? "00" : NULL;
		bed.facts.units[bed.facts.unit_count++] =
		    (struct fact_unit){ .name = agent_services->name, .loaded = cases[i].unit };
		bed.facts.units[bed.facts.unit_count++] =
		    (struct fact_unit){ .name = FIRST_SET_UNIT, .enabled = cases[i].enabled };
		bed.plan = (struct host_plan){ .changes = NULL };
		plan_remove_agent(&bed.facts, &bed.arena, &bed.plan);
		if (bed.plan.agent_remove != cases[i].goes ||
		    bed.plan.keeps_program != cases[i].keeps ||
		    plan_is_empty(&bed.plan) == cases[i].goes) {
			fail_msg("case %zu", i);
		}
		assert_int_equal(bed.plan.note_count, cases[i].goes && cases[i].keeps);
		arena_free(&bed.arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_changes_for_the_agent_restarts_it_and_leaves_the_daemon_alone),
		cmocka_unit_test(an_agent_of_another_program_is_replaced),
		cmocka_unit_test(an_agent_that_the_collector_refuses_is_told),
		cmocka_unit_test(the_agents_program_stays_with_the_unit_that_sets_the_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
