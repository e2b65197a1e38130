/* The collector: reports come in, the fleet is judged, the past is kept.  What shows it to people
 * (orchestrator/publish/) reads this struct and changes nothing in it. */
#ifndef ORCHESTRATOR_COLLECT_COLLECTOR_H
#define ORCHESTRATOR_COLLECT_COLLECTOR_H

#include "orchestrator/collect/fleet.h"
#include "orchestrator/collect/listen.h"
#include "orchestrator/collect/names.h"
#include "orchestrator/collect/receive.h"
#include "orchestrator/collect/store.h"
#include "orchestrator/identity/identity.h"
#include "orchestrator/topology/topology.h"

struct collector {
	uv_loop_t *loop;
	uv_timer_t tick;
	struct topology *topology; /* owned */
	struct identity identity;
	struct fleet fleet;
	struct names names;
	struct store *store;
	struct receiver *receiver;
	struct endpoint listen; /* where reports are taken */
	int lock_fd;            /* of the state folder: one collector at a time */
	int64_t started_ns;     /* by the boot clock */
	uint64_t ticks;
	bool history_fails; /* the last attempt to write it did */
	uint64_t history_errors;
	uint64_t taken[FLEET_UNKNOWN + 1]; /* reports by what became of them */
};

/*
 * Open the state and start to listen.
 *
 * @topology:     taken over, also on failure (then freed)
 * @state_folder: holds the identity and history.db; made when it is not there
 */
int collector_start(struct collector *collector, uv_loop_t *loop, struct topology **topology,
    const char *state_folder, const struct endpoint *listen, struct error *err) MUST_CHECK;

/* Go on with another topology; what is known of hosts that both have is kept.  Takes it over. */
void collector_use(struct collector *collector, struct topology **topology);

/*
 * Stop, with what is known on disk.  Handles are closing when it returns: run the loop until
 * nothing is left, then collector_done().
 */
void collector_stop(struct collector *collector);
void collector_done(struct collector *collector);

#endif
