/*
 * The only part of timetier that may set a clock: once per boot, while the daemon does not run,
 * when a quorum of sources agrees, and never to a time that cannot be true.
 */
#ifndef AGENT_FIRST_SET_FIRST_SET_H
#define AGENT_FIRST_SET_FIRST_SET_H

#include "common/error.h"

#include <stdbool.h>
#include <stdint.h>

struct first_set_options {
	const char *config; /* path of first-set.conf */
	bool force;         /* believe a quorum whatever it says, even in a boot with a stamp */
	bool dry_run;       /* judge, say, and change nothing */
};

#define FIRST_SET_GO_LATE 3 /* also the exit status of the program, for its unit */

/*
 * Ask, judge, set, verify; runs a loop of its own.  As a service (notify_is_wanted()) it reports
 * that it is ready when the clock is judged or after 60 s, and asks on until there is a quorum.  By
 * hand it gives up after those 60 s.  It starts no program, and gives up the rights to (confine.h).
 *
 * Returns 0 when the clock is right or was set, or when there is nobody to ask; FIRST_SET_GO_LATE
 * when the daemon must be stopped for first_set_late(); else 1, and the log says why; -1 with @err
 * set when it could not begin.
 */
int first_set_run(const struct first_set_options *options, struct error *err) MUST_CHECK;

/*
 * Do what first_set_run() left to do in its file first-set.late: set the clock.  The daemon must
 * be stopped.  Nothing is asked of the network, and like first_set_run() it gives up all other
 * rights: whoever stops and starts the daemon reads nothing of what it wrote.
 *
 * Returns 0 when that was done or there is no such file, -1 with @err set.
 */
int first_set_late(const char *config, struct error *err) MUST_CHECK;

/*
 * Do both as an operator asks for it, who is root: each in a process of its own.  This one stops
 * and starts the daemon between them, as ExecStopPost= of the unit does for the service.
 *
 * Returns as first_set_run() does.
 */
int first_set_by_hand(const struct first_set_options *options, struct error *err) MUST_CHECK;

/* Step CLOCK_REALTIME by @offset_ns. */
int first_set_clock(int64_t offset_ns, struct error *err) MUST_CHECK;

#endif
