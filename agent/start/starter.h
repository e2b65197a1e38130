/* What would start a daemon again after it gave up: its unit, another one, cron, a watchdog. */
#ifndef AGENT_START_STARTER_H
#define AGENT_START_STARTER_H

#include "agent/host/unit.h"
#include "agent/scripts/found.h"
#include "daemons/daemon.h"

/*
 * Returns the line or file that does so; NULL: nothing does.  The text belongs to @arena.
 *
 * @setters: what sets the clock in the same jobs of cron and timers is added, so that these are
 *           read once
 */
const char *starter_find(const char *root, const struct daemon_driver *driver,
    const struct unit *unit, struct arena *arena, struct found_list *setters);

#endif
