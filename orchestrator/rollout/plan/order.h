/* In which order hosts are worked on.  Pure. */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_ORDER_H
#define ORCHESTRATOR_ROLLOUT_PLAN_ORDER_H

#include "orchestrator/topology/topology.h"

struct order_member {
	const struct host *host;
	const char *kind; /* the name of its daemon's driver */
	unsigned wave;    /* filled: from 1; the members of a wave may be worked on at once */
};

/*
 * Servers come one by one, tiers from the upstreams down, in each tier first one of each kind of
 * daemon that no server before it has; then one client of each kind together, as canaries; then
 * the other clients in batches.
 *
 * @rollout: batch sizes
 * Returns the number of waves.
 */
unsigned order_waves(
    const struct rollout_settings *rollout, struct order_member *members, size_t count);

#endif
