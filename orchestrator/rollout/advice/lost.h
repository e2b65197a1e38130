/* What a host's own configuration does and the planned one would not.  No I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_ADVICE_LOST_H
#define ORCHESTRATOR_ROLLOUT_ADVICE_LOST_H

#include "orchestrator/rollout/advice/advice.h"

/* Something that the plan takes away, apart from what it replaces. */
struct plan_lost {
	const char *text; /* "refclock PPS /dev/pps0" */
	const char *file; /* where it stands on the host */
	unsigned line;
	const char *where; /* the key of site.yaml that can declare it; NULL: none */
	bool source;       /* @text is a source that is asked no longer */
};

/*
 * Find what the plan of a host takes away that timetier has not configured yet: on others the site
 * has declared all, and what a hand added since is told as such.
 *
 * @made: its lost and lost_count are filled, from @arena
 */
void plan_find_lost(const struct advice_input *input, struct arena *arena, struct host_plan *made);

#endif
