#include "agent/host/started.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES 16384
#define STAT_BYTES (64 << 20) /* a line for each processor */
#define BOOT_TIME "\nbtime"
#define SAME_CLOCK_NS (20 * NS_PER_MS) /* /proc/uptime has hundredths */
#define SHIFT_MAX_NS (600 * NS_PER_S)
/* The year 2106: a clock that shows a later time was never set. */
#define BOOT_S_MAX (INT64_C(1) << 32)

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
	char path[PATH_MAX];
	const char *at = NULL;
	long long ticks = 0;

	snprintf(path, sizeof(path), "%s/proc/%d/stat", root, (int)pid);
	if (pid > 0 && file_read_plain(path, 0, &text, NULL) == 0) {
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
	struct buf text = { .limit_bytes = STAT_BYTES };
	struct process_start start;
	char path[PATH_MAX];
	const char *line;
	long boot_s = 0;

	snprintf(path, sizeof(path), "%s/proc/stat", root);
	if (process_started(root, pid, &start) && file_read_plain(path, 0, &text, NULL) == 0 &&
	    (line = strstr(buf_str(&text), BOOT_TIME))) {
		boot_s = strtol(line + strlen(BOOT_TIME), NULL, 10);
	}
	buf_free(&text);
	return boot_s > 0 && boot_s < BOOT_S_MAX ? boot_s * NS_PER_S + start.id_ns : 0;
}
