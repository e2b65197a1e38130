/* The table of names that a template may use, and the value of each name on one host. */
#ifndef ORCHESTRATOR_RENDER_CONTEXT_H
#define ORCHESTRATOR_RENDER_CONTEXT_H

#include "daemons/daemon.h"
#include "orchestrator/render/mustache.h"
#include "orchestrator/render/settings.h"
#include "orchestrator/topology/topology.h"

/* Where a name has a meaning: everywhere, or only inside a section whose items have this type. */
enum scope {
	SCOPE_HOST,    /* everywhere */
	SCOPE_SOURCE,  /* of sources, siblings: struct source_item */
	SCOPE_CLOCK,   /* of clocks: struct clock_item */
	SCOPE_EXTRA,   /* of extra: struct extra_item */
	SCOPE_NETWORK, /* of serve, monitors, denied: struct network_item */
	SCOPE_KEY,     /* of keys: struct key_item */
	SCOPE_TEXT,    /* of named, collectors: struct text_item */
};

/* The sources of all values of one host. */
struct context {
	const struct topology *topology;
	const struct host *host;
	const struct daemon_driver *driver;    /* NULL for an agent's files */
	const struct agent_settings *settings; /* NULL for a daemon's files */
	struct arena scratch;                  /* memory of the values; the caller frees it */
};

enum context_type {
	CONTEXT_TEXT,   /* const char *; "" or NULL: none */
	CONTEXT_WORD,   /* as CONTEXT_TEXT, but without characters that end a word of a line */
	CONTEXT_NUMBER, /* int */
	CONTEXT_FLAG,   /* bool */
	CONTEXT_LIST,   /* of items */
};

struct context_name {
	const char *name;
	enum scope scope;
	enum context_type type;
	size_t offset; /* of the member, in an item of @scope */
	/* SCOPE_HOST only: sets @value, or leaves it MUSTACHE_FALSE: the host has no such value. */
	void (*value)(struct context *context, struct mustache_value *value);
	const char *doc; /* for doc/templates.7 */
};

extern const struct context_name context_names[];
extern const size_t context_name_count;

/* For struct mustache_names: the index of a name in context_names; @arg is not used. */
int context_resolve(void *arg, const char *name, size_t len, struct error *err);

/* For struct mustache_data; @arg is a struct context. */
int context_value(void *arg, int id, const struct mustache_frame *frame,
    struct mustache_value *value, struct error *err);

/* @duration_ns, which is not negative, in seconds, without zeros at the end, as "0.5". */
const char *context_seconds(struct arena *arena, int64_t duration_ns);

#endif
