/*
 * The way from one key to the next, as keys.yaml tells it: what it says now, and what it says
 * next.  Pure: the caller reads and writes the file, and has random numbers.
 *
 *	old key   used     used      leaving   gone
 *	new key   withdrawn coming   used      used
 *	phase     withdraw  learn    use       forget
 *
 * Two hosts of which one is a phase ahead of the other understand each other.  So a phase is
 * written only when every host is in the one before; then it does not matter who comes first, nor
 * where it is interrupted.  A key that no host may know any more stays in the file until every host
 * has forgotten it.
 */
#ifndef ORCHESTRATOR_TOPOLOGY_ROTATION_H
#define ORCHESTRATOR_TOPOLOGY_ROTATION_H

#include "common/buf.h"
#include "orchestrator/topology/topology.h"

enum rotation_phase {
	ROTATION_NONE, /* no key is replaced */
	ROTATION_WITHDRAW,
	ROTATION_LEARN,
	ROTATION_USE,
	ROTATION_FORGET,
};

/* "learn" */
const char *rotation_phase_name(enum rotation_phase phase);

/* The phase of @key and the other one of its hosts; ROTATION_NONE: it has no other. */
enum rotation_phase rotation_phase_of(const struct symmetric_key *key);

/*
 * The phase that the keys of the site are in: that of those furthest behind.
 *
 * @back: in which direction that is
 */
enum rotation_phase rotation_phase(const struct topology *topology, bool back);

/* Random bytes: 0, or -1 with errno set. */
typedef int (*rotation_random)(void *bytes, size_t len);

/* For whom there are new keys, and where they come from. */
struct rotation_choice {
	const struct host *const *hosts; /* those who share a key with one of these */
	size_t host_count;               /* 0: everybody */
	rotation_random random;
};

/*
 * The hosts that share a key which is replaced, in the order of the site.
 *
 * @choice: NULL, or whose keys rotation_begin() would replace: the hosts that share these
 * @hosts:  from @arena
 */
void rotation_hosts(const struct topology *topology, const struct rotation_choice *choice,
    struct arena *arena, const struct host ***hosts, size_t *count);

/*
 * keys.yaml with a new key, coming, beside each one of @choice that is not being replaced.
 *
 * @text: holds secrets from now on: wipe it
 * @made: how many new ones there are
 * Returns 0, or -1 with @err set.
 */
int rotation_begin(const struct topology *topology, const struct rotation_choice *choice,
    struct buf *text, size_t *made, struct error *err) MUST_CHECK;

/* keys.yaml with the keys that are furthest behind one step on, or back; @text: as above. */
void rotation_step(const struct topology *topology, bool back, struct buf *text);

/* The line of one key. */
void rotation_key_line(const struct symmetric_key *key, struct buf *text);

#endif
