/* What restart and refresh have in common: a rollout without files, and the proof afterwards. */
#ifndef ORCHESTRATOR_RUNS_RESTARTS_H
#define ORCHESTRATOR_RUNS_RESTARTS_H

#include "orchestrator/runs/job.h"

/*
 * Whether each name after --force is a host of this run: it is a promise that the operator has
 * looked.  Says which is not.
 */
bool restarts_forced_are_named(const struct job *job);

/*
 * Ask all hosts.  Nothing of what needs no restart waits for anything; restarts are begun only when
 * all that are due are safe.
 *
 * @check: only tell
 */
int refreshes_run(struct job *job, bool check);

/*
 * Ask all hosts; when none is refused, carry it out, and show what came of it.
 *
 * @prove: wait until each host's window has passed
 * Returns an enum exit_status.
 */
int restarts_run(struct job *job, bool prove);

#endif
