/*
 * Waits until the site can do without a server that is about to be restarted.  Asks the servers of
 * quorum_hosts() for their state, again and again, until enough of them are healthy or the time is
 * up.
 */
#ifndef ORCHESTRATOR_ROLLOUT_GUARD_H
#define ORCHESTRATOR_ROLLOUT_GUARD_H

#include "orchestrator/rollout/health/quorum.h"
#include "orchestrator/rollout/looks.h"
#include "orchestrator/rollout/voters.h"

enum guard_answer {
	GUARD_GO,
	GUARD_REFUSED, /* words say why */
	GUARD_STOPPED, /* by guard_stop() */
};

/* guard_init() begins it, guard_free() ends it. */
struct guard {
	const struct host_owner *owner;
	const struct voters *voters; /* knows which servers got their agent in this rollout */
	struct looks looks;
	uv_timer_t *timer;
	struct rollout_host *host; /* that wants to restart; NULL: none */
	uint64_t deadline_ms;      /* by the loop's clock */
	bool stopped;
	char words[QUORUM_WORDS_BYTES];
	void *ctx;
	void (*answered)(void *ctx, struct rollout_host *host, enum guard_answer answer);
};

/* The caller sets @guard->voters and @guard->answered, which is called with each answer. */
void guard_init(struct guard *guard, const struct host_owner *owner);

/* Ask whether @host may be restarted; one at a time. */
void guard_ask(struct guard *guard, struct rollout_host *host);

/* Stop: a host that waits is answered GUARD_STOPPED. */
void guard_stop(struct guard *guard);

void guard_free(struct guard *guard);

#endif
