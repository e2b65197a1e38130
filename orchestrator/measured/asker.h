/*
 * Asks the site's own hosts that are not managed for the time, round after round, and nobody else:
 * three questions, two seconds apart, once a minute.  Bounded: at most 128 hosts are asked at once.
 * A host that refuses (a kiss-o'-death) is left alone for a quarter of an hour.
 */
#ifndef ORCHESTRATOR_MEASURED_ASKER_H
#define ORCHESTRATOR_MEASURED_ASKER_H

#include "measure/measure.h"

struct topology;
struct asker;

/* Takes what a round told of the host with the index @host of the topology. */
typedef void (*asker_take)(void *ctx, size_t host, const struct measure_target *target);

/* @port: 0: 123, which is what all but tests ask */
struct asker *asker_new(uv_loop_t *loop, uint16_t port, asker_take take, void *ctx);

/* From now on ask the hosts of @topology, which stays; what was asked before is not taken. */
void asker_use(struct asker *asker, const struct topology *topology);

/* Begin the rounds that are due at @now_ns; to be called about once a second. */
void asker_tick(struct asker *asker, int64_t now_ns);

/* Ask nobody any more.  Handles are still closing: run the loop until none is left. */
void asker_stop(struct asker *asker);

/* After that. */
void asker_free(struct asker *asker);

#endif
