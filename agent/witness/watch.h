/*
 * Watches the clock of this host on the loop: the kernel tells at once when the clock is set, and
 * the clock is read each second.
 */
#ifndef AGENT_WITNESS_WATCH_H
#define AGENT_WITNESS_WATCH_H

#include "agent/witness/step.h"
#include "common/error.h"

#include <uv.h>

struct watch;

/* What the watch calls. */
struct watch_calls {
	void (*stepped)(struct watch *watch, const struct step_seen *seen);
	/* The kernel told that the clock was set, and the clock is where it was. */
	void (*touched)(struct watch *watch);
	/* Each second, after the look at the clock. */
	void (*second)(struct watch *watch, const struct clock_reading *reading);
};

/* watch_start() begins it, watch_stop() ends it. */
struct watch {
	struct step_detector detector;
	struct watch_calls calls;
	void *owner; /* for the calls' use */
	uv_timer_t second;
	uv_poll_t told;
	int timer_fd; /* -1: the kernel does not tell; the look each second remains */
};

/* Watch from now on.  None of @calls is called before this returns. */
void watch_start(struct watch *watch, uv_loop_t *loop, const struct watch_calls *calls);

/* End it; the loop must run once more. */
void watch_stop(struct watch *watch);

#endif
