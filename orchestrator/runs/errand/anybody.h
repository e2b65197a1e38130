/* Errands to hosts that may stand in no site. */
#ifndef ORCHESTRATOR_RUNS_ERRAND_ANYBODY_H
#define ORCHESTRATOR_RUNS_ERRAND_ANYBODY_H

#include "common/arena.h"
#include "common/error.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/topology/topology.h"

/*
 * Load the site that hosts are looked up in: common->site, or one of nobody where that is NULL.
 * What is wrong with the file has been told on stderr.
 *
 * @topology: the caller frees it, also on failure
 */
int anybody_site(
    const struct common_options *common, struct topology *topology, struct error *err) MUST_CHECK;

/* A word as an errand takes it: of a machine that is no host of @topology and has no login, root's.
 */
const char *anybody_login(struct arena *arena, const struct topology *topology, const char *word);

#endif
