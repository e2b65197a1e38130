/*
 * What hosts had before timetier came, as the journal knows it: made into a run that is taken back.
 */
#ifndef ORCHESTRATOR_RUNS_RELEASE_PURGE_H
#define ORCHESTRATOR_RUNS_RELEASE_PURGE_H

#include "orchestrator/runs/replaced.h"

/*
 * Put together all that was done to @hosts: of each file of their daemons the state before the
 * first change and that after the last one; the daemon of before the first migration; and what
 * --disable-rivals switched off.  Where timetier had left a file that is not its own, as by an
 * earlier purge, it came anew with the next change.
 *
 * @hosts:    array of @count; what the journal has nothing of is left out of replaced->names
 * @replaced: zero-initialised; filled, also when -1 is returned: the caller ends it
 * Returns 0, or -1 with @err set: the journal no longer knows what was there before.
 */
int purge_find(struct replaced *replaced, struct journal *journal, const struct host *const *hosts,
    size_t count, struct error *err) MUST_CHECK;

/*
 * All that was done to the host @name as one change, as above; from @arena.
 *
 * @host: without files: nothing was done to its daemon
 * Returns 0, or -1 with @err set: the journal no longer knows what was there before.
 */
int purge_find_host(struct journal *journal, const char *name, struct arena *arena,
    struct journal_host *host, struct error *err) MUST_CHECK;

#endif
