/*
 * Hosts that have left the site, by its file, and that timetier manages still, by its journal: they
 * are reached by the site of the run that changed them last.
 */
#ifndef ORCHESTRATOR_RUNS_LEFT_H
#define ORCHESTRATOR_RUNS_LEFT_H

#include "common/arena.h"
#include "orchestrator/journal/journal.h"
#include "orchestrator/topology/topology.h"

struct left_host {
	const char *name;
	int64_t run;         /* the latest that gave it files which are still there */
	const char *address; /* by the site of that run; NULL: that cannot be read any more */
	const char *renamed; /* a host of the site that has this address now; NULL: none */
};

/* Zero-initialised; left_done() ends it. */
struct left {
	struct left_host *list;
	size_t count;
	struct arena arena;
};

/*
 * Find them.  Who was renamed, and was changed under its new name since, has not left.
 *
 * @now: the site
 * Returns 0, or -1 with @err set.
 */
int left_find(struct journal *journal, const struct topology *now, struct left *left,
    struct error *err) MUST_CHECK;

void left_done(struct left *left);

/* A line for each, behind the answer of a command that was asked about the site. */
void left_print(const struct left *left);

/* The same as a list. */
struct json_t;
struct json_t *left_json(const struct left *left);

/*
 * Load the site in which those of @words that have left were hosts, as it was then.
 *
 * @then: filled when 1 is returned; the caller frees it
 * Returns 1; 0 when none of @words is a host that left; or -1 with @err set.
 */
int left_site(struct journal *journal, const struct topology *now, char **words, int count,
    struct topology *then, struct error *err) MUST_CHECK;

#endif
