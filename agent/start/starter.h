/* What would start a daemon again after it gave up: its unit, another one, cron, a watchdog. */
#ifndef AGENT_START_STARTER_H
#define AGENT_START_STARTER_H

#include "agent/host/unit.h"
#include "daemons/daemon.h"

/* Returns the line or file that does so; NULL: nothing does.  The text belongs to @arena. */
const char *starter_find(const char *root, const struct daemon_driver *driver,
    const struct unit *unit, struct arena *arena);

#endif
