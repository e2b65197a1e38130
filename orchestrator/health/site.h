/*
 * Judges what no host can tell alone: a source that several find wrong, a server that others
 * measure off, a tier that stands on one upstream or has too few good servers, a leap second of
 * which only some know.  No I/O.
 */
#ifndef ORCHESTRATOR_HEALTH_SITE_H
#define ORCHESTRATOR_HEALTH_SITE_H

#include "orchestrator/health/sights.h"

#define HEALTH_PACE_NS (5 * NS_PER_S)    /* the site is judged so often */
#define HEALTH_LEAP_NS (3600 * NS_PER_S) /* so long hosts may differ about a leap second */

/*
 * Judge servers, upstreams, tiers and the site.  The work grows with their number, not with that of
 * the hosts.  Each is judged when half of those who tell of it have told something new.
 */
void health_judge_site(struct conditions *conditions, struct sights *sights, int64_t now_ns);

#endif
