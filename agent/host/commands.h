/*
 * Finds the commands in a script, a cron line or a unit, and tells what they do to the clock or to
 * the daemon.  It reads the text as a shell does, as far as finding commands needs it, and runs
 * nothing.  This file does no I/O.
 */
#ifndef AGENT_HOST_COMMANDS_H
#define AGENT_HOST_COMMANDS_H

#include "agent/host/arguments.h"

/* A text that is being read; begin with { .arena, .at = text, .line = 1 }. */
struct commands {
	struct arena *arena;
	const char *at;
	unsigned line;
};

/* One simple command: its words unquoted, without assignments and wrappers such as `sudo`. */
struct command {
	struct arguments words;
	unsigned line;
};

/* Read the next command; false: there is none.  Comments and empty commands are skipped. */
bool commands_next(struct commands *commands, struct command *command);

/* Returns what sets the clock there: "ntpdate", "hwclock --hctosys"; NULL: nothing does. */
const char *command_sets_clock(const struct command *command);

/*
 * Whether the command starts or restarts a daemon.
 *
 * @names: of its units and its binary, without folders and ".service"; NULL-ended
 */
bool command_starts(const struct command *command, const char *const *names);

#endif
