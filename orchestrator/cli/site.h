/* What many commands begin with: the site, and the hosts that the operator named. */
#ifndef ORCHESTRATOR_CLI_SITE_H
#define ORCHESTRATOR_CLI_SITE_H

#include "orchestrator/cli/command.h"
#include "orchestrator/topology/topology.h"

/*
 * Load the site of @options, and print to stderr what is wrong with it.
 *
 * Returns true when the site is sound; the caller ends @topology with topology_free() either way.
 */
bool site_load(const struct common_options *options, struct topology *topology);

/* Which hosts a command is for. */
struct site_choice {
	char **words; /* after the options: hosts, tiers, client groups, ranges (topology_pick()) */
	int word_count;              /* 0: all hosts of the site */
	const char *const *limits;   /* --limit: words like these, ended by NULL; NULL: no limit */
	const char *const *excludes; /* --exclude: the same */
};

/*
 * Find the hosts that the words of @choice name, its limits allow and nothing excludes, each once,
 * in the order of the site.
 *
 * @hosts: from @topology's arena
 * Returns 0, or -1 with @err set: the first word that fits nothing and the nearest word that does,
 * or that no host is left.
 */
int site_hosts(struct topology *topology, const struct site_choice *choice,
    const struct host ***hosts, size_t *host_count, struct error *err) MUST_CHECK;

/*
 * Take the hosts that are not managed (`manage: false`) out of @hosts, and say so on stderr as
 * "timetier COMMAND: ...": nobody logs in there.
 *
 * @hosts: what is left stands at its beginning; those that were taken out, behind
 * @count: of @hosts; lowered
 * Returns how many were taken out.
 */
size_t site_leave_unmanaged(
    const char *command, bool quiet, const struct host **hosts, size_t *count);

#endif
