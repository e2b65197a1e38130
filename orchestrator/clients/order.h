/* What a server is told before it reads its list of clients: who is who there.  No I/O. */
#ifndef ORCHESTRATOR_CLIENTS_ORDER_H
#define ORCHESTRATOR_CLIENTS_ORDER_H

#include "common/buf.h"
#include "orchestrator/topology/topology.h"

/*
 * Write the order for @server to @out, as `timetier-agent clients` takes it.
 *
 * @seconds: between the two readings of the list
 * @watch: tell of this address in any case; NULL: of none
 */
void clients_order(const struct topology *topology, const struct host *server, unsigned seconds,
    const struct ip *watch, struct buf *out);

/* Whether @host takes time from @server, or is a sibling of it. */
bool clients_asks(const struct host *host, const struct host *server);

#endif
