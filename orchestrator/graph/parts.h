/* The parts of a site that fail as one. */
#ifndef ORCHESTRATOR_GRAPH_PARTS_H
#define ORCHESTRATOR_GRAPH_PARTS_H

#include "orchestrator/graph/graph.h"

/*
 * Fill graph->parts, the largest first.  Of parts that take the same, one is kept.
 *
 * @operators: per upstream: who runs it
 * @seen:      per upstream: what it said of itself; or NULL
 */
void parts_find(struct graph *graph, const char *const *operators, const struct graph_seen *seen);

#endif
