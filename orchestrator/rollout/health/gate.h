/*
 * Judges whether a change is kept, by the health of the host's time before and after it.  No I/O:
 * the caller hands in reports and times.
 */
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
	bool asks_time;     /* something was done to the daemon, and an agent can report on it; else
			       the change is kept when the unit runs */
	bool by_median;     /* the daemon takes the median of its servers: it names none that it
			       follows, and counts itself as synchronised when its clock is slewed to
			       them, which takes minutes */
	bool may_step;      /* a step is reported, but puts nothing back */
	int64_t stepped_ns; /* by how much the clock was stepped since `before`; 0: it was not */
	bool seen;          /* first_ns is set */
	const struct stale_name *names; /* that the daemon must have looked up again */
	size_t name_count;
	const struct topology *topology; /* the rest of the site; NULL: it is not asked */
	const struct host *host;
	const struct site_clock *heard; /* the site's servers, as the orchestrator measured them */
	size_t heard_count;
	const struct site_voter *voters; /* what is known of them (site_time.h) */
	size_t voter_count;
	int64_t changed_ns; /* when the change was made, by the clock of the voters */
	bool trusts;        /* believe its sources, whatever the rest of the site says */
	bool wrong_time;    /* set with GATE_BACK when the rest of the site says another time */
	int64_t first_most_ns, first_ns; /* how far the clock was off at most, and time since the
					    change, when it was first seen over its budget */
};

#define GATE_WORDS_BYTES 576

/*
 * Judge what is seen @elapsed_ns after the change.
 *
 * @active: the ActiveState of the unit; "" when it was not asked for
 * @now:    NULL: the agent could not tell
 * @words:  GATE_WORDS_BYTES bytes: why the change is not kept (yet), or a note when it is
 */
enum gate_answer gate_judge(struct gate *gate, const char *active, const struct report *now,
    int64_t elapsed_ns, char *words);

#endif
