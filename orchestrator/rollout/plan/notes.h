/* What the operator should know of a host besides what is done to it.  Pure. */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_NOTES_H
#define ORCHESTRATOR_ROLLOUT_PLAN_NOTES_H

#include "orchestrator/rollout/plan/plan.h"

/* Add to the notes of @plan, which is else complete. */
void plan_add_notes(const struct plan_input *input, struct arena *arena, struct host_plan *plan);

#endif
