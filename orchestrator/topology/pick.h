/* Picks the hosts of the site that a word of a command line names.  No I/O. */
#ifndef ORCHESTRATOR_TOPOLOGY_PICK_H
#define ORCHESTRATOR_TOPOLOGY_PICK_H

#include "orchestrator/topology/topology.h"

/*
 * Mark the hosts that @word names: a list, with commas, of hosts, tiers and client groups, each a
 * name or a range (names_expand()).  Where a host, a tier or a group share a name, the operator
 * writes "host:core", "tier:core" or "group:core".
 *
 * @picked: one for each host of @topology; only sets elements, never clears them
 * Returns 0, or -1 with @err set: the first bad range, ambiguous name or unknown name (and the
 * nearest known one).
 */
int topology_pick(
    struct topology *topology, const char *word, bool *picked, struct error *err) MUST_CHECK;

#endif
