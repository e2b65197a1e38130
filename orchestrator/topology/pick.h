/* Some of the site's hosts, as words of a command line name them.  Pure. */
#ifndef ORCHESTRATOR_TOPOLOGY_PICK_H
#define ORCHESTRATOR_TOPOLOGY_PICK_H

#include "orchestrator/topology/topology.h"

/*
 * Mark the hosts that @word names: a list, with commas, of hosts, tiers and client groups, each of
 * them perhaps a range (names_expand()).  Where one name is of two kinds, "host:core", "tier:core"
 * and "group:core" tell them apart.
 *
 * @picked: one for each host of @topology; those that are set stay so
 * Returns 0, or -1 with @err set: the first name that is none, and the nearest one that is.
 */
int topology_pick(
    struct topology *topology, const char *word, bool *picked, struct error *err) MUST_CHECK;

#endif
