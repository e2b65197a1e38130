/* `extra`: the operator's own lines of a host's configuration.  No I/O. */
#ifndef ORCHESTRATOR_TOPOLOGY_EXTRAS_H
#define ORCHESTRATOR_TOPOLOGY_EXTRAS_H

#include "orchestrator/topology/topology.h"

/* The lines of @extras for the daemon called @daemon; none where @extras is NULL. */
struct extra_list extras_of(const struct extras *extras, const char *daemon);

/*
 * The lines of @host for the daemon called @daemon: those of its tier or group, then its own.
 *
 * @i: from 0
 * Returns line @i, or NULL: there are no more.
 */
const struct extra_line *host_extra(const struct host *host, const char *daemon, size_t i);

#endif
