/* Which file of configuration the daemon's next start reads: told by its options, else built in. */
#ifndef AGENT_START_CONFIG_H
#define AGENT_START_CONFIG_H

#include "agent/host/unit.h"
#include "daemons/daemon.h"

/* What is known of the next start. */
struct config_hints {
	const char *options;
	const char *program;     /* what the unit starts; NULL: not told */
	const struct unit *unit; /* without a path: none was found */
};

/*
 * Returns the path; its text may belong to @arena.
 *
 * @unsure: set where it cannot be told which of two files is read
 */
const char *config_find(const char *root, const struct daemon_driver *driver,
    const struct config_hints *hints, struct arena *arena, const char **unsure);

#endif
