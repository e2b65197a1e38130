/* Values of the agent's files that are made of more than its settings. */
#include "orchestrator/render/context.h"
#include "orchestrator/render/items.h"

void
context_collectors(struct context *context, struct mustache_value *value)
{
	struct items items = { 0 };

	for (size_t i = 0; context->settings && i < context->settings->collector_count; i++) {
		struct text_item *item = items_add(context, &items, SCOPE_TEXT, sizeof(*item));

		item->text = context->settings->collectors[i];
	}
	items_list(&items, value);
}

/* Whether the agent asks whom the daemon asks: the site's own servers, and never an upstream. */
void
context_measures(struct context *context, struct mustache_value *value)
{
	const struct source_list *sources = host_sources(context->host);
	bool own = sources->count > 0 && context->host->role == HOST_CLIENT;

	for (size_t i = 0; own && i < sources->count; i++) {
		own = sources->list[i].server != NULL;
	}
	value->kind = own && context->settings && context->settings->measures ? MUSTACHE_TRUE
									      : MUSTACHE_FALSE;
}
