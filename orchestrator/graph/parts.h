/* The parts of a site that fail as one. */
#ifndef ORCHESTRATOR_GRAPH_PARTS_H
#define ORCHESTRATOR_GRAPH_PARTS_H

#include "orchestrator/graph/graph.h"

/*
 * Fill graph->parts, the largest first.  Of parts that take the same, one is kept.
 *
 * @operators: per upstream: who runs it
 */
void parts_find(struct graph *graph, const char *const *operators);

#endif
