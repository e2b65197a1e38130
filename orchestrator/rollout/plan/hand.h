/* What was changed by hand on a host since timetier put it there: by what the host remembers. */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_HAND_H
#define ORCHESTRATOR_ROLLOUT_PLAN_HAND_H

#include "orchestrator/rollout/plan/plan.h"

/* Fill the origin of each change of @plan, and what was changed by hand. */
void plan_find_hand(const struct plan_input *input, struct arena *arena, struct host_plan *plan);

/* What the host is to remember of @plan, which is complete, is put with it. */
void plan_add_manifest(const struct plan_input *input, struct arena *arena, struct host_plan *plan);

/* The same when the agent is taken away. */
void plan_forget_agent(const struct facts *facts, struct arena *arena, struct host_plan *plan);

#endif
