/* Shows a plan to people: what happens to which host and why, in which order, how long it takes. */
#ifndef ORCHESTRATOR_SHOW_PLAN_H
#define ORCHESTRATOR_SHOW_PLAN_H

#include "orchestrator/rollout/estimate.h"

/*
 * Print the plan to stdout.  Hosts to which the same happens are shown once, as a range; in their
 * common text, HOST stands for the name of each.
 */
void plan_show(const struct rollout *rollout, const struct estimate_input *estimate, bool colour);

#endif
