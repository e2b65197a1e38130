/* Waits for the end of a process of anybody, and takes no time until then. */
#ifndef AGENT_HOST_VIGIL_H
#define AGENT_HOST_VIGIL_H

#include "common/base.h"

#include <sys/types.h>
#include <uv.h>

struct vigil;
typedef void (*vigil_ended)(struct vigil *vigil);

/* Zero-initialise it. */
struct vigil {
	void *owner; /* for ended's use */
	pid_t pid;   /* whose end is waited for; 0: nobody's */
	vigil_ended ended;
	uv_poll_t poll;
	int fd;
	bool closing; /* the handle is not closed yet */
};

/*
 * Wait for the end of process @pid, and call @ended once, then; whoever was waited for before is
 * left.  The process must be the one that is meant: look at it again afterwards.
 *
 * Returns false when it cannot be done: the kernel is older than 5.3, it is forbidden, there is no
 * such process, or the one before was left just now.
 */
bool vigil_begin(struct vigil *vigil, uv_loop_t *loop, pid_t pid, vigil_ended ended);

/* Wait no longer; the loop must run once more. */
void vigil_end(struct vigil *vigil);

#endif
