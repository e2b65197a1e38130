/*
 * Which programs that set clocks run on this host, as /proc tells any user.
 *
 * Any user can start a program by any name, also a set-user-ID one, with any arguments.  So a
 * process counts only when all its user IDs are root's or a time daemon's account's, or when it is
 * in the control group of the service that starts the program: systemd alone puts one there.  Of
 * others not even the arguments are read: that could wait for them for ever.
 */
#ifndef AGENT_HOST_PROCESS_H
#define AGENT_HOST_PROCESS_H

#include "common/buf.h"

#include <sys/types.h>

#define PROCESSES_MAX 4096
#define PROCESS_NAME_BYTES 16 /* the kernel keeps 15 characters */
#define PROCESS_UNIT_BYTES 128

struct process {
	pid_t pid, parent;
	long uid; /* its real user ID */
	char name[PROCESS_NAME_BYTES];
	/*
	 * It is what its name says.  False for a process with root's rights outside of the
	 * program's own service, whose executable this user may not see: an administrator may have
	 * started the program by hand, and anybody a set-user-ID program by that name.
	 */
	bool proven;
	char unit[PROCESS_UNIT_BYTES]; /* the service of systemd that it is in; "": none */
};

/*
 * Zero-initialise it; process_list_free() ends it.  A list that is read again does not ask again
 * about processes whose names, at two readings, were no setter's.
 */
struct process_list {
	struct buf memory;
	struct process *list; /* points into memory */
	size_t count;
	struct buf others; /* of struct other_process: those of no interest */
};

/*
 * Read the processes of this host that have the name of a program that sets clocks, or of a time
 * daemon; without those of strangers, and without those in containers.
 *
 * @root: "" for the host itself; a test gives a folder with a proc/ of its own
 */
void process_list_read(const char *root, struct process_list *processes);

/* Ask about all processes when the list is read next: one may run another program by now. */
void process_list_forget(struct process_list *processes);

void process_list_free(struct process_list *processes);

/*
 * Returns the process with that name whose parent has another name; of several a proven one, then
 * the one with the lowest PID.  NULL: there is none.  It need not be proven.
 */
const struct process *process_find(const struct process_list *processes, const char *name);

/* Say that systemd named this process as the main one of its service: so it is proven. */
void process_vouch(struct process_list *processes, pid_t pid);

/*
 * Append the process's arguments without argv[0] to @options, one space apart.  Empty arguments and
 * arguments with spaces are put in double quotes.  False: they cannot be read.
 *
 * Only for a proven process: a stranger's arguments can be lies, and can stop who reads them.
 */
bool process_options(const char *root, const struct process *process, struct buf *options);

#endif
