/* Which path shows what: a table.  Of HTTP it knows only the status codes. */
#ifndef ORCHESTRATOR_PUBLISH_ROUTES_H
#define ORCHESTRATOR_PUBLISH_ROUTES_H

#include "orchestrator/collect/collector.h"

struct page {
	unsigned code; /* HTTP status code */
	const char *type;
	const char *body;
	size_t len;
	char *owned; /* NULL, or @body, which is to be freed */
	bool stream; /* it has no body, but goes on with what page_event() says */
};

/* The value of an argument in the query, or NULL; borrowed for the call. */
typedef const char *argument_fn(void *context, const char *name);

/* What to show at @path ("/api/v1/host/time1", unescaped). */
struct page route(
    const struct collector *collector, const char *path, argument_fn *argument, void *context);

/* An error as JSON. */
struct page page_error(unsigned code, const char *text);

#define PAGE_EVENT_BYTES 160

/* What is told to who listens at /api/v1/events; returns @out. */
const char *page_event(const struct collector *collector, char out[PAGE_EVENT_BYTES]);

void page_done(struct page *page);

#endif
