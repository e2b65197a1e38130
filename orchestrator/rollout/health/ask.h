/* Asks hosts over UDP what they answer (access.h), all at once, on the loop. */
#ifndef ORCHESTRATOR_ROLLOUT_HEALTH_ASK_H
#define ORCHESTRATOR_ROLLOUT_HEALTH_ASK_H

#include "orchestrator/rollout/health/access.h"

#include <uv.h>

struct ask;

struct ask_settings {
	uv_loop_t *loop;
	unsigned port;                    /* 0: 123 */
	const struct host *host;          /* asked everything, at each of its addresses */
	const struct host *const *others; /* asked for the time */
	size_t other_count;
	void *ctx;
	void (*done)(void *ctx);
};

/*
 * Ask, and call @settings->done once, from the loop, within two seconds.  The caller ends it by
 * ask_free(), at any time.
 */
struct ask *ask_start(const struct ask_settings *settings);

/* What was seen so far, @count of them; kept until ask_free(). */
const struct access_seen *ask_seen(const struct ask *ask, size_t *count);

void ask_free(struct ask *ask);

#endif
