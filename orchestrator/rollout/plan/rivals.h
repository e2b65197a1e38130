/*
 * What else sets a host's clock, and what a plan does about it: a daemon that runs in place of the
 * declared one gives way to it (a migration); all else is switched off on the operator's word, or
 * forbids a restart.  No I/O.
 */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_RIVALS_H
#define ORCHESTRATOR_ROLLOUT_PLAN_RIVALS_H

#include "orchestrator/rollout/plan/plan.h"

/*
 * The daemon that gives way to the declared one (facts_former()).  NULL: there is none, or
 * site.yaml leaves the choice to the host.
 */
const struct daemon_driver *plan_leaves(const struct plan_input *input);

/* Plan to stop and disable what gives way, and what the operator wants switched off. */
void plan_rivals(const struct plan_input *input, struct arena *arena, struct host_plan *plan);

/*
 * Refuse a restart while something else runs that sets the clock and that the plan leaves on: two
 * daemons must not.  Returns 0, or -1 with @err set.
 */
int plan_refuse_rivals(
    const struct plan_input *input, const struct host_plan *plan, struct error *err) MUST_CHECK;

#endif
