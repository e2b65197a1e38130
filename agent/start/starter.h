/* What would start a daemon again after it gave up: its unit, another one, cron, a watchdog. */
#ifndef AGENT_START_STARTER_H
#define AGENT_START_STARTER_H

#include "agent/host/unit.h"
#include "daemons/daemon.h"

/* In words, with the line to blame; NULL: nothing does.  The text is @arena's. */
const char *starter_find(const char *root, const struct daemon_driver *driver,
    const struct unit *unit, struct arena *arena);

#endif
