/* Reads what `timetier-agent collect` told of a host.  No I/O. */
#ifndef ORCHESTRATOR_IMPORT_TOLD_H
#define ORCHESTRATOR_IMPORT_TOLD_H

#include "orchestrator/import/import.h"

/*
 * Fill the files of @host from @bytes, which come from the host and are not trusted.
 *
 * Returns 0, or -1 with @err set and @host untouched: that is not what an agent tells.
 */
int import_told(struct arena *arena, const char *bytes, size_t len, struct import_host *host,
    struct error *err) MUST_CHECK;

#endif
