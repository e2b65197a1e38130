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
 * Where OpenRC starts the services, the agent is no service, and yet only its program tells what a
 * restart would do: plan to bring it, if there is one that runs there.
 */
void plan_bring_program(const struct plan_input *input, struct host_plan *plan);

#endif
