/*
 * Finds the commands that a host runs by itself: in hooks, cron, timers, watchdogs.  Each is passed
 * to a callback, which judges it.  This file only reads files; those that this user may not read
 * are left out.
 */
#ifndef AGENT_HOST_SCRIPTS_H
#define AGENT_HOST_SCRIPTS_H

#include "agent/host/commands.h"
#include "agent/host/tree.h"

struct script {
	const char *path; /* the file that the command stands in */
	const char *by;   /* another file, which runs path; NULL: none */
};

typedef void (*script_visit)(
    void *owner, const struct script *script, const struct command *command);

/* Visit every command of a script; a file that does not begin with "#!" has none. */
void scripts_read_file(
    const char *root, const char *path, struct arena *arena, script_visit visit, void *owner);

/*
 * Visit the commands of the files in a folder of hooks: of the executable scripts, as run-parts
 * runs them, or (@sourced) of every file, as a shell reads them.
 */
void scripts_read_folder(const char *root, const char *folder, bool sourced, struct arena *arena,
    script_visit visit, void *owner);

/* Visit what a unit executes, and the commands of administrators' scripts that it starts. */
void scripts_read_unit(
    const char *root, const char *name, struct arena *arena, script_visit visit, void *owner);

/* Visit the commands in a file of monit or supervisord: `start program = "..."`, `command=...`. */
void scripts_read_watchdog(
    const char *root, const char *path, struct arena *arena, script_visit visit, void *owner);

/* Visit the commands of crontabs, cron.d, cron.hourly and its like, and enabled timers. */
void scripts_read_periodic(const char *root, struct arena *arena, script_visit visit, void *owner);

#endif
