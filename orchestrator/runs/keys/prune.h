/* Takes keys out of keys.yaml that are needed no more, once no host asks with them. */
#ifndef ORCHESTRATOR_RUNS_KEYS_PRUNE_H
#define ORCHESTRATOR_RUNS_KEYS_PRUNE_H

#include "orchestrator/cli/rollout_options.h"

/*
 * Ask the hosts of keys_shrink_hosts() whether they are as the site says, and if all
 * are, write keys.yaml without these keys.
 *
 * Returns an enum exit_status; what is wrong has been told on stderr.
 */
int keys_prune(const struct rollout_options *options) MUST_CHECK;

#endif
