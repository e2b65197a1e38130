/* keys.yaml when servers come and go: which keys it lacks, and which of its keys nobody needs. */
#ifndef ORCHESTRATOR_TOPOLOGY_GROWTH_H
#define ORCHESTRATOR_TOPOLOGY_GROWTH_H

#include "orchestrator/topology/key_lines.h"

/* keys.yaml after a change, and what the operator is told of it. */
struct key_change {
	struct buf text;  /* keys.yaml; it holds secrets: key_change_done() wipes it */
	struct buf words; /* a line for each key: "  key 4: time1, time4"; of many the first ones */
	size_t count;     /* how many keys came or went */
};

/*
 * Write keys.yaml with a new key for each pair of servers of which one asks the other and which
 * share none.  Each key that is there stays as it is.
 *
 * @change: zeroed before
 * Returns 0, or -1 with @err set.
 */
int keys_grow(const struct topology *topology, key_random random, struct key_change *change,
    struct error *err) MUST_CHECK;

/* Write keys.yaml without the keys that nobody needs (key_is_needed()). */
void keys_shrink(const struct topology *topology, struct key_change *change);

/*
 * The hosts of the site that may ask with a key that keys_shrink() takes away, from @arena: those
 * that share it, and where one of these is no host of the site, all servers, because a server that
 * was renamed asks by its old key until it gets its new files.
 */
void keys_shrink_hosts(const struct topology *topology, struct arena *arena,
    const struct host ***hosts, size_t *count);

void key_change_done(struct key_change *change);

#endif
