/*
 * Which hosts an answer shows, and in which order: all, a page of them, or those that changed since
 * an earlier answer.  No I/O.
 */
#ifndef ORCHESTRATOR_PUBLISH_ROWS_H
#define ORCHESTRATOR_PUBLISH_ROWS_H

#include "common/buf.h"
#include "common/error.h"
#include "orchestrator/collect/fleet.h"
#include "orchestrator/collect/names.h"

enum rows_order {
	ROWS_WORST, /* the worst host first: is_worse() */
	ROWS_SITE,  /* as site.yaml has them */
};

struct rows_query {
	enum rows_order order;
	size_t limit;      /* at most so many; SIZE_MAX: all */
	const char *after; /* go on behind the page that gave this as its "next"; NULL: begin */
	const char *since; /* a revision: only rows that changed since, the last one first; NULL, or
			      a revision of another run or site: all */
	bool brief;        /* without the sources of clients */
};

#define ROWS_REVISION_BYTES 48

/* The fleet's revision, which tells nothing but whether it is another one; returns @out. */
const char *rows_revision(const struct fleet *fleet, char out[ROWS_REVISION_BYTES]);

/* Whether rows_write() writes a difference, because @query->since is a revision of this fleet. */
bool rows_are_difference(const struct fleet *fleet, const struct rows_query *query);

/*
 * Add the members "hosts" and, where more follow, "next" to the object that @out ends with.
 *
 * Returns 0, or -1 with @err set and nothing added: @query->after is no "next" of an answer.
 */
int rows_write(const struct fleet *fleet, const struct names *names, const struct rows_query *query,
    int64_t now_ns, struct buf *out, struct error *err) MUST_CHECK;

#endif
