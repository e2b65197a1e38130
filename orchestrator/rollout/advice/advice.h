/* What is said of a host by the rules with JUDGED_PLAN, and what their judges work with.  No I/O.
 */
#ifndef ORCHESTRATOR_ROLLOUT_ADVICE_ADVICE_H
#define ORCHESTRATOR_ROLLOUT_ADVICE_ADVICE_H

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

/* What the judges of a host work with. */
struct advising {
	const struct advice_input *input;
	const struct facts *facts;
	const struct daemon_driver *driver;
	const struct report *report; /* NULL: no agent tells */
	struct arena *arena;
	struct advice *list; /* of ADVICE_MAX */
	size_t count;
};

/* Say that the host breaks the rule @id. */
void advise(struct advising *advising, const char *id, const char *fmt, ...) PRINTF(3, 4);

#endif
