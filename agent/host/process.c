#include "agent/host/process.h"

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
#define SAME_CLOCK_NS (20 * NS_PER_MS) /* /proc/uptime has hundredths */
#define SHIFT_MAX_NS (600 * NS_PER_S)
/* The year 2106: a clock that shows a later time was never set. */
#define BOOT_S_MAX (INT64_C(1) << 32)

#define ACCOUNTS_MAX 16

/* User IDs: root's, and those of the time daemons' accounts that the host has. */
struct accounts {
	long list[ACCOUNTS_MAX];
	size_t count;
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

/* Add the user IDs of the time daemons' accounts, which are in the text of passwd(5). */
static void
find_accounts(const char *passwd, struct accounts *accounts)
{
	for (const char *const *name = setter_accounts; *name; name++) {
		const char *at = passwd;
		size_t len = strlen(*name);

		while (at && !(strncmp(at, *name, len) == 0 && at[len] == ':')) {
			at = strchr(at, '\n');
			at = at ? at + 1 : NULL;
		}
		at = at ? strchr(at + len + 1, ':') : NULL;
		if (at && at[1] >= '1' && at[1] <= '9' && accounts->count < ACCOUNTS_MAX) {
			accounts->list[accounts->count++] = strtol(at + 1, NULL, 10);
		}
	}
}

/* Read them from the host's own file: a directory service might let us wait. */
static void
read_accounts(const char *root, struct accounts *accounts)
{
	struct buf text = { .limit_bytes = 1 << 20 };
	struct error err;

	*accounts = (struct accounts){ .list = { 0 }, .count = 1 };
	if (tree_read(root, "/etc/passwd", &text, &err) == TREE_READ) {
		find_accounts(buf_str(&text), accounts);
	}
	buf_free(&text);
}

static bool
is_account(const struct accounts *accounts, long uid)
{
	for (size_t i = 0; i < accounts->count; i++) {
		if (accounts->list[i] == uid) {
			return true;
		}
	}
	return false;
}

bool
process_is_daemons(const char *root, uid_t uid)
{
	struct accounts accounts;

	read_accounts(root, &accounts);
	return is_account(&accounts, (long)uid);
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

		if (end == at || !is_account(accounts, uid)) {
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

static bool
read_process(
    const struct reading *reading, const char *pid, struct buf *text, struct process *process)
{
	const char *status;
	long parent, size, uid;
	size_t len;

	if (!read_proc(reading->root, pid, "status", text)) {
		return false; /* it ended meanwhile */
	}
	status = buf_str(text);
	if (strncmp(status, "Name:\t", 6) != 0 || !status_number(status, "\nPPid:", &parent) ||
	    !status_number(status, "\nUid:", &uid) || namespaces(status) > reading->depth) {
		return false;
	}
	/* kernel threads have no memory of their own */
	if (!status_number(status, "\nVmSize:", &size)) {
		return false;
	}
	len = strcspn(status + 6, "\n");
	if (len >= PROCESS_NAME_BYTES) {
		return false; /* the kernel writes odd bytes as \ooo: no program's name has them */
	}
	memset(process, 0, sizeof(*process));
	memcpy(process->name, status + 6, len);
	process->pid = (pid_t)strtol(pid, NULL, 10);
	process->parent = (pid_t)parent;
	process->uid = uid;
	return setter_units(process->name) && judge(reading, pid, status, process);
}

void
process_list_read(const char *root, struct process_list *processes)
{
	struct buf text = { .limit_bytes = FILE_BYTES };
	struct reading reading = { .root = root, .depth = 1 };
	const struct dirent *entry;
	struct process process;
	char path[PATH_MAX];
	DIR *folder;

	processes->count = 0;
	processes->memory.limit_bytes = PROCESSES_MAX * sizeof(process);
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
	read_accounts(root, &reading.accounts);
	find_above(&reading);
	while ((entry = readdir(folder)) && processes->count < PROCESSES_MAX) {
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    read_process(&reading, entry->d_name, &text, &process)) {
			buf_add(&processes->memory, &process, sizeof(process));
			processes->count++;
		}
	}
	processes->list = (struct process *)(void *)processes->memory.data;
	closedir(folder);
	buf_free(&text);
}

void
process_list_free(struct process_list *processes)
{
	buf_free(&processes->memory);
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

/*
 * Returns CLOCK_BOOTTIME minus the clock that /proc counts in.  Both are the same clock, except on
 * hosts whose clocks are not the kernel's.  In a container /proc may count from the container's
 * start: such a large difference is ignored.
 */
static int64_t
boot_shift_ns(const char *root)
{
	char path[PATH_MAX];
	struct buf text = { .limit_bytes = 256 };
	int64_t shift_ns = 0;

	snprintf(path, sizeof(path), "%s/proc/uptime", root);
	if (file_read_plain(path, 0, &text, NULL) == 0) {
		shift_ns = clock_boot_ns() - (int64_t)(strtod(buf_str(&text), NULL) * 1e9);
	}
	buf_free(&text);
	return llabs(shift_ns) > SAME_CLOCK_NS && llabs(shift_ns) < SHIFT_MAX_NS ? shift_ns : 0;
}

bool
process_started(const char *root, pid_t pid, struct process_start *start)
{
	struct buf text = { .limit_bytes = FILE_BYTES };
	char number[16];
	const char *at = NULL;
	long long ticks = 0;

	snprintf(number, sizeof(number), "%d", (int)pid);
	if (pid > 0 && read_proc(root, number, "stat", &text)) {
		at = strrchr(buf_str(&text), ')'); /* field 2, the name, may hold a ) */
	}
	for (int field = 2; at && field < 22; field++) {
		at = strchr(at + 1, ' ');
	}
	if (at) {
		ticks = strtoll(at + 1, NULL, 10);
		start->id_ns = ticks * (NS_PER_S / sysconf(_SC_CLK_TCK));
		start->boot_ns = start->id_ns + boot_shift_ns(root);
	}
	buf_free(&text);
	return ticks > 0;
}

int64_t
process_started_ns(const char *root, pid_t pid)
{
	struct buf text = { .limit_bytes = PROCESSES_MAX * FILE_BYTES };
	struct process_start start;
	long boot_s = 0;

	if (process_started(root, pid, &start) && read_proc(root, "", "stat", &text)) {
		status_number(buf_str(&text), "\nbtime", &boot_s);
	}
	buf_free(&text);
	return boot_s > 0 && boot_s < BOOT_S_MAX ? boot_s * NS_PER_S + start.id_ns : 0;
}
