/* Other programs of this host that set its clock, as far as they show without privilege. */
#ifndef AGENT_RIVALS_H
#define AGENT_RIVALS_H

#include "agent/process.h"
#include "daemons/daemon.h"
#include "daemons/report.h"

/*
 * Name them, at most REPORT_RIVALS_MAX, to @names; returns how many.
 *
 * @root:   "" for the host itself
 * @daemon: the process of the daemon that may set it; NULL: none runs
 */
size_t rivals_find(const char *root, const struct process_list *processes,
    const struct process *daemon, char names[REPORT_RIVALS_MAX][64]);

#endif
