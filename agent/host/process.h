/* Which programs run on this host, as /proc tells any user. */
#ifndef AGENT_HOST_PROCESS_H
#define AGENT_HOST_PROCESS_H

#include "common/buf.h"

#include <sys/types.h>

#define PROCESSES_MAX 4096
#define PROCESS_NAME_BYTES 16 /* the kernel keeps 15 characters */

struct process {
	pid_t pid, parent;
	char name[PROCESS_NAME_BYTES];
};

/* Zero-initialise it; process_list_free() ends it. */
struct process_list {
	struct buf memory;
	const struct process *list; /* points into memory */
	size_t count;
};

/*
 * Read the processes of this host, without kernel threads and processes in containers.
 *
 * @root: "" for the host itself; a test gives a folder with a proc/ of its own
 */
void process_list_read(const char *root, struct process_list *processes);

void process_list_free(struct process_list *processes);

/*
 * Returns the process with that name whose parent has another name; of several the one with the
 * lowest PID.  NULL: there is none.
 */
const struct process *process_find(const struct process_list *processes, const char *name);

/*
 * Append the process's arguments without argv[0] to @options, one space apart.  Empty arguments and
 * arguments with spaces are put in double quotes.  False: they cannot be read.
 */
bool process_options(const char *root, pid_t pid, struct buf *options);

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

/*
 * Copy the name of the systemd service that the process belongs to, by its control group, to @unit
 * of @size bytes.  False: there is none, or the control group cannot be read.
 */
bool process_unit(const char *root, pid_t pid, char *unit, size_t size);

/* Returns when it started, in ns since 1970 by the clock as it is set now; 0: not known. */
int64_t process_started_ns(const char *root, pid_t pid);

#endif
