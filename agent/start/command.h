/* The command line of a daemon's next start, also where a distribution's wrapper starts it. */
#ifndef AGENT_START_COMMAND_H
#define AGENT_START_COMMAND_H

#include "agent/host/unit.h"
#include "daemons/daemon.h"

struct start_command {
	struct arguments words;       /* argv */
	struct arguments environment; /* variables NAME=VALUE that count as options */
	const char *line;             /* the line that gives the options, with its place */
	const char *unknown;          /* why the command line cannot be told; NULL: it can */
	const char *note;        /* says that DHCP's configuration replaces the host's; NULL: no */
	const char *dhcp_path;   /* DHCP's configuration, taken when it is there; NULL: never */
	const char *dhcp_remedy; /* how to switch that off */
};

/* The texts belong to @arena. */
void start_command_read(const char *root, const struct daemon_driver *driver,
    const struct unit *unit, struct arena *arena, struct start_command *command);

#endif
