/* Asks hosts how they are, several at once: whose daemon follows whom, and how well. */
#ifndef ORCHESTRATOR_ROLLOUT_LOOKS_H
#define ORCHESTRATOR_ROLLOUT_LOOKS_H

#include "orchestrator/rollout/host/host.h"

/* Zero-initialise it; looks_done() ends it. */
struct looks {
	struct host_owner owner;
	struct rollout_host *hosts; /* of this round; their facts hold what they told */
	size_t count, next;
	unsigned parallel, at_work;
	void *ctx;
	void (*done)(void *ctx);
};

/*
 * Ask @hosts and call @done once, perhaps before this returns.  Not while it is at work.  What the
 * round before told is gone.
 *
 * @owner: of the rollout whose settings are used; copied
 */
void looks_start(struct looks *looks, const struct host_owner *owner,
    const struct host *const *hosts, size_t count);

/* What @host told; NULL: nothing, or nobody asked it. */
const struct report *looks_report(const struct looks *looks, const struct host *host);

/* Whether it answered, and has no agent that could tell. */
bool looks_is_mute(const struct looks *looks, const struct host *host);

void looks_done(struct looks *looks);

#endif
