/*
 * Hands to orchestrator/health/ what the fleet knows: each report as it comes, silence as time
 * passes, and the site at its own pace.  No I/O.
 */
#ifndef ORCHESTRATOR_COLLECT_WATCH_H
#define ORCHESTRATOR_COLLECT_WATCH_H

#include "orchestrator/collect/fleet.h"
#include "orchestrator/collect/names.h"
#include "orchestrator/health/sights.h"

struct watch {
	struct conditions conditions; /* what is wrong now */
	struct sights sights;
	int64_t paced_ns; /* when the site was judged last */
};

/* @topology outlives the watch. */
void watch_init(struct watch *watch, const struct topology *topology, int64_t now_ns);
void watch_done(struct watch *watch);

/* Go on with another topology, for which @fleet and @names are already. */
void watch_replace(struct watch *watch, const struct topology *topology, const struct fleet *fleet,
    const struct names *names);

/* Judge @row, whose latest report is new. */
void watch_take(struct watch *watch, const struct fleet *fleet, const struct names *names,
    const struct fleet_host *row, int64_t now_ns);

/* Once a second: judge who is silent, and now and then the site. */
void watch_tick(struct watch *watch, const struct fleet *fleet, int64_t now_ns);

#endif
