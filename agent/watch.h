/* Watches the clock of this host on the loop: told by the kernel at once, and looked at each
 * second. */
#ifndef AGENT_WATCH_H
#define AGENT_WATCH_H

#include "agent/step.h"
#include "common/error.h"

#include <uv.h>

struct watch;
typedef void (*watch_stepped)(struct watch *watch, int64_t step_ns);

/* watch_start() begins it, watch_stop() ends it. */
struct watch {
	struct step_detector detector;
	watch_stepped stepped;
	void *owner; /* for stepped's use */
	uv_timer_t second;
	uv_poll_t told;
	int timer_fd; /* -1: the kernel does not tell; the look each second remains */
};

/* Call @stepped at each step from now on. */
void watch_start(struct watch *watch, uv_loop_t *loop, watch_stepped stepped);

/* End it; the loop must run once more. */
void watch_stop(struct watch *watch);

#endif
