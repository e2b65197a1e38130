/*
 * What the commands of a script, a cron line or a unit do to the clock or to the daemon.  Pure.
 * It reads as a shell does as far as finding the commands goes; it does not run anything.
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

/* One simple command: its words without quotes, assignments and wrappers such as `sudo`. */
struct command {
	struct arguments words;
	unsigned line;
};

/* The next command; false: there is none.  Comments and empty ones are left out. */
bool commands_next(struct commands *commands, struct command *command);

/* Whether it sets the clock; in words what does: "ntpdate", "hwclock --hctosys"; NULL: no. */
const char *command_sets_clock(const struct command *command);

/*
 * Whether it starts or restarts a daemon.
 *
 * @names: of its units and its binary, ".service" and folders left out; NULL-ended
 */
bool command_starts(const struct command *command, const char *const *names);

#endif
