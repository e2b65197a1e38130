/* For tests of the graph: one site, loaded from its text, and the graph of it. */
#ifndef TESTS_FAKE_GRAPH_H
#define TESTS_FAKE_GRAPH_H

#include "orchestrator/graph/graph.h"

extern struct topology fake_topology;
extern struct graph fake_graph;

/*
 * Load the site @text, which must be sound, and make its graph; fails the test otherwise.
 *
 * @seen: what its upstreams said, one each; NULL: nothing was seen
 */
void graph_load(const char *text, const struct graph_seen *seen);

void graph_unload(void);

#endif
