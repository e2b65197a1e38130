/* The collector: it takes reports, judges the fleet and keeps its past.  The code that shows this
 * to people (orchestrator/publish/) reads this struct and changes nothing in it. */
#ifndef ORCHESTRATOR_COLLECT_COLLECTOR_H
#define ORCHESTRATOR_COLLECT_COLLECTOR_H

#include "orchestrator/collect/fleet.h"
#include "orchestrator/collect/listen.h"
#include "orchestrator/collect/names.h"
#include "orchestrator/collect/receive.h"
#include "orchestrator/collect/store.h"
#include "orchestrator/collect/watch.h"
#include "orchestrator/identity/identity.h"
#include "orchestrator/measured/asker.h"
#include "orchestrator/topology/topology.h"

struct collector {
	uv_loop_t *loop;
	uv_timer_t tick;
	struct topology *topology; /* owned */
	char *folder;              /* of the state; owned */
	struct identity identity;
	bool identity_fails; /* the last look for revoked tokens failed */
	struct fleet fleet;
	struct watch watch; /* what is wrong now */
	struct names names;
	struct asker *asker; /* asks the hosts that are not managed */
	struct store *store;
	struct receiver *receiver;
	struct endpoint listen; /* where reports are taken */
	int lock_fd;            /* of the state folder: one collector at a time */
	int64_t started_ns;     /* by the boot clock */
	uint64_t ticks;
	bool history_fails; /* the last attempt to write the history failed */
	uint64_t history_errors;
	uint64_t taken[FLEET_UNKNOWN + 1]; /* number of reports by enum fleet_take */
};

/*
 * Open the state and start to listen.
 *
 * @topology:     owned by the collector from then on; on failure it is freed
 * @state_folder: holds the identity and history.db; made when it is not there
 */
int collector_start(struct collector *collector, uv_loop_t *loop, struct topology **topology,
    const char *state_folder, const struct endpoint *listen, struct error *err) MUST_CHECK;

/* Go on with @topology, and own it.  What is known of hosts that are in both sites is kept. */
void collector_use(struct collector *collector, struct topology **topology);

/*
 * Stop, and write to the disk what is not there yet.  When this returns, handles are still closing:
 * run the loop until none is left, then call collector_done().
 */
void collector_stop(struct collector *collector);
void collector_done(struct collector *collector);

#endif
