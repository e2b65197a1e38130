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
	SIBLINGS_COMBINED, /* its daemon combines whoever agrees: a sibling that is led astray draws
			      it off its own sources */
	SIBLINGS_OUTVOTE,  /* they are as many as the sources outside: one half could bar the other
			    */
	SIBLINGS_UNEVEN,   /* some sources outside prove themselves, others do not, and the daemon
			      ranks by that: a sibling with its key would stand above the others */
	SIBLINGS_PREFERRED, /* one source outside has `prefer`: siblings beside it would need that
			       all have it */
};

/*
 * What siblings are to @host.
 *
 * @prefers:  its daemon can set sources outside above siblings, which then have no say
 * @by_proof: its daemon ranks sources that prove themselves above others, unless it is told not to
 */
enum siblings_use host_siblings_use(
    const struct topology *topology, const struct host *host, bool prefers, bool by_proof);

/*
 * Whether @host may follow @sibling, a server of its tier, where siblings help: those that are
 * declared before it, and the first ones of the tier, as many as the quorum.  So nobody can be led
 * by siblings alone but those that come after the first ones, by such as come before them: servers
 * that follow each other in a ring, which no daemon sees and which counts up in stratum until their
 * clients refuse them, cannot be.
 */
bool host_may_follow(const struct host *host, const struct host *sibling);

/*
 * Whether a daemon that ranks by proof must be told not to: @host may follow its siblings, and none
 * of its sources outside would stand beside their keys.  A chronyd that is not told
 * (`authselectmode mix`) requires those keys, and waits for a sibling, which waits for it.
 */
bool host_ignores_proof(const struct topology *topology, const struct host *host);

/*
 * Whether the numeric address @text is that of another server of @host's tier, and @host has
 * sources outside its tier as well: a tier that has nobody but itself has no siblings to speak of.
 */
bool host_is_sibling(const struct host *host, const char *text);

#endif
