/* Who carries out a run. */
#ifndef ORCHESTRATOR_RUNS_HOLDER_H
#define ORCHESTRATOR_RUNS_HOLDER_H

#include "common/base.h"

/*
 * Write "USER@HOST", or "root@HOST(USER)" where sudo or doas say whose shell it came from.
 * That is a claim of the environment: it stands behind the user whom the kernel knows, and nothing
 * else depends on it.
 */
void holder_name(char *holder, size_t size);

#endif
