/*
 * New keys take the place of old ones, phase by phase.  Each phase is in effect everywhere before
 * keys.yaml says the next one.  What a rotation has to remember stands in keys.yaml.
 */
#ifndef ORCHESTRATOR_RUNS_KEYS_ROTATE_H
#define ORCHESTRATOR_RUNS_KEYS_ROTATE_H

#include "orchestrator/cli/rollout_options.h"

/*
 * Begin a rotation of the keys that the hosts named by @argv share, or go on with the one that
 * keys.yaml tells of.
 *
 * Returns an enum exit_status; what is wrong has been told on stderr.
 */
int keys_rotate(const struct rollout_options *options, int argc, char **argv) MUST_CHECK;

#endif
