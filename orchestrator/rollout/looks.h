/* Asks several hosts at once for the state of their daemons: which source they follow, how well. */
#ifndef ORCHESTRATOR_ROLLOUT_LOOKS_H
#define ORCHESTRATOR_ROLLOUT_LOOKS_H

#include "orchestrator/rollout/host/host.h"

/* Zero-initialise it; looks_done() ends it. */
struct looks {
	struct host_owner owner;
	struct rollout_host *hosts; /* of this round; their facts hold the answers */
	size_t count, next;
	unsigned parallel, at_work;
	void *ctx;
	void (*done)(void *ctx);
};

/*
 * Ask @hosts, and call done() once, perhaps before this returns.  Do not call it while a round is
 * at work.  The answers of the round before are freed.
 *
 * @owner: the settings of the rollout; copied
 */
void looks_start(struct looks *looks, const struct host_owner *owner,
    const struct host *const *hosts, size_t count);

/* The report of @host; NULL: it gave none, or was not asked. */
const struct report *looks_report(const struct looks *looks, const struct host *host);

/* Whether @host answered, but has no agent that could report. */
bool looks_is_mute(const struct looks *looks, const struct host *host);

void looks_done(struct looks *looks);

#endif
