/* One host's way through a rollout, as a state machine on the loop. */
#ifndef ORCHESTRATOR_ROLLOUT_HOST_HOST_H
#define ORCHESTRATOR_ROLLOUT_HOST_HOST_H

#include "orchestrator/rollout/health/site_time.h"
#include "orchestrator/rollout/host/remote.h"
#include "orchestrator/rollout/host/request.h"

/* What the work on a host gets from its rollout, and whom it reports to. */
struct host_owner {
	const struct rollout_request *request;
	struct remote_settings remote;
	const struct site_voter *voters; /* what is known of the site's servers, by the loop's
					    clock; NULL: nothing */
	size_t voter_count;
	bool keep_links; /* links stay open from facts to apply */
	void *ctx;
	void (*moved)(void *ctx, struct rollout_host *host); /* the host is at another step */
	void (*over)(void *ctx, struct rollout_host *host);  /* what was started last has ended */
};

/*
 * Ask the host and plan; or, for ROLLOUT_UNLOCK, break its lock; or, for ROLLOUT_ERRAND, run its
 * command there.  over() is called once.
 */
void host_start_plan(struct rollout_host *host, const struct host_owner *owner);

/* Ask for the state of its daemon alone; facts.agent_status is the answer. */
void host_start_look(struct rollout_host *host, const struct host_owner *owner);

/* Carry out its plan. */
void host_start_apply(struct rollout_host *host, const struct host_owner *owner);

/* Copy the time in @report to `after` of @host. */
void host_keep_time(struct rollout_host *host, const struct report *report);

/* Free what only the work needed, if the work is over.  Never call it from within the work. */
void host_rest(struct rollout_host *host);

/* Close the link and free all memory. */
void host_done(struct rollout_host *host);

#endif
