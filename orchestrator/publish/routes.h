/* Which path shows what: a table.  Knows nothing of HTTP but status codes. */
#ifndef ORCHESTRATOR_PUBLISH_ROUTES_H
#define ORCHESTRATOR_PUBLISH_ROUTES_H

#include "orchestrator/collect/collector.h"

struct page {
	unsigned code; /* as HTTP's */
	const char *type;
	char *body;
	size_t len;
	bool owned; /* @body is to be freed */
};

/* The value of a query's argument, or NULL; borrowed for the call. */
typedef const char *argument_fn(void *context, const char *name);

/* What is to be shown at @path ("/api/v1/host/time1", unescaped). */
struct page route(
    const struct collector *collector, const char *path, argument_fn *argument, void *context);

/* An error as JSON. */
struct page page_error(unsigned code, const char *text);

void page_done(struct page *page);

#endif
