/* What else the operator should know of a host, apart from its changes.  This file does no I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_NOTES_H
#define ORCHESTRATOR_ROLLOUT_PLAN_NOTES_H

#include "orchestrator/rollout/plan/plan.h"

/* Add to the notes of @plan, which is otherwise complete. */
void plan_add_notes(const struct plan_input *input, struct arena *arena, struct host_plan *plan);

#endif
