/* Decides in which order hosts are worked on.  This file does no I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_ORDER_H
#define ORCHESTRATOR_ROLLOUT_PLAN_ORDER_H

#include "orchestrator/topology/topology.h"

struct order_member {
	const struct host *host;
	const char *kind; /* the name of its daemon's driver */
	unsigned wave;    /* filled: from 1; the members of a wave may be worked on at once */
};

/*
 * Servers come one by one, tier by tier, from the upstreams down.  In each tier, the first server
 * of a kind of daemon that no earlier server has comes before the others, as a canary.  Then comes
 * a wave of client canaries, one client of each kind; then the other clients, in batches.
 *
 * @rollout: batch sizes
 * Returns the number of waves.
 */
unsigned order_waves(
    const struct rollout_settings *rollout, struct order_member *members, size_t count);

#endif
