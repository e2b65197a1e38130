/*
 * Whether the machine stood still: a virtual machine that was paused, or that goes on from a
 * snapshot.  No clock of it ran meanwhile, so none of them tells.  This file does no I/O.
 *
 * What tells is the world outside: the sources by which the clock was right are ahead of it at
 * once, all by the same time.  So is the hardware clock, which the hypervisor keeps going.  Where
 * there is one, it must say so, too: else it may be the sources that are wrong.
 */
#ifndef AGENT_WITNESS_PAUSE_H
#define AGENT_WITNESS_PAUSE_H

#include "common/duration.h"
#include "daemons/daemon.h"

/* What the daemon said at one moment. */
struct cause_look {
	bool known;      /* it was asked and answered */
	int64_t boot_ns; /* CLOCK_BOOTTIME at the end of that look */
	int64_t rtc_ns;  /* RTC minus system clock at that look; INT64_MAX: not told */
	struct daemon_status status;
};

#define PAUSE_WORDS_BYTES 128

/* Whether @look shows a clock that is right: the daemon follows a source, and is near it. */
bool pause_is_right(const struct cause_look *look);

/*
 * How long the machine stood still between @right and @now.
 *
 * @right:    the latest look that pause_is_right(); NULL: there is none
 * @moved_ns: sum of the steps in between
 * @fresh_ns: sources are counted that were measured at most so long before @now
 * @words:    PAUSE_WORDS_BYTES bytes: who says so; set when the result is not 0
 *
 * Returns 0 where nothing tells of it.
 */
int64_t pause_find(const struct cause_look *right, const struct cause_look *now, int64_t moved_ns,
    int64_t fresh_ns, char *words);

#endif
