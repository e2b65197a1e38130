/* The command line of a daemon's next start, through the wrappers that distributions put before. */
#ifndef AGENT_START_COMMAND_H
#define AGENT_START_COMMAND_H

#include "agent/host/unit.h"
#include "daemons/daemon.h"

struct start_command {
	struct arguments words;       /* argv */
	struct arguments environment; /* NAME=VALUE of it that count as options */
	const char *line;             /* the line that gives its options, with its place */
	const char *unknown;          /* why it cannot be told; NULL: it can */
	const char *note;        /* DHCP's configuration in place of the host's own; NULL: no */
	const char *dhcp_path;   /* where that is taken from when it is there; NULL: it is not */
	const char *dhcp_remedy; /* how to switch it off */
};

/* Texts are @arena's. */
void start_command_read(const char *root, const struct daemon_driver *driver,
    const struct unit *unit, struct arena *arena, struct start_command *command);

#endif
