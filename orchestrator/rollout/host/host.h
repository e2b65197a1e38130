/* One host's way through a rollout, as a state machine on the loop. */
#ifndef ORCHESTRATOR_ROLLOUT_HOST_HOST_H
#define ORCHESTRATOR_ROLLOUT_HOST_HOST_H

#include "orchestrator/rollout/host/remote.h"
#include "orchestrator/rollout/host/request.h"

/* Whom a host's work reports to. */
struct host_owner {
	const struct rollout_request *request;
	struct remote_settings remote;
	const char *agent_hash; /* of the program to be there; NULL: none */
	bool keep_links;        /* from facts to apply */
	void *ctx;
	void (*moved)(void *ctx, struct rollout_host *host); /* another step */
	void (*over)(void *ctx, struct rollout_host *host);  /* of what was started last */
};

/* Ask the host and plan; over() is called once, from the loop. */
void host_start_plan(struct rollout_host *host, const struct host_owner *owner);

/* Ask how its daemon is, and nothing else: facts.agent_status tells. */
void host_start_look(struct rollout_host *host, const struct host_owner *owner);

/* Carry out its plan. */
void host_start_apply(struct rollout_host *host, const struct host_owner *owner);

/* Keep what its agent told for `after`. */
void host_keep_time(struct rollout_host *host, const struct report *report);

/* Let go of what only its work needed, when that is over; never from within it. */
void host_rest(struct rollout_host *host);

/* Let go of the link and of all memory. */
void host_done(struct rollout_host *host);

#endif
