#include "agent/host/process.h"

#include "common/clock.h"
#include "common/file.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES 16384
#define SAME_CLOCK_NS (20 * NS_PER_MS) /* /proc/uptime has hundredths */
#define SHIFT_MAX_NS (600 * NS_PER_S)
/* The year 2106: a clock that shows a later time was never set. */
#define BOOT_S_MAX (INT64_C(1) << 32)

static bool
read_proc(const char *root, const char *pid, const char *name, struct buf *text)
{
	char path[PATH_MAX];

	buf_reset(text);
	return snprintf(path, sizeof(path), "%s/proc/%s/%s", root, pid, name) < (int)sizeof(path) &&
	    file_read(path, text, NULL) == 0;
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

static bool
read_process(
    const char *root, const char *pid, size_t depth, struct buf *text, struct process *process)
{
	const char *status;
	long parent, size;
	size_t len;

	if (!read_proc(root, pid, "status", text)) {
		return false; /* it ended meanwhile */
	}
	status = buf_str(text);
	if (strncmp(status, "Name:\t", 6) != 0 || !status_number(status, "\nPPid:", &parent) ||
	    namespaces(status) > depth) {
		return false;
	}
	/* kernel threads have no memory of their own */
	if (!status_number(status, "\nVmSize:", &size)) {
		return false;
	}
	len = strcspn(status + 6, "\n");
	if (len >= PROCESS_NAME_BYTES) {
		len = PROCESS_NAME_BYTES - 1;
	}
	memset(process, 0, sizeof(*process));
	memcpy(process->name, status + 6, len);
	process->pid = (pid_t)strtol(pid, NULL, 10);
	process->parent = (pid_t)parent;
	return true;
}

void
process_list_read(const char *root, struct process_list *processes)
{
	struct buf text = { .limit_bytes = FILE_BYTES };
	const struct dirent *entry;
	struct process process;
	char path[PATH_MAX];
	size_t depth = 1;
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
		depth = namespaces(buf_str(&text));
	}
	while ((entry = readdir(folder)) && processes->count < PROCESSES_MAX) {
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    read_process(root, entry->d_name, depth, &text, &process)) {
			buf_add(&processes->memory, &process, sizeof(process));
			processes->count++;
		}
	}
	processes->list = (const struct process *)(const void *)processes->memory.data;
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

static const struct process *
process_by_pid(const struct process_list *processes, pid_t pid)
{
	for (size_t i = 0; i < processes->count; i++) {
		if (processes->list[i].pid == pid) {
			return &processes->list[i];
		}
	}
	return NULL;
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
		    (found && found->pid < process->pid)) {
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
process_options(const char *root, pid_t pid, struct buf *options)
{
	struct buf text = { .limit_bytes = FILE_BYTES };
	char number[16];
	size_t at;

	snprintf(number, sizeof(number), "%d", (int)pid);
	if (!read_proc(root, number, "cmdline", &text) || text.len == 0) {
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
	if (file_read(path, &text, NULL) == 0) {
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

/* Copy the first part of a control group's path that is a service: "/system.slice/ntp.service". */
static bool
service_of(const char *path, char *unit, size_t size)
{
	const char *end = strstr(path, ".service");
	const char *from = end;
	size_t len;

	if (!end) {
		return false;
	}
	while (from > path && from[-1] != '/') {
		from--;
	}
	len = (size_t)(end - from) + strlen(".service");
	if (len >= size) {
		return false;
	}
	memcpy(unit, from, len);
	unit[len] = '\0';
	return true;
}

bool
process_unit(const char *root, pid_t pid, char *unit, size_t size)
{
	struct buf text = { .limit_bytes = FILE_BYTES };
	char number[16], *line, *rest;
	bool found = false;

	snprintf(number, sizeof(number), "%d", (int)pid);
	if (read_proc(root, number, "cgroup", &text)) {
		rest = text.data;
		while (!found && rest && (line = strsep(&rest, "\n"))) {
			bool is_systemd =
			    strncmp(line, "0::", 3) == 0 || strstr(line, ":name=systemd:");

			found = is_systemd && service_of(line, unit, size);
		}
	}
	buf_free(&text);
	return found;
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
