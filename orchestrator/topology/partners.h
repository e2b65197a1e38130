/* Which hosts ask each other for the time, and which of them share a key.  No I/O. */
#ifndef ORCHESTRATOR_TOPOLOGY_PARTNERS_H
#define ORCHESTRATOR_TOPOLOGY_PARTNERS_H

#include "orchestrator/topology/topology.h"

/* Whether @asker asks @server: as one of its sources, or as a server of its own tier. */
bool host_asks(const struct host *asker, const struct host *server);

/* Whether @key serves for anything: of two hosts that share it, one asks the other. */
bool key_is_needed(const struct symmetric_key *key);

/* The servers that share a key with one server: partners_mark() says with which. */
struct partners {
	const struct topology *topology;
	size_t *mark; /* per server: 1 + the last one marked that shares a key with it */
};

/* @arena: keeps what @partners points to */
void partners_init(struct partners *partners, const struct topology *topology, struct arena *arena);

void partners_mark(struct partners *partners, const struct host *server);

/*
 * Whether @other shares a key with @server, which was the last one that was marked; or need not:
 * nobody brings keys to a host that is not managed.
 */
bool partners_share(
    const struct partners *partners, const struct host *server, const struct host *other);

/*
 * Call @visit for each pair of servers of which one asks the other while they share no key as
 * partners_share() has it: the
 * pairs of each tier first, then its servers with their sources.  Returns false as soon as @visit
 * does.
 */
typedef bool (*unkeyed_visit)(void *arg, const struct host *a, const struct host *b);
bool unkeyed_pairs(const struct topology *topology, unkeyed_visit visit, void *arg);

#endif
