/* `check --what-if`: what is left of the site's time when parts of it go. */
#ifndef ORCHESTRATOR_SHOW_WHAT_IF_H
#define ORCHESTRATOR_SHOW_WHAT_IF_H

#include "orchestrator/graph/graph.h"

#include <jansson.h>

/*
 * Print @graph to stdout: a block for each tier.
 *
 * @probed_ns: when the upstreams were probed, real time; 0: never
 */
void what_if_print(const struct graph *graph, int64_t probed_ns);

/*
 * @graph as { parts, examined: { single, pair }, tiers: [{ tier, depth, stratum, servers, sources,
 * upstreams, operators, quorum, survives: { wrong, wrong_at_start, silent }, losses: { single:
 * { count, list: [{ parts: [{ kind, name, upstreams, servers }], effect, sources_left,
 * servers_left, because_above }] }, pair: ... }, day_2012: { operator, wrong, outcome, text } }] };
 * beside `tiers` is `probed_at`.  A member that is not known is null.  Returns a new reference.
 */
json_t *what_if_json(const struct graph *graph, int64_t probed_ns);

#endif
