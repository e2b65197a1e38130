/* Plans that the agent is taken off one host.  No I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_REMOVE_H
#define ORCHESTRATOR_ROLLOUT_PLAN_REMOVE_H

#include "orchestrator/rollout/plan/plan.h"

/*
 * Fill @plan, with memory of @arena, so that the agent goes: its unit, configuration, program, user
 * and state.  The program stays where the unit needs it that sets the clock at boot.
 */
void plan_remove_agent(const struct facts *facts, struct arena *arena, struct host_plan *plan);

#endif
