/* Asks upstreams from this host, and shakes hands with those that have NTS, all on one loop. */
#ifndef ORCHESTRATOR_PROBE_HERE_H
#define ORCHESTRATOR_PROBE_HERE_H

#include "orchestrator/probe/asked.h"
#include "orchestrator/probe/round.h"

#include <uv.h>

/*
 * Ask all of @views, an array of @count, within the ration of @asked, in which each question is
 * booked before it is put.
 *
 * @tell: called when @done of all addresses were asked; NULL: nobody wants to know
 */
void probe_here(uv_loop_t *loop, const struct probe_how *how, struct probe_view *views,
    size_t count, struct asked *asked, void (*tell)(size_t done, size_t all));

#endif
