#include "orchestrator/topology/index.h"

#include "common/hash.h"

#include <assert.h>
#include <string.h>

static const char *
name_of(const void *things, size_t stride, size_t at)
{
	const char *name;

	memcpy(&name, (const char *)things + at * stride, sizeof(name));
	return name;
}

/* The slot that holds @name, or the empty slot where @name belongs. */
static uint32_t *
slot_of(const struct name_index *index, const void *things, size_t stride, const char *name)
{
	size_t mask = index->slot_count - 1;
	size_t at = (uint32_t)hash_add(HASH_START, name, strlen(name)) & mask;

	while (
	    index->slots[at] && strcmp(name_of(things, stride, index->slots[at] - 1), name) != 0) {
		at = (at + 1) & mask;
	}
	return &index->slots[at];
}

void
index_init(struct name_index *index, struct arena *arena, size_t count)
{
	index->slot_count = 4;
	while (index->slot_count < 2 * count) {
		index->slot_count *= 2;
	}
	index->slots = arena_alloc(arena, index->slot_count * sizeof(*index->slots));
}

size_t
index_add(struct name_index *index, const void *things, size_t stride, size_t at)
{
	uint32_t *slot = slot_of(index, things, stride, name_of(things, stride, at));

	if (*slot) {
		return *slot - 1;
	}
	*slot = (uint32_t)at + 1;
	return INDEX_NONE;
}

size_t
index_find(const struct name_index *index, const void *things, size_t stride, const char *name)
{
	if (index->slot_count == 0) {
		return INDEX_NONE;
	}
	return (size_t)*slot_of(index, things, stride, name) - 1;
}
