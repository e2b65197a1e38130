/*
 * What became of a host whose run nobody saw to its end: from what the host remembers of its last
 * change, and from what its files are now.  Pure.
 */
#ifndef ORCHESTRATOR_JOURNAL_SETTLE_H
#define ORCHESTRATOR_JOURNAL_SETTLE_H

#include "orchestrator/journal/journal.h"

/* What a host tells of itself. */
struct settle_look {
	bool busy;             /* a change is at work there, or waits to be put back */
	const char *last_mark; /* of the run that changed it last; NULL: it does not remember */
	int64_t last_run;      /* that run's id in this journal; 0: it is not of it */
	bool last_kept;        /* that change is in place, else it was put back */
	/* What @path is there now; false: that is not known. */
	bool (*state)(const void *ctx, const char *path, struct journal_state *state);
	const void *ctx;
};

/* SETTLED_OPEN: the host cannot tell yet. */
enum settled settle(const struct journal_unknown *unknown, const struct settle_look *look);

/* Whether they are the same: there or not, bytes, mode and owner.  @now has bytes or a hash. */
bool settle_same(const struct journal_state *then, const struct journal_state *now);

#endif
