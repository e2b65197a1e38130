/* `timetier-agent clients`: reads the daemon's list of clients twice, and tells what is in it. */
#ifndef AGENT_CLIENTS_CLIENTS_H
#define AGENT_CLIENTS_CLIENTS_H

#include "common/error.h"

/*
 * Take an order from stdin (order.h) and print the report (verdict/clients.h), a line of JSON.
 *
 * Returns 0, or -1 with @err set.
 */
int clients_run(struct error *err) MUST_CHECK;

#endif
