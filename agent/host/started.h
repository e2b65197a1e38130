/* When a process started, as /proc tells any user. */
#ifndef AGENT_HOST_STARTED_H
#define AGENT_HOST_STARTED_H

#include "common/base.h"

#include <sys/types.h>

struct process_start {
	int64_t id_ns;   /* as /proc says it; with the PID it identifies a process */
	int64_t boot_ns; /* CLOCK_BOOTTIME, to a hundredth of a second */
};

/*
 * Find out when the process started.  False: there is no such process.
 *
 * Source: proc(5), /proc/PID/stat, field 22; /proc/uptime.
 */
bool process_started(const char *root, pid_t pid, struct process_start *start);

/* Returns when it started, in ns since 1970 by the clock as it is set now; 0: not known. */
int64_t process_started_ns(const char *root, pid_t pid);

#endif
