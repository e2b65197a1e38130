/*
 * Finds out what became of a host whose run nobody saw to its end, from what the host remembers of
 * its last change and from its files as they are now.  No I/O: the caller asks the host.
 */
#ifndef ORCHESTRATOR_JOURNAL_SETTLE_H
#define ORCHESTRATOR_JOURNAL_SETTLE_H

#include "orchestrator/journal/journal.h"

/* What the host says of itself. */
struct settle_look {
	bool busy;             /* a change is at work on the host, or waits to be put back */
	const char *last_mark; /* of the run that changed the host last; NULL: not remembered */
	int64_t last_run;      /* the id of that run; 0: it is not in this journal */
	bool last_kept;        /* the last change is in place; else it was put back */
	/* Fills in what @path is on the host now; false: that is not known. */
	bool (*state)(const void *ctx, const char *path, struct journal_state *state);
	const void *ctx;
};

/* Returns SETTLED_OPEN when the host cannot tell (yet). */
enum settled settle(const struct journal_unknown *unknown, const struct settle_look *look);

/* Whether two states are the same: there or not, bytes, mode, owner, group.  @then has a hash, @now
 * bytes or a hash. */
bool settle_same(const struct journal_state *then, const struct journal_state *now);

#endif
