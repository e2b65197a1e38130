/* A parsed template: what mustache_parse.c hands to mustache_fill.c. */
#ifndef ORCHESTRATOR_RENDER_MUSTACHE_NODES_H
#define ORCHESTRATOR_RENDER_MUSTACHE_NODES_H

#include "orchestrator/render/mustache.h"

enum node_type {
	NODE_TEXT,
	NODE_VARIABLE,
	NODE_RAW, /* {{{x}}}, {{&x}} */
	NODE_SECTION,
	NODE_INVERTED,
};

struct node {
	enum node_type type;
	const char *file; /* the template, for errors */
	unsigned line, column;
	const char *text; /* of NODE_TEXT: the text; else: the name */
	size_t len;
	int id;     /* of the name */
	size_t end; /* of a section: index of the first node after it */
};

struct mustache_template {
	struct node *nodes;
	size_t count;
};

#endif
