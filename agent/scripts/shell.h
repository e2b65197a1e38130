/*
 * Finds the commands in a text as a shell does, as far as finding them needs it, and runs nothing:
 * in strings behind `sh -c`, behind `sudo` and its kin, in $(...), in what is piped to a shell.
 * This file does no I/O.
 */
#ifndef AGENT_SCRIPTS_SHELL_H
#define AGENT_SCRIPTS_SHELL_H

#include "agent/host/arguments.h"

/* One simple command: its words unquoted, without assignments, redirections and wrappers. */
struct command {
	struct arguments words;
	unsigned line;
	const char *script; /* the file that a shell or `.` reads; NULL: none */
	const char
	    *named;     /* what sets the clock there, by its name alone; NULL: told by the words */
	bool unclear;   /* a wrapper's options are not known: any word may be the command */
	bool otherwise; /* it stands behind || or else */
};

/* Returns whether to go on; false ends the reading of the text that the command stands in. */
typedef bool (*command_take)(void *owner, const struct command *command);

/* Hand every command of @text to @take.  Everything handed belongs to @arena. */
void shell_read(
    struct arena *arena, const char *text, unsigned line, command_take take, void *owner);

/* The same for a command that is split into words already, as systemd runs it. */
void shell_read_words(struct arena *arena, const struct arguments *words, unsigned line,
    command_take take, void *owner);

#endif
