/* At which address a host asks another one. */
#ifndef ORCHESTRATOR_TOPOLOGY_ASKED_H
#define ORCHESTRATOR_TOPOLOGY_ASKED_H

#include "orchestrator/topology/topology.h"

/*
 * The address at which @asker asks @server.  Its family is the first one that both hosts have, in
 * the order of the host that is first in the file: so both ends of a pair choose the same family.
 * NULL: the site has findings, and @server no address.
 */
const struct address *address_between(const struct host *asker, const struct host *server);

/* The address at which @asker asks @source: of an upstream, its first.  NULL: none. */
const struct address *source_address(const struct host *asker, const struct source *source);

#endif
