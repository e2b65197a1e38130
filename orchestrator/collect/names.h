/*
 * Finds the owner of an address that a daemon reports: an upstream, a server of the site, or nobody
 * in site.yaml.  DNS names of site.yaml are resolved again and again, in libuv's thread pool.
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
	const struct upstream *upstream; /* NULL: @host is the owner */
	const struct host *host;
};

struct names {
	struct name_entry *list; /* sorted by address */
	size_t count, capacity;
	const struct topology *topology;
	uint64_t generation; /* of the topology; answers of an earlier one are dropped */
};

/* Begin with the numeric addresses of @topology, which outlives the names. */
void names_init(struct names *names, const struct topology *topology);

/* Forget everything, and begin again with another topology. */
void names_replace(struct names *names, const struct topology *topology);

/* Add one more address; the first owner of an address keeps it. */
void names_add(struct names *names, const struct name_entry *entry);

/* The entry of the address @text, or NULL. */
const struct name_entry *names_find(const struct names *names, const char *text);

/* Ask the resolver for every DNS name of the topology; answers are added as they come. */
void names_resolve(struct names *names, uv_loop_t *loop);

void names_done(struct names *names);

#endif
