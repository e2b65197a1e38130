/*
 * Whether hosts trust the identity of the state folder.  A folder that was lost, or is that of
 * another clone, would else give every agent the key of a collector that nobody runs.
 */
#ifndef ORCHESTRATOR_RUNS_TRUST_H
#define ORCHESTRATOR_RUNS_TRUST_H

#include "orchestrator/runs/job.h"

/*
 * After the plan, of a job that writes agent.conf: whether the site's collector has another key
 * than the state folder, or hosts have, and not fewer than have its key; where the operator said
 * --new-identity, nobody asks.  Then it has been told on stderr, and nothing may be done:
 * EXIT_IDENTITY.
 */
bool trust_refuses(const struct job *job);

/* After hosts were changed: some may have the identity now. */
void trust_keep(const struct job *job);

#endif
