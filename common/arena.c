#include "common/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Blocks double in size: a small arena takes little memory, a large one has few blocks. */
#define BLOCK_BYTES_MIN 1024
#define BLOCK_BYTES_MAX 16384

struct arena_block {
	struct arena_block *next;
	void *adopted;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char data[];
};

static struct arena_block *
new_block(struct arena_block *next, size_t size)
{
	struct arena_block *block;

	block = calloc(1, sizeof(*block) + size);
	if (!block) {
		abort();
	}
	block->next = next;
	block->size = size;
	return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	size_t need = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	struct arena_block *block = arena->blocks;
	void *start;

	if (!block || block->size - block->used < need) {
		size = block ? 2 * block->size : BLOCK_BYTES_MIN;
		size = size < BLOCK_BYTES_MAX ? size : BLOCK_BYTES_MAX;
		block = new_block(block, need > size ? need : size);
		arena->blocks = block;
	}
	start = block->data + block->used;
	block->used += need;
	return start;
}

char *
arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *
arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	text = arena_alloc(arena, (size_t)len + 1);
	va_start(ap, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return text;
}

void
arena_adopt(struct arena *arena, void *heap)
{
	struct arena_block *block = new_block(NULL, 0);

	block->adopted = heap;
	if (arena->blocks) { /* behind the first, which has room yet */
		block->next = arena->blocks->next;
		arena->blocks->next = block;
	} else {
		arena->blocks = block;
	}
}

void
arena_free(struct arena *arena)
{
	struct arena_block *next;

	for (struct arena_block *block = arena->blocks; block; block = next) {
		next = block->next;
		free(block->adopted);
		free(block);
	}
	arena->blocks = NULL;
}
