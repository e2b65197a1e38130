/* How the daemon was started, or would be: options, configuration, unit.  Reads files only. */
#ifndef AGENT_START_H
#define AGENT_START_H

#include "agent/process.h"
#include "daemons/daemon.h"
#include "daemons/restart.h"

struct start {
	struct buf options; /* arguments, parted by spaces */
	struct buf config;  /* the configuration with its includes in their places */
	bool known;         /* both could be read whole */
	char missing[192];  /* what could not be, when not known */
	bool auto_restart;  /* the unit starts it again after a failure */
};

/* Zero-initialise it. */
void start_free(struct start *start);

/*
 * Read it anew.
 *
 * @root:    "" for the host itself
 * @process: the running daemon, NULL when it does not run
 */
void start_read(const char *root, const struct daemon_driver *driver, const struct process *process,
    struct start *start);

/* The policy that follows; not known where something could not be read. */
void start_policy(const char *root, const struct daemon_driver *driver, const struct start *start,
    struct restart_policy *policy);

/*
 * Read a configuration and put each include in its place.  Pure but for reading files.
 *
 * Returns 0, or -1 with @err set: a file cannot be read, too deep, or too large in all.
 */
int start_read_config(
    const char *root, const char *path, struct buf *text, struct error *err) MUST_CHECK;

#endif
