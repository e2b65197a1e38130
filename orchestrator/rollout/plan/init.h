/* What a plan owes to that which starts the services of a host: systemd, or OpenRC.  No I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_INIT_H
#define ORCHESTRATOR_ROLLOUT_PLAN_INIT_H

#include "orchestrator/rollout/plan/plan.h"

/*
 * Whether a change of this host can be guarded, and its files mean something there.
 *
 * Returns 0, or -1 with @err set: it runs neither of the two; OpenRC lacks commands that the guard
 * needs; or a file of the change is a unit of systemd, and the host runs OpenRC.
 */
int plan_refuse_init(const struct plan_input *input, struct error *err) MUST_CHECK;

/*
 * Whether the daemon can be started where @plan does that.  Returns 0, or -1 with @err set: its
 * unit is masked.
 */
int plan_refuse_mask(
    const struct plan_input *input, const struct host_plan *plan, struct error *err) MUST_CHECK;

/*
 * Only the agent's program tells what a restart would do, also where it is no service: because
 * OpenRC starts the services, or because nobody asked for it and the daemon steps at will.  Plan to
 * bring it there, if there is one that runs there.
 */
void plan_bring_program(const struct plan_input *input, struct host_plan *plan);

#endif
