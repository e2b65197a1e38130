/* Asks upstreams from this host, and shakes hands with those that have NTS, all on one loop. */
#ifndef ORCHESTRATOR_PROBE_HERE_H
#define ORCHESTRATOR_PROBE_HERE_H

#include "orchestrator/probe/asked.h"
#include "orchestrator/probe/round.h"

#include <uv.h>

/* Who wants to know how far it is. */
struct probe_watcher {
	void (*tell)(void *ctx, size_t done, size_t all); /* addresses */
	void *ctx;
};

/*
 * Ask all of @views, an array of @count, within the ration of @asked, in which each question is
 * booked before it is put.
 *
 * @watcher: told now and then; NULL: nobody wants to know
 */
void probe_here(uv_loop_t *loop, const struct probe_how *how, struct probe_view *views,
    size_t count, struct asked *asked, const struct probe_watcher *watcher);

#endif
