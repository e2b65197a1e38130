/*
 * How one key replaces another in keys.yaml: which phase the file is in, and the text of the next
 * phase.  No I/O: the caller reads and writes the file and supplies random numbers.
 *
 *	old key   used     used      leaving   gone
 *	new key   withdrawn coming   used      used
 *	phase     withdraw  learn    use       forget
 *
 * Two hosts understand each other when they are in the same phase or in neighbouring phases.  So
 * the file goes to the next phase only when every host is in the present one; then hosts may follow
 * in any order, and the run may be interrupted anywhere.  A key that no host may know any more
 * stays in the file until every host has forgotten it.
 */
#ifndef ORCHESTRATOR_TOPOLOGY_ROTATION_H
#define ORCHESTRATOR_TOPOLOGY_ROTATION_H

#include "orchestrator/topology/key_lines.h"

enum rotation_phase {
	ROTATION_NONE, /* no key is replaced */
	ROTATION_WITHDRAW,
	ROTATION_LEARN,
	ROTATION_USE,
	ROTATION_FORGET,
};

/* The name of @phase, as "learn". */
const char *rotation_phase_name(enum rotation_phase phase);

/* The phase of @key and key->other; ROTATION_NONE: there is no other key. */
enum rotation_phase rotation_phase_of(const struct symmetric_key *key);

/*
 * The phase of the site: that of the pair of keys that is furthest behind, or ROTATION_NONE.
 *
 * @back: the rotation goes back, so the highest phase is furthest behind; otherwise the lowest
 */
enum rotation_phase rotation_phase(const struct topology *topology, bool back);

/* Which keys are replaced, and where the random numbers of the new keys come from. */
struct rotation_choice {
	const struct host *const *hosts; /* every key that one of these hosts shares is replaced */
	size_t host_count;               /* 0: every key */
	key_random random;
};

/*
 * The hosts that share a key that is being replaced, in the order of the site.
 *
 * @choice: NULL; else the hosts that share a key that rotation_begin() would replace with @choice
 * @hosts:  from @arena
 */
void rotation_hosts(const struct topology *topology, const struct rotation_choice *choice,
    struct arena *arena, const struct host ***hosts, size_t *count);

/*
 * Write keys.yaml with a new key (KEY_COMING) after each key of @choice that is used and is not
 * being replaced yet.
 *
 * @text: keys.yaml is added; it holds secrets, so the caller wipes it
 * @made: how many keys are new
 * Returns 0, or -1 with @err set.
 */
int rotation_begin(const struct topology *topology, const struct rotation_choice *choice,
    struct buf *text, size_t *made, struct error *err) MUST_CHECK;

/*
 * Write keys.yaml with each pair that is furthest behind moved one phase on, or one back.
 *
 * @text: as for rotation_begin()
 */
void rotation_step(const struct topology *topology, bool back, struct buf *text);

#endif
