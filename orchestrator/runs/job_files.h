/* What the hosts of a job should have, whoever says so: the site, or a run that is taken back. */
#ifndef ORCHESTRATOR_RUNS_JOB_FILES_H
#define ORCHESTRATOR_RUNS_JOB_FILES_H

#include "orchestrator/rollout/host/request.h"
#include "orchestrator/rollout/plan/program.h"

struct job_files {
	rollout_files daemon;      /* NULL: the daemon is left alone */
	rollout_agent_files agent; /* NULL: the agent is left alone */
	/* The daemon that a host had before and shall have again; NULL: the declared one. */
	const char *(*former)(void *ctx, const struct host *host);
	void *ctx;                             /* of all three */
	const struct agent_programs *programs; /* the agent's; none: that of the host stays */
};

#endif
