/* What the hosts of a job should have, whoever says so: the site, or a run that is taken back. */
#ifndef ORCHESTRATOR_RUNS_JOB_FILES_H
#define ORCHESTRATOR_RUNS_JOB_FILES_H

#include "orchestrator/rollout/host/request.h"

struct job_files {
	rollout_files daemon; /* NULL: the daemon is left alone */
	rollout_files agent;  /* NULL: the agent is left alone */
	void *ctx;            /* of both */
	const char *program;  /* the bytes of the agent's program; NULL: that of the host stays */
	size_t program_len;
};

#endif
