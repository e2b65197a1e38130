/* `timetier-agent run`: looks at the daemon and the clock on its interval, and reports. */
#ifndef AGENT_SERVICE_H
#define AGENT_SERVICE_H

#include "agent/uplink/config.h"

/*
 * Report until a signal says to stop.
 *
 * @state: the folder for undelivered reports and the ledger of steps
 *
 * Returns 0 after SIGTERM or SIGINT, -1 with @err set when it could not begin.
 */
int service_run(const struct agent_config *config, const char *state, struct error *err) MUST_CHECK;

#endif
