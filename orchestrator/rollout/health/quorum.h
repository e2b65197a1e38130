/*
 * Judges whether the site can do without one of its servers for a moment: the servers that stay
 * must be enough for everybody who takes time from them.  No I/O: the caller hands in the reports
 * of the servers.
 */
#ifndef ORCHESTRATOR_ROLLOUT_HEALTH_QUORUM_H
#define ORCHESTRATOR_ROLLOUT_HEALTH_QUORUM_H

#include "orchestrator/topology/topology.h"
#include "verdict/report.h"

#define QUORUM_HOSTS_MAX 256
#define QUORUM_WORDS_BYTES 256

/* The state of one server. */
struct quorum_view {
	const struct host *host;
	bool healthy;
	bool mute;      /* its state is not known: it has no agent */
	bool over;      /* not healthy, because its clock is not within its budget */
	bool fresh;     /* it has an agent since this rollout */
	char words[96]; /* why it is not healthy */
};

/*
 * The servers that decide whether @host may be restarted, itself first: those of its tier, and
 * those that share a client group or a lower tier with it.
 *
 * Returns how many, at most @max.
 */
size_t quorum_hosts(
    const struct topology *topology, const struct host *host, const struct host **list, size_t max);

/*
 * Judge whether @view->host is healthy: synchronised, within its offset budget, and its error bound
 * small enough for its clients.
 *
 * @report: what the host says of itself now; NULL: it could not be asked
 */
void quorum_look(struct quorum_view *view, const struct report *report);

/*
 * Whether @host may be restarted.  A host that is not healthy may: nothing is lost.  A healthy host
 * may when two things hold without it.  Of the n servers of its tier, floor(n/2)+1 are healthy.
 * And of the sources of every client group and lower tier that takes time from it, as many as
 * their quorum are healthy; an outside source counts as healthy, and so does a server that is not
 * managed, which nobody here restarts.  Of n servers never more than
 * n - 1 are required: otherwise a tier of two could never be restarted.
 *
 * @views:   of quorum_hosts(); @host itself among them
 * @lenient: a server that has no agent (yet) counts as healthy; so does one that got it in this
 *           rollout and is over its budget: its clock was off before, or the change would not have
 *           been kept, and nothing was lost
 * @words:   QUORUM_WORDS_BYTES bytes: why not
 */
bool quorum_allows(const struct topology *topology, const struct host *host,
    const struct quorum_view *views, size_t count, bool lenient, char *words);

#endif
