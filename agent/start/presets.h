/*
 * What sets the clock when the daemon's unit is restarted: its own Exec lines, and those of the
 * units that systemd starts or restarts with it, with the scripts that they run.  This file only
 * reads files.
 */
#ifndef AGENT_START_PRESETS_H
#define AGENT_START_PRESETS_H

#include "agent/host/unit.h"
#include "daemons/daemon.h"

struct presets {
	const char *sets;  /* the first line that sets the clock; NULL: none */
	const char *doubt; /* a line that may set it, and why; NULL: none */
};

void presets_find(const char *root, const struct daemon_driver *driver, const struct unit *unit,
    struct arena *arena, struct presets *presets);

#endif
