/* Files that are built into a program: templates, the page.  scripts/embed.c makes the tables. */
#ifndef COMMON_RESOURCE_H
#define COMMON_RESOURCE_H

#include "common/base.h"

struct resource {
	const char *name;  /* "chrony.conf": path below the embedded folder */
	const char *bytes; /* followed by a NUL that does not count */
	size_t len;
};

extern const struct resource template_resources[]; /* templates/ */
extern const size_t template_resource_count;
extern const struct resource web_resources[]; /* orchestrator/web/, and dygraphs */
extern const size_t web_resource_count;
extern const struct resource remote_resources[]; /* orchestrator/rollout/remote/ */
extern const size_t remote_resource_count;
extern const struct resource schema_resources[]; /* the SQL files of schemas/ */
extern const size_t schema_resource_count;
extern const struct resource catalogue_resources[]; /* the tables of catalogue/ */
extern const size_t catalogue_resource_count;
extern const struct resource example_resources[]; /* examples/first/site.yaml */
extern const size_t example_resource_count;
extern const struct resource
    document_resources[]; /* the style of documents, as `timetier review` makes them */
extern const size_t document_resource_count;

/* The resource called @name, or NULL. */
const struct resource *resource_find(const struct resource *list, size_t count, const char *name);

#endif
