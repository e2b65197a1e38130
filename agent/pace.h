/* When to report: once per interval, at a phase that differs from host to host.  No I/O. */
#ifndef AGENT_PACE_H
#define AGENT_PACE_H

#include "common/base.h"

/*
 * Returns the first instant after @now_ns at which @host reports.
 *
 * @now_ns:      CLOCK_BOOTTIME, as is the result
 * @interval_ns: positive
 */
int64_t pace_next_ns(const char *host, int64_t now_ns, int64_t interval_ns);

/*
 * Returns the interval between reports, @age_ns after the agent's start.  In the first 3 minutes it
 * is at most 16 s: a rollout may watch the host then, and the daemon settles.
 */
int64_t pace_interval_ns(int64_t age_ns, int64_t interval_ns);

#endif
