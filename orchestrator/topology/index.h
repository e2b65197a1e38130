/* Finds one of many things by its name: hosts, groups, tiers, upstreams. */
#ifndef ORCHESTRATOR_TOPOLOGY_INDEX_H
#define ORCHESTRATOR_TOPOLOGY_INDEX_H

#include "common/arena.h"

/*
 * Over an array of structs whose first member is `const char *name`.  Things are numbered by
 * their place in the array, so that the array may grow (and move) between two calls.
 */
struct name_index {
	uint32_t *slots;   /* number of a thing + 1; 0: empty */
	size_t slot_count; /* a power of two, at least twice the things */
};

#define INDEX_NONE SIZE_MAX

/* Make room for @count things; the memory is of @arena. */
void index_init(struct name_index *index, struct arena *arena, size_t count);

/*
 * Enter thing number @at of @things, an array of structs of @stride bytes.
 *
 * Returns INDEX_NONE, or the number of the thing that has its name already (and keeps it).
 */
size_t index_add(struct name_index *index, const void *things, size_t stride, size_t at);

/* The number of the thing of that name, or INDEX_NONE. */
size_t index_find(
    const struct name_index *index, const void *things, size_t stride, const char *name);

#endif
