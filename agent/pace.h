/* When to report: on a grid of the interval, which begins elsewhere for each host.  Pure. */
#ifndef AGENT_PACE_H
#define AGENT_PACE_H

#include "common/base.h"

/*
 * The first instant after @now_ns on the grid of @host.
 *
 * @now_ns:      CLOCK_BOOTTIME, as is the result
 * @interval_ns: positive
 */
int64_t pace_next_ns(const char *host, int64_t now_ns, int64_t interval_ns);

/*
 * How often to report, @age_ns after the agent's start: for its first minutes, in which a rollout
 * is watched and the daemon settles, no less often than a server does.
 */
int64_t pace_interval_ns(int64_t age_ns, int64_t interval_ns);

#endif
