/* keys.yaml: what `keys new` writes, and `init` with it. */
#ifndef ORCHESTRATOR_RUNS_KEYS_MAKE_H
#define ORCHESTRATOR_RUNS_KEYS_MAKE_H

#include "common/base.h"

/*
 * Write a random key for each pair of servers of the site at @path that watch each other, to the
 * file that the site names; what went wrong goes to stderr.  A file that is there stays.
 *
 * Returns an enum exit_status.
 */
int keys_make(const char *path, bool quiet) MUST_CHECK;

#endif
