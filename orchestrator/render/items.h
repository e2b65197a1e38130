/* The items of the sections of a template: what names.c's table reads, and sources.c and
 * access.c fill. */
#ifndef ORCHESTRATOR_RENDER_ITEMS_H
#define ORCHESTRATOR_RENDER_ITEMS_H

#include "orchestrator/render/context.h"

struct source_item {
	enum scope scope;
	const char *name, *operator_name, *address;
	int minpoll, maxpoll;
	bool iburst, burst, nts;
	const char *key; /* id; NULL: not authenticated */
	bool version4;   /* chrony must be told to use NTP version 4: KEY005 */
	bool rotating;   /* another key of the two is known besides */
};

struct network_item {
	enum scope scope;
	const char *network, *address, *mask; /* "192.0.2.0/24", "192.0.2.0", "255.255.255.0" */
	const char *whose;                    /* NULL, or the server that has this address */
};

struct key_item {
	enum scope scope;
	const char *id;
	const char *ntp_type, *chrony_type; /* how each daemon spells it */
	const char *secret;                 /* lower-case hex */
};

struct text_item {
	enum scope scope;
	const char *text;
};

/* Items while they are counted.  Begin with { 0 }. */
struct items {
	const void **list;
	size_t count, capacity;
};

/* A new item of @size bytes at the end, zeroed but for its scope. */
void *items_add(struct context *context, struct items *items, enum scope scope, size_t size);

/* Make @value the list of @items. */
void items_list(const struct items *items, struct mustache_value *value);

/* The lists of the table: sources.c ... */
void context_sources(struct context *context, struct mustache_value *value);
void context_siblings(struct context *context, struct mustache_value *value);
void context_keys(struct context *context, struct mustache_value *value);
void context_source_keys(struct context *context, struct mustache_value *value);

/* ... and access.c. */
void context_public_ipv4(struct context *context, struct mustache_value *value);
void context_public_ipv6(struct context *context, struct mustache_value *value);
void context_serve(struct context *context, struct mustache_value *value);
void context_named(struct context *context, struct mustache_value *value);
void context_monitors(struct context *context, struct mustache_value *value);

#endif
