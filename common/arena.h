/* Memory that lives and dies together.  One arena_free() ends it all. */
#ifndef COMMON_ARENA_H
#define COMMON_ARENA_H

#include "common/base.h"

struct arena {
	struct arena_block *blocks;
};

/* @size bytes, zeroed and aligned for any type.  Aborts without memory: never returns NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of the first @len bytes of @text, with a NUL added. */
char *arena_strndup(struct arena *arena, const char *text, size_t len);

/* A copy of @text. */
char *arena_strdup(struct arena *arena, const char *text);

/* As asprintf(). */
char *arena_printf(struct arena *arena, const char *fmt, ...) PRINTF(2, 3);

/* Keep @heap, which came from malloc() or is NULL, until arena_free() frees it, too. */
void arena_adopt(struct arena *arena, void *heap);

/* Free everything that came from @arena; it is empty and usable after. */
void arena_free(struct arena *arena);

#endif
