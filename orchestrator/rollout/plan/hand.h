/* Finds what was changed by hand on a host, by the manifest of what timetier put there. */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_HAND_H
#define ORCHESTRATOR_ROLLOUT_PLAN_HAND_H

#include "orchestrator/rollout/facts/manifest.h"
#include "orchestrator/rollout/plan/plan.h"

/* Read the host's manifest; returns false when it has none, or (@err set) an unreadable one. */
bool plan_read_manifest(const struct facts *facts, struct arena *arena, struct manifest *manifest,
    struct error *err) MUST_CHECK;

/* Fill the origin of each change of @plan, and its `hand`: what was changed by hand. */
void plan_find_hand(const struct plan_input *input, struct arena *arena, struct host_plan *plan);

/* Add the new manifest of the host to @plan, which is otherwise complete. */
void plan_add_manifest(const struct plan_input *input, struct arena *arena, struct host_plan *plan);

/* The same for a plan that takes the agent away. */
void plan_forget_agent(const struct facts *facts, struct arena *arena, struct host_plan *plan);

#endif
