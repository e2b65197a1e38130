#include "orchestrator/render/items.h"

#include "orchestrator/render/context.h"

#include <string.h>

void *
items_add(struct context *context, struct items *items, enum scope scope, size_t size)
{
	enum scope *item = arena_alloc(&context->scratch, size);

	if (items->count == items->capacity) {
		size_t capacity = 2 * items->capacity + 8;
		const void **list = arena_alloc(&context->scratch, capacity * sizeof(*list));

		if (items->count > 0) {
			memcpy(list, items->list, items->count * sizeof(*list));
		}
		items->list = list;
		items->capacity = capacity;
	}
	*item = scope;
	items->list[items->count++] = item;
	return item;
}

void
items_list(const struct items *items, struct mustache_value *value)
{
	value->kind = MUSTACHE_LIST;
	value->items = (const void *const *)items->list;
	value->count = items->count;
}

void
items_text(struct mustache_value *value, const char *text)
{
	value->kind = text ? MUSTACHE_TEXT : MUSTACHE_FALSE;
	value->text = text;
}
