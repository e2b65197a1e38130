/* Runs a command of the agent on one host by SSH, for commands that look at the site from there. */
#ifndef ORCHESTRATOR_RUNS_ERRAND_H
#define ORCHESTRATOR_RUNS_ERRAND_H

#include "common/buf.h"
#include "orchestrator/cli/rollout_options.h"
#include "orchestrator/rollout/host/request.h"

struct errand_request {
	const char *command; /* "audit": begins the lines of progress */
	const struct topology *topology;
	const struct rollout_options *options; /* how hosts are reached */
	const char *from; /* a host of the site, or user@host[:port], which need not be one */
	const struct errand *errand;
};

/*
 * Do it, and wait for its end.
 *
 * @said: what the command printed: bytes of a host, not trusted
 * Returns 0, or -1 with @err set: no such host, not reached, or the agent is not there.
 */
int errand_run(
    const struct errand_request *request, struct buf *said, struct error *err) MUST_CHECK;

#endif
