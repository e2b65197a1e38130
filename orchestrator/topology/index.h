/* A hash table that finds hosts, groups, tiers or upstreams by name. */
#ifndef ORCHESTRATOR_TOPOLOGY_INDEX_H
#define ORCHESTRATOR_TOPOLOGY_INDEX_H

#include "common/arena.h"

/*
 * An index of an array of structs ("things") whose first member is `const char *name`.  The index
 * holds places in the array, not pointers, so the array may grow and move between two calls.
 */
struct name_index {
	uint32_t *slots;   /* place of a thing in the array + 1; 0: empty */
	size_t slot_count; /* a power of two, at least twice the number of things */
};

#define INDEX_NONE SIZE_MAX

/* Make room for @count things; the memory comes from @arena. */
void index_init(struct name_index *index, struct arena *arena, size_t count);

/*
 * Add thing number @at of @things, an array of structs of @stride bytes.
 *
 * Returns INDEX_NONE, or, when the name is taken, the number of the thing that has and keeps it.
 */
size_t index_add(struct name_index *index, const void *things, size_t stride, size_t at);

/* The number of the thing called @name, or INDEX_NONE. */
size_t index_find(
    const struct name_index *index, const void *things, size_t stride, const char *name);

#endif
