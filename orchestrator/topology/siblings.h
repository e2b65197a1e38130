/*
 * What the servers of a tier are to each other: whether they may follow one another, and how far.
 * doc/restart-scenarios.md, "Siblings", has what was measured.  No I/O.
 */
#ifndef ORCHESTRATOR_TOPOLOGY_SIBLINGS_H
#define ORCHESTRATOR_TOPOLOGY_SIBLINGS_H

#include "orchestrator/topology/topology.h"

/* Whether a server follows its siblings when its own sources are gone; all but the first: why not.
 */
enum siblings_use {
	SIBLINGS_HELP,
	SIBLINGS_NONE,      /* it has none, or no sources to lose */
	SIBLINGS_ORPHANS,   /* isolated: they have a way of their own, orphan mode */
	SIBLINGS_SYMMETRIC, /* `peer` lines: nobody has tried it */
	SIBLINGS_OUTVOTE,   /* they are as many as the sources outside: one half could bar the other
			     */
	SIBLINGS_RING,   /* they are more than the quorum, and its daemon has no ceiling: a ring of
			    them could count up until nobody is synchronised */
	SIBLINGS_UNEVEN, /* some sources outside prove themselves, others do not, and the daemon
			    ranks by that: a sibling with its key would stand above the others */
};

/*
 * What siblings are to @host.
 *
 * @ceiling:  its daemon can be told a stratum from which on it follows nobody
 * @by_proof: its daemon ranks sources that prove themselves above others, unless it is told not to
 */
enum siblings_use host_siblings_use(
    const struct topology *topology, const struct host *host, bool ceiling, bool by_proof);

/*
 * The stratum from which on a server of @tier follows nobody, so that servers that follow each
 * other in a ring do not count up: three above the highest stratum of its sources, where it is
 * known.
 */
unsigned tier_ceiling(const struct tier *tier);

/*
 * Whether the numeric address @text is that of another server of @host's tier, and @host has
 * sources outside its tier as well: a tier that has nobody but itself has no siblings to speak of.
 */
bool host_is_sibling(const struct host *host, const char *text);

#endif
