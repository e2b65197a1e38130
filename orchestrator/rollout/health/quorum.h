/*
 * Whether the site can do without one of its servers for a moment: those that stay must be enough
 * for everybody who takes time from them.  Pure: what each says of itself is handed in.
 */
#ifndef ORCHESTRATOR_ROLLOUT_HEALTH_QUORUM_H
#define ORCHESTRATOR_ROLLOUT_HEALTH_QUORUM_H

#include "orchestrator/topology/topology.h"
#include "verdict/report.h"

#define QUORUM_HOSTS_MAX 256
#define QUORUM_WORDS_BYTES 256

/* How one of them is. */
struct quorum_view {
	const struct host *host;
	bool healthy;
	bool mute;      /* nobody could tell: there is no agent on it */
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
 * Judge @view->host by what it says of itself now: synchronised, within its offset budget, and
 * its error bound small enough for its clients.
 *
 * @report: NULL: it could not be asked
 */
void quorum_look(struct quorum_view *view, const struct report *report);

/*
 * Whether @host may be restarted.  It may when it is not healthy itself, because then nothing is
 * taken away; else when without it floor(n/2)+1 of the n servers of its tier are healthy, and of
 * every client's and lower tier's servers as many as their quorum.  Of n servers never more than
 * n - 1 are asked for: a tier of two could never be restarted otherwise.
 *
 * @views:   of quorum_hosts(); @host itself among them
 * @lenient: who has no agent (yet) is taken for healthy
 * @words:   QUORUM_WORDS_BYTES bytes: why not
 */
bool quorum_allows(const struct topology *topology, const struct host *host,
    const struct quorum_view *views, size_t count, bool lenient, char *words);

#endif
