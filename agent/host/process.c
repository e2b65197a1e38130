#include "agent/host/process.h"

#include "agent/host/accounts.h"
#include "agent/host/tree.h"
#include "common/clock.h"
#include "common/file.h"
#include "daemons/setters/setters.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES 16384

#define OTHERS_MAX 32768 /* further ones are asked about each time */

/*
 * A process of no interest.  The kernel gives the folder of another process another inode, also
 * where it has the same PID.
 */
struct other_process {
	uint64_t inode;
	pid_t pid;
	bool settled; /* seen twice: between fork() and exec() it has the name of its parent */
};

/* A list that is being read. */
struct reading {
	const char *root;
	size_t depth; /* in how many PID namespaces the host's processes are */
	bool systemd;
	struct accounts accounts;
	char above[256]; /* the control group above systemd's own; "" except in a container */
};

static bool
read_proc(const char *root, const char *pid, const char *name, struct buf *text)
{
	char path[PATH_MAX];

	buf_reset(text);
	return snprintf(path, sizeof(path), "%s/proc/%s/%s", root, pid, name) < (int)sizeof(path) &&
	    file_read_plain(path, 0, text, NULL) == 0;
}

/* Returns in how many PID namespaces a process is: a container adds one to its host's. */
static size_t
namespaces(const char *status)
{
	const char *line = strstr(status, "\nNSpid:");
	size_t count = 0;

	for (line = line ? line + 7 : ""; *line && *line != '\n'; line++) {
		count += (line[0] == '\t' || line[0] == ' ') && line[1] >= '0' && line[1] <= '9';
	}
	return count;
}

static bool
status_number(const char *status, const char *name, long *value)
{
	const char *line = strstr(status, name);

	if (!line) {
		return false;
	}
	*value = strtol(line + strlen(name), NULL, 10);
	return true;
}

/*
 * Whether all four user IDs are of these accounts.  A set-user-ID program keeps the real one of who
 * started it.
 */
static bool
is_ours(const char *status, const struct accounts *accounts)
{
	const char *at = strstr(status, "\nUid:");
	char *end;

	at = at ? at + 5 : "";
	for (int i = 0; i < 4; i++) {
		long uid = strtol(at, &end, 10);

		if (end == at || !accounts_have(accounts, uid)) {
			return false;
		}
		at = end;
	}
	return true;
}

/*
 * Copy the service of a control group's path: "/system.slice/ntp.service".  Slices alone are above
 * a service of systemd; below the session of a user, or in a container, is no such service.
 */
static void
service_of(const char *path, char unit[PROCESS_UNIT_BYTES])
{
	unit[0] = '\0';
	while (*path == '/') {
		size_t len = strcspn(++path, "/");

		if (len > 8 && len < PROCESS_UNIT_BYTES &&
		    memcmp(path + len - 8, ".service", 8) == 0 && memcmp(path, "user@", 5) != 0) {
			memcpy(unit, path, len);
			unit[len] = '\0';
			return;
		}
		if (!(len > 6 && memcmp(path + len - 6, ".slice", 6) == 0) &&
		    !(len == 2 && memcmp(path, "..", 2) == 0)) {
			return;
		}
		path += len;
	}
}

/* Copy the path of the process's control group to @path; false: there is none. */
static bool
read_group(const char *root, const char *pid, struct buf *text, const char **path)
{
	char *line, *rest;

	*path = NULL;
	if (!read_proc(root, pid, "cgroup", text)) {
		return false;
	}
	rest = text->data;
	while (!*path && rest && (line = strsep(&rest, "\n"))) {
		if (strncmp(line, "0::/", 4) == 0) {
			*path = line + 3;
		} else if (strstr(line, ":name=systemd:/")) {
			*path = strstr(line, ":name=systemd:/") + 14;
		}
	}
	return *path != NULL;
}

/*
 * Find the service that the process is in.  In a container systemd may be in a control group of the
 * host's: what is above that counts for nothing.
 */
static void
find_unit(const struct reading *reading, const char *pid, struct process *process)
{
	struct buf text = { .limit_bytes = FILE_BYTES };
	size_t above = strlen(reading->above);
	const char *path;

	if (read_group(reading->root, pid, &text, &path) &&
	    strncmp(path, reading->above, above) == 0) {
		service_of(path + above, process->unit);
	}
	buf_free(&text);
}

static void
find_above(struct reading *reading)
{
	static const char own[] = "/init.scope";
	struct buf text = { .limit_bytes = FILE_BYTES };
	const char *path;

	if (read_group(reading->root, "1", &text, &path)) {
		size_t len = strlen(path), own_len = sizeof(own) - 1;

		if (len > own_len && len - own_len < sizeof(reading->above) &&
		    strcmp(path + len - own_len, own) == 0) {
			memcpy(reading->above, path, len - own_len);
		}
	}
	buf_free(&text);
}

static bool
is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name) != 0) {
		names++;
	}
	return *names != NULL;
}

enum executable {
	EXECUTABLE_HIDDEN, /* only root may see what root runs */
	EXECUTABLE_PLAIN,
	EXECUTABLE_SET_UID, /* anybody may start it, by any name, and has root's rights in it */
};

static enum executable
executable_of(const char *root, const char *pid)
{
	char path[PATH_MAX];
	struct stat file;

	if (snprintf(path, sizeof(path), "%s/proc/%s/exe", root, pid) >= (int)sizeof(path) ||
	    stat(path, &file) < 0) {
		return EXECUTABLE_HIDDEN;
	}
	return file.st_mode & (S_ISUID | S_ISGID) ? EXECUTABLE_SET_UID : EXECUTABLE_PLAIN;
}

/* Decide whether the process is what its name says; false: it is a stranger's. */
static bool
judge(const struct reading *reading, const char *pid, const char *status, struct process *process)
{
	const char *const *units = setter_units(process->name);

	find_unit(reading, pid, process);
	if (process->unit[0] && is_one_of(process->unit, units)) {
		process->proven = true;
		return true;
	}
	if (!is_ours(status, &reading->accounts)) {
		return false;
	}
	switch (executable_of(reading->root, pid)) {
	case EXECUTABLE_SET_UID:
		return false;
	case EXECUTABLE_PLAIN:
		process->proven = true;
		break;
	case EXECUTABLE_HIDDEN:
		process->proven = !reading->systemd; /* without services the user IDs alone tell */
		break;
	}
	return true;
}

enum process_kind {
	PROCESS_GONE,
	PROCESS_OTHER,    /* a name or a place that no setter has */
	PROCESS_STRANGER, /* the name of a setter, by somebody who sets no clock */
	PROCESS_SETTER,
};

static enum process_kind
read_process(
    const struct reading *reading, const char *pid, struct buf *text, struct process *process)
{
	const char *status;
	long parent, size, uid;
	size_t len;

	if (!read_proc(reading->root, pid, "status", text)) {
		return PROCESS_GONE; /* it ended meanwhile */
	}
	status = buf_str(text);
	if (strncmp(status, "Name:\t", 6) != 0 || !status_number(status, "\nPPid:", &parent) ||
	    !status_number(status, "\nUid:", &uid)) {
		return PROCESS_GONE;
	}
	/* kernel threads have no memory of their own */
	if (namespaces(status) > reading->depth || !status_number(status, "\nVmSize:", &size)) {
		return PROCESS_OTHER;
	}
	len = strcspn(status + 6, "\n");
	if (len >= PROCESS_NAME_BYTES) {
		return PROCESS_OTHER; /* the kernel writes odd bytes as \ooo: no program's name has
					 them */
	}
	memset(process, 0, sizeof(*process));
	memcpy(process->name, status + 6, len);
	process->pid = (pid_t)strtol(pid, NULL, 10);
	process->parent = (pid_t)parent;
	process->uid = uid;
	if (!setter_units(process->name)) {
		return PROCESS_OTHER;
	}
	return judge(reading, pid, status, process) ? PROCESS_SETTER : PROCESS_STRANGER;
}

/*
 * Find the process among those of the reading before, which have the order in which the kernel
 * lists them.  NULL: it is new.
 */
static const struct other_process *
find_other(const struct buf *others, size_t *at, const struct other_process *wanted)
{
	const struct other_process *list = (const void *)others->data;
	size_t count = others->len / sizeof(*list);

	while (*at < count && list[*at].pid < wanted->pid) {
		++*at;
	}
	return *at < count && list[*at].pid == wanted->pid && list[*at].inode == wanted->inode
	    ? &list[*at]
	    : NULL;
}

static void
read_entries(const struct reading *reading, DIR *folder, struct process_list *processes)
{
	struct buf text = { .limit_bytes = FILE_BYTES };
	struct buf others = { .limit_bytes = OTHERS_MAX * sizeof(struct other_process) };
	const struct dirent *entry;
	struct process process;
	size_t at = 0;

	while ((entry = readdir(folder)) && processes->count < PROCESSES_MAX) {
		struct other_process other = { .inode = entry->d_ino,
			.pid = (pid_t)strtol(entry->d_name, NULL, 10) };
		const struct other_process *before;
		enum process_kind kind = PROCESS_OTHER;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9') {
			continue;
		}
		before = find_other(&processes->others, &at, &other);
		if (!before || !before->settled) {
			kind = read_process(reading, entry->d_name, &text, &process);
		}
		if (kind == PROCESS_SETTER) {
			buf_add(&processes->memory, &process, sizeof(process));
			processes->count++;
		} else if (kind == PROCESS_OTHER) {
			other.settled = before != NULL;
			buf_add(&others, &other, sizeof(other));
		}
	}
	buf_free(&processes->others);
	processes->others = others;
	buf_free(&text);
}

void
process_list_read(const char *root, struct process_list *processes)
{
	struct buf text = { .limit_bytes = FILE_BYTES };
	struct reading reading = { .root = root, .depth = 1 };
	char path[PATH_MAX];
	DIR *folder;

	processes->count = 0;
	processes->memory.limit_bytes = PROCESSES_MAX * sizeof(struct process);
	buf_reset(&processes->memory);
	snprintf(path, sizeof(path), "%s/proc", root);
	folder = opendir(path);
	if (!folder) {
		return;
	}
	if (read_proc(root, "self", "status", &text)) {
		reading.depth = namespaces(buf_str(&text));
	}
	reading.systemd = tree_is_folder(root, "/run/systemd/system");
	accounts_read(root, &reading.accounts);
	find_above(&reading);
	read_entries(&reading, folder, processes);
	processes->list = (struct process *)(void *)processes->memory.data;
	closedir(folder);
	buf_free(&text);
}

void
process_list_forget(struct process_list *processes)
{
	buf_free(&processes->others);
}

void
process_list_free(struct process_list *processes)
{
	buf_free(&processes->memory);
	buf_free(&processes->others);
	processes->list = NULL;
	processes->count = 0;
}

static struct process *
process_by_pid(const struct process_list *processes, pid_t pid)
{
	for (size_t i = 0; i < processes->count; i++) {
		if (processes->list[i].pid == pid) {
			return &processes->list[i];
		}
	}
	return NULL;
}

void
process_vouch(struct process_list *processes, pid_t pid)
{
	struct process *process = process_by_pid(processes, pid);

	if (process) {
		process->proven = true;
	}
}

/* Whether @process says more than @other, which may be NULL. */
static bool
is_better(const struct process *process, const struct process *other)
{
	if (!other || process->proven != other->proven) {
		return !other || process->proven;
	}
	return process->pid < other->pid;
}

const struct process *
process_find(const struct process_list *processes, const char *name)
{
	const struct process *found = NULL;

	for (size_t i = 0; i < processes->count; i++) {
		const struct process *process = &processes->list[i];
		const struct process *parent;

		/* a name of more than 15 characters is known by its first 15 */
		if (strncmp(process->name, name, PROCESS_NAME_BYTES - 1) != 0 ||
		    !is_better(process, found)) {
			continue;
		}
		parent = process_by_pid(processes, process->parent);
		if (!parent || strcmp(parent->name, process->name) != 0) {
			found = process;
		}
	}
	return found;
}

bool
process_options(const char *root, const struct process *process, struct buf *options)
{
	struct buf text = { .limit_bytes = FILE_BYTES };
	char number[16];
	size_t at;

	snprintf(number, sizeof(number), "%d", (int)process->pid);
	if (!process->proven || !read_proc(root, number, "cmdline", &text) || text.len == 0) {
		buf_free(&text);
		return false;
	}
	for (at = strlen(text.data) + 1; at < text.len; at += strlen(text.data + at) + 1) {
		bool quoted = strpbrk(text.data + at, " \t") || !text.data[at];

		buf_text(options, options->len > 0 ? " " : "");
		buf_printf(options, quoted ? "\"%s\"" : "%s", text.data + at);
	}
	buf_free(&text);
	return true;
}
