#include "orchestrator/rollout/plan/remove.h"

#include "orchestrator/rollout/plan/hand.h"

static bool
is_there(const struct facts *facts, const char *path)
{
	const struct fact_file *file = facts_file(facts, path);

	return file && file->state != FACT_FILE_ABSENT;
}

void
plan_remove_agent(const struct facts *facts, struct arena *arena, struct host_plan *plan)
{
	const struct fact_unit *unit = facts_unit(facts, AGENT_UNIT);
	const struct fact_unit *first_set = facts_unit(facts, FIRST_SET_UNIT);
	bool sets_clock = is_there(facts, FIRST_SET_UNIT_FILE) || (first_set && first_set->enabled);

	plan->keeps_program = facts->agent_hash && sets_clock;
	plan->agent_remove = (unit && unit->loaded) || is_there(facts, AGENT_CONFIG) ||
	    is_there(facts, AGENT_STATE) || (facts->agent_hash && !plan->keeps_program);
	if (!plan->agent_remove) {
		return;
	}
	plan->reasons[plan->reason_count++] = plan->keeps_program
	    ? "the agent goes: its unit, configuration, user and state"
	    : "the agent goes: its unit, configuration, program, user and state";
	if (plan->keeps_program) {
		plan->notes[plan->note_count++] =
		    AGENT_BINARY " stays: " FIRST_SET_UNIT " sets the clock by it at boot";
	}
	plan_forget_agent(facts, arena, plan);
}
