/*
 * Finds rivals of the daemon: whatever else on this host sets its clock, or changes the daemon's
 * configuration behind its back, as far as an unprivileged user can see.
 */
#ifndef AGENT_RIVALS_RIVALS_H
#define AGENT_RIVALS_RIVALS_H

#include "agent/host/process.h"
#include "agent/start/start.h"
#include "verdict/report.h"

/* The daemon whose rivals are looked for. */
struct rivals_of {
	const struct process_list *processes;
	const struct process *daemon;       /* the one that may set the clock; NULL: none runs */
	const struct daemon_driver *driver; /* NULL: no daemon is installed */
	const struct start *start;          /* its next start; NULL: no daemon is installed */
};

/*
 * Write the rivals to @rivals: each with its place, what to do about it, and what switches it off.
 * Returns how many.
 *
 * @root: "" for the host itself
 */
size_t rivals_find(
    const char *root, const struct rivals_of *of, struct report_rival rivals[REPORT_RIVALS_MAX]);

#endif
