/* Whether a change is kept: the time health of a host before and after it.  Pure. */
#ifndef ORCHESTRATOR_ROLLOUT_HEALTH_GATE_H
#define ORCHESTRATOR_ROLLOUT_HEALTH_GATE_H

#include "orchestrator/rollout/health/site_time.h"

enum gate_answer {
	GATE_AGAIN, /* look again */
	GATE_KEEP,
	GATE_BACK, /* put the old files back */
};

/* One host under a change. */
struct gate {
	struct budget budget;
	int64_t confirm_within_ns;
	const char *unit;            /* for the words */
	const struct report *before; /* NULL: nobody could tell */
	bool asks_time;     /* the daemon was acted on, and an agent can tell of it; else it is kept
			       when its unit runs */
	bool may_step;      /* a step is told, and is no reason to say no */
	int64_t stepped_ns; /* since before; 0: not */
	bool seen;          /* first_ns is set */
	const struct stale_name *names; /* that the daemon must have looked up again */
	size_t name_count;
	const struct topology *topology; /* the rest of the site; NULL: it is not asked */
	const struct host *host;
	const struct site_clock *heard; /* what the orchestrator measured of it */
	size_t heard_count;
	bool trusts;     /* its sources, whatever the rest of the site says */
	bool wrong_time; /* it was put back because the rest of the site says otherwise */
	int64_t first_offset_ns, first_ns; /* the first synchronised sight after the change */
};

#define GATE_WORDS_BYTES 448

/*
 * Judge what is seen @elapsed_ns after the change.
 *
 * @active: what `systemctl is-active` says of the unit; "" when it was not asked
 * @now:    NULL: the agent could not tell
 * @words:  GATE_WORDS_BYTES bytes: why it is not kept (yet), or what to know though it is
 */
enum gate_answer gate_judge(struct gate *gate, const char *active, const struct report *now,
    int64_t elapsed_ns, char *words);

#endif
