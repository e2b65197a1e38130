/*
 * What the next start of the daemon would be: its unit, its arguments, its configuration, and
 * what would start it again; for hosts that nobody prepared, too.  Reads files only.
 */
#ifndef AGENT_START_START_H
#define AGENT_START_START_H

#include "agent/host/process.h"
#include "agent/host/unit.h"
#include "agent/start/merge.h"
#include "daemons/daemon.h"
#include "verdict/restart.h"

#define START_WORDS_MAX 4

/* Texts are the arena's. */
struct start {
	struct arena arena;
	struct unit unit;         /* that starts it; without a path: none was found */
	struct buf options;       /* arguments of the next start, parted by spaces */
	const char *options_line; /* the line that gives them, with its place; "" */
	const char *dhcp_path;    /* DHCP's configuration, that would replace the host's; NULL */
	const char *dhcp_remedy;  /* how that is switched off */
	const char *config_path;
	struct merge config;
	const char *preset;  /* a line of the unit that sets the clock; NULL: none */
	const char *starter; /* what starts it again after an exit, in words; NULL: nothing */
	const char *unknown[START_WORDS_MAX]; /* what could not be told, in words */
	size_t unknown_count;
	const char *notes[START_WORDS_MAX]; /* what else an operator should know */
	size_t note_count;
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

/* The policy that follows; not known where something could not be told. */
void start_policy(const char *root, const struct daemon_driver *driver, const struct start *start,
    struct restart_policy *policy);

#endif
