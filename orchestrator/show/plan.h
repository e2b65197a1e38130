/* A plan as people read it: what happens to whom and why, in which order, and how long it takes. */
#ifndef ORCHESTRATOR_SHOW_PLAN_H
#define ORCHESTRATOR_SHOW_PLAN_H

#include "orchestrator/rollout/estimate.h"

/*
 * To stdout: hosts to which the same happens are shown once, as a range; a name that differs
 * between them is HOST there.
 */
void plan_show(const struct rollout *rollout, const struct estimate_input *estimate, bool colour);

#endif
