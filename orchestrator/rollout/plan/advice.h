/*
 * What is wrong with a host: what no file of ours mends, as what kind of machine it is, its
 * hardware clock, its programs; and the files of its daemon that stand there now.  Rules with
 * JUDGED_PLAN say so under the host.  This file does no I/O.
 */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_ADVICE_H
#define ORCHESTRATOR_ROLLOUT_PLAN_ADVICE_H

#include "orchestrator/lint/lint.h"
#include "orchestrator/rollout/plan/plan.h"
#include "orchestrator/topology/topology.h"

#define ADVICE_MAX 48

struct advice {
	const struct lint_rule *rule;
	const char *text;
	const char *accepted; /* why the site accepts it; NULL: it does not */
	const char *file;     /* on the host; NULL: it is not about a file */
	unsigned line;        /* 0: the file as a whole */
	size_t more;          /* further lines of the file for which the same holds */
	bool replaced;        /* the plan replaces the file, or takes it away */
};

struct advice_input {
	const struct topology *topology;
	const struct host *host;
	const struct plan_input *plan; /* with its driver */
	const struct host_plan *made;  /* of @plan; NULL: no file is judged */
	int64_t now_ns;                /* real time */
};

/*
 * Find what there is to say of the host itself.
 *
 * @list: filled, with texts of @arena
 * Returns how many there are.
 */
size_t plan_advise(
    const struct advice_input *input, struct arena *arena, struct advice list[ADVICE_MAX]);

#endif
