/*
 * What the next start of the daemon would be: its unit, its arguments, its configuration, and what
 * would start it again after an exit.  Works on hosts that nobody prepared, too.  This file only
 * reads files.
 */
#ifndef AGENT_START_START_H
#define AGENT_START_START_H

#include "agent/host/process.h"
#include "agent/host/unit.h"
#include "agent/scripts/found.h"
#include "agent/start/merge.h"
#include "daemons/daemon.h"
#include "verdict/restart.h"

#define START_WORDS_MAX 4

/* The texts belong to the arena. */
struct start {
	struct arena arena;
	struct unit unit;         /* starts the daemon; without a path: none was found */
	struct buf options;       /* arguments of the next start, one space apart */
	const char *options_line; /* the line that gives the options, with its place; "": none */
	const char *dhcp_path;    /* DHCP's configuration, if it may be taken; NULL: none */
	const char *dhcp_remedy;  /* how to switch that off */
	const char *program;      /* what the unit starts; NULL: not told */
	const char *config_path;
	struct merge config;
	const char *held_back; /* a line by which systemd would not start the unit; NULL: none */
	const char *preset;    /* a line that a restart runs and that sets the clock; NULL: none */
	struct found_list setters; /* what sets the clock in jobs of cron and timers */
	const char *starter; /* what starts the daemon again after an exit, in words; NULL: none */
	const char *unknown[START_WORDS_MAX]; /* what could not be told, in words */
	size_t unknown_count;
	const char *notes[START_WORDS_MAX]; /* what else an operator should know */
	size_t note_count;
};

/* Zero-initialise it. */
void start_free(struct start *start);

/*
 * Find out anew what the next start would be.
 *
 * @root:    "" for the host itself
 * @process: the running daemon, NULL when it does not run
 */
void start_read(const char *root, const struct daemon_driver *driver, const struct process *process,
    struct start *start);

/* Whether the next start reads the configuration: chronyd takes directives as arguments instead. */
bool start_reads_config(const struct daemon_driver *driver, const struct start *start);

/* Derive @policy from @start; it is not known where something of @start could not be told. */
void start_policy(const char *root, const struct daemon_driver *driver, const struct start *start,
    struct restart_policy *policy);

#endif
