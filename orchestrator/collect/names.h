/*
 * Who is behind an address that a daemon names: an upstream, a server of the site, or a stranger.
 * Where site.yaml has DNS names, they are resolved again and again, off the loop.
 */
#ifndef ORCHESTRATOR_COLLECT_NAMES_H
#define ORCHESTRATOR_COLLECT_NAMES_H

#include "common/address.h"

#include <uv.h>

struct topology;
struct upstream;
struct host;

struct name_entry {
	struct ip ip;
	const struct upstream *upstream; /* or */
	const struct host *host;
};

struct names {
	struct name_entry *list; /* in the order of addresses */
	size_t count, capacity;
	const struct topology *topology;
	uint64_t generation; /* answers to questions of an earlier one are thrown away */
};

/* Begin with the numeric addresses of @topology, which outlives the names. */
void names_init(struct names *names, const struct topology *topology);

/* The same for another topology. */
void names_replace(struct names *names, const struct topology *topology);

/* Add one more address; the first owner of an address keeps it. */
void names_add(struct names *names, const struct name_entry *entry);

/* The owner of the address that is written as @text, or NULL. */
const struct name_entry *names_find(const struct names *names, const char *text);

/* Ask the resolver for every DNS name of the topology; answers are added as they come. */
void names_resolve(struct names *names, uv_loop_t *loop);

void names_done(struct names *names);

#endif
