/*
 * Rules about the host itself, which no file of ours mends: its kind of machine, its hardware
 * clock, its programs, and what stands around its daemon.  No I/O.
 */
#ifndef ORCHESTRATOR_ROLLOUT_ADVICE_HOST_H
#define ORCHESTRATOR_ROLLOUT_ADVICE_HOST_H

#include "orchestrator/rollout/advice/advice.h"

/*
 * Find what there is to say of the host itself.
 *
 * @list: filled, with texts of @arena
 * Returns how many there are.
 */
size_t plan_advise(
    const struct advice_input *input, struct arena *arena, struct advice list[ADVICE_MAX]);

#endif
