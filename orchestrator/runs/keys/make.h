/* keys.yaml: what `keys new` writes, and `init` with it. */
#ifndef ORCHESTRATOR_RUNS_KEYS_MAKE_H
#define ORCHESTRATOR_RUNS_KEYS_MAKE_H

#include "orchestrator/cli/command.h"

/*
 * Write a random key for each pair of servers of which one asks the other, to the file that the
 * site names; what went wrong goes to stderr.  To a file that is there the keys are added that it
 * lacks; those that it has stay as they are.
 *
 * Returns an enum exit_status.
 */
int keys_make(const struct common_options *options) MUST_CHECK;

#endif
