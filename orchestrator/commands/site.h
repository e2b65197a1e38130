/* What many commands begin with: the site, and the hosts that the operator named. */
#ifndef ORCHESTRATOR_COMMANDS_SITE_H
#define ORCHESTRATOR_COMMANDS_SITE_H

#include "orchestrator/commands/command.h"
#include "orchestrator/topology/topology.h"

/*
 * Load the site of @options.  What is wrong with it goes to stderr.
 *
 * Returns true when it is sound; the caller ends @topology with topology_free() either way.
 */
bool site_load(const struct common_options *options, struct topology *topology);

/*
 * The hosts that @count words name, in their order; all of the site's when there are none.
 *
 * @hosts: from @topology's arena
 * Returns 0, or -1 with @err set: the first word that is no host, and the nearest one.
 */
int site_hosts(struct topology *topology, int count, char **words, const struct host ***hosts,
    size_t *host_count, struct error *err) MUST_CHECK;

#endif
