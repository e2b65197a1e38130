/*
 * What is wrong with a host that no file of ours mends: what kind of machine it is, its hardware
 * clock, its programs.  Rules with JUDGED_PLAN say so under the host.  This file does no I/O.
 */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_ADVICE_H
#define ORCHESTRATOR_ROLLOUT_PLAN_ADVICE_H

#include "orchestrator/lint/lint.h"
#include "orchestrator/rollout/plan/plan.h"
#include "orchestrator/topology/topology.h"

#define ADVICE_MAX 16

struct advice {
	const struct lint_rule *rule;
	const char *text;
	const char *accepted; /* why the site accepts it; NULL: it does not */
};

struct advice_input {
	const struct topology *topology;
	const struct host *host;
	const struct plan_input *plan; /* with its driver */
	int64_t now_ns;                /* real time */
};

/*
 * Find what there is to say of the host.
 *
 * @list: filled, with texts of @arena
 * Returns how many there are.
 */
size_t plan_advise(
    const struct advice_input *input, struct arena *arena, struct advice list[ADVICE_MAX]);

#endif
