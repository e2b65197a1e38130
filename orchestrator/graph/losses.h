/* Which losses take a tier below its quorum. */
#ifndef ORCHESTRATOR_GRAPH_LOSSES_H
#define ORCHESTRATOR_GRAPH_LOSSES_H

#include "orchestrator/graph/graph.h"

/* Lose the parts of @graph one by one, then two by two, and fill the losses of its tiers. */
void losses_find(struct graph *graph);

#endif
