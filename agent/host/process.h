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

/* A list that ends with process_list_free(); zero-initialise it. */
struct process_list {
	struct buf memory;
	const struct process *list; /* in memory */
	size_t count;
};

/*
 * Read the processes of this host, kernel threads and those of its containers left out.
 *
 * @root: "" for the host itself; a test gives a folder with a proc/ of its own
 */
void process_list_read(const char *root, struct process_list *processes);

void process_list_free(struct process_list *processes);

/* The oldest process of that name whose parent has another one, or NULL. */
const struct process *process_find(const struct process_list *processes, const char *name);

/*
 * Its arguments, argv[0] left out, parted by a space each, with spaces within in double quotes;
 * false when they cannot be read.
 */
bool process_options(const char *root, pid_t pid, struct buf *options);

struct process_start {
	int64_t id_ns;   /* as /proc says it: with the PID it tells a process from all others */
	int64_t boot_ns; /* CLOCK_BOOTTIME, to a hundredth of a second */
};

/*
 * When it started.  False: there is no such process.
 *
 * Source: proc(5), /proc/PID/stat, field 22; /proc/uptime.
 */
bool process_started(const char *root, pid_t pid, struct process_start *start);

/*
 * The unit of systemd that it is part of, as its control group tells, to @unit of @size bytes;
 * false: none, or it cannot be read.
 */
bool process_unit(const char *root, pid_t pid, char *unit, size_t size);

/* When it was started, by the kernel's clock as that counts now; 0: not told. */
int64_t process_started_ns(const char *root, pid_t pid);

#endif
