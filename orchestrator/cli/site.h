/* What many commands begin with: the site, and the hosts that the operator named. */
#ifndef ORCHESTRATOR_CLI_SITE_H
#define ORCHESTRATOR_CLI_SITE_H

#include "orchestrator/cli/command.h"
#include "orchestrator/topology/topology.h"

/*
 * Load the site of @options.  What is wrong with it goes to stderr.
 *
 * Returns true when it is sound; the caller ends @topology with topology_free() either way.
 */
bool site_load(const struct common_options *options, struct topology *topology);

/* Which hosts a command is for. */
struct site_choice {
	char *
	    *words; /* behind the options: hosts, tiers, client groups, ranges (topology_pick()) */
	int word_count;            /* 0: all of the site */
	const char *const *limits; /* --limit: the same; ended by NULL; NULL or none: no limit */
};

/*
 * The hosts that the words of @choice name and its limits do not leave out, each once, in the
 * order of the site.
 *
 * @hosts: from @topology's arena
 * Returns 0, or -1 with @err set: the first word that names nothing, and the nearest one that does.
 */
int site_hosts(struct topology *topology, const struct site_choice *choice,
    const struct host ***hosts, size_t *host_count, struct error *err) MUST_CHECK;

#endif
