/*
 * The commands that a host runs by itself: hooks, cron, timers, watchdogs.  Each is shown to a
 * visitor, who judges it.  Reads files only; what this user may not read is left out.
 */
#ifndef AGENT_HOST_SCRIPTS_H
#define AGENT_HOST_SCRIPTS_H

#include "agent/host/commands.h"
#include "agent/host/tree.h"

struct script {
	const char *path; /* the file that the command stands in */
	const char *by;   /* what makes the host run it, when that is another file; NULL */
};

typedef void (*script_visit)(
    void *owner, const struct script *script, const struct command *command);

/* Every command of a shell script; of other programs, none. */
void scripts_read_file(
    const char *root, const char *path, struct arena *arena, script_visit visit, void *owner);

/* Every program in a folder of hooks, as run-parts runs them, or (@sourced) as a shell reads them.
 */
void scripts_read_folder(const char *root, const char *folder, bool sourced, struct arena *arena,
    script_visit visit, void *owner);

/* What a unit executes, and the scripts of the administrator that it starts. */
void scripts_read_unit(
    const char *root, const char *name, struct arena *arena, script_visit visit, void *owner);

/* A configuration of monit or supervisord: `start program = "..."`, `command=...`. */
void scripts_read_watchdog(
    const char *root, const char *path, struct arena *arena, script_visit visit, void *owner);

/* crontabs, cron.d, cron.hourly and its like, and the services of enabled timers. */
void scripts_read_periodic(const char *root, struct arena *arena, script_visit visit, void *owner);

#endif
