/*
 * What else on this host sets its clock, or changes the daemon's configuration behind its back, as
 * far as it shows without privilege.  Source: TIMESAFETY 1.4, "other time setters".
 */
#ifndef AGENT_RIVALS_RIVALS_H
#define AGENT_RIVALS_RIVALS_H

#include "agent/host/process.h"
#include "agent/start/start.h"
#include "verdict/report.h"

/* Of whom they are rivals. */
struct rivals_of {
	const struct process_list *processes;
	const struct process *daemon;       /* that may set the clock; NULL: none runs */
	const struct daemon_driver *driver; /* NULL: no daemon is installed */
	const struct start *start;          /* of it; NULL: the same */
};

/*
 * Name them, at most REPORT_RIVALS_MAX, to @names: each with its place and what to do about it.
 * Returns how many.
 *
 * @root: "" for the host itself
 */
size_t rivals_find(const char *root, const struct rivals_of *of,
    char names[REPORT_RIVALS_MAX][REPORT_RIVAL_BYTES]);

#endif
