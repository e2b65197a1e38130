/* keys.yaml as text: a line for each key, and keys that are new.  No I/O. */
#ifndef ORCHESTRATOR_TOPOLOGY_KEY_LINES_H
#define ORCHESTRATOR_TOPOLOGY_KEY_LINES_H

#include "common/buf.h"
#include "orchestrator/topology/topology.h"

#define KEY_ID_MAX 65535 /* 16 bits in every daemon */

/* Fills @bytes with random bytes; returns 0, or -1 with errno set. */
typedef int (*key_random)(void *bytes, size_t len);

/* Makes new keys.  It begins after the highest number, so that no number is reused soon. */
struct key_maker {
	bool taken[KEY_ID_MAX + 1];
	unsigned last;
	key_random random;
};

/* Begin with the numbers of the keys of @topology. */
void key_maker_init(struct key_maker *maker, const struct topology *topology, key_random random);

/*
 * Give @key a number and a secret, and add its line to @text.
 *
 * @key: its type, hosts and state are set; its number is set, and its secret is only in @text
 * Returns 0, or -1 with @err set.
 */
int key_maker_add(struct key_maker *maker, struct symmetric_key *key, struct buf *text,
    struct error *err) MUST_CHECK;

/* Add the line of @key in keys.yaml to @text, which holds secrets: the caller wipes it. */
void key_line(const struct symmetric_key *key, struct buf *text);

/* Add the names of those who share @key to @text, as "time1, time4". */
void key_names(const struct symmetric_key *key, struct buf *text);

#endif
