#include "agent/rivals.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* By the name that the kernel shows.  Source: TIMESAFETY 1.4, "other time setters". */
static const char *const programs[] = {
	"chronyd",
	"ntpd",
	"systemd-timesyncd",
	"ntp-daemon", /* ntpd-rs */
	"phc2sys",
	"ntpdate",
	"ntpdig",
	"sntp",
	"htpdate",
	"tlsdated",
	"VBoxService",
	"vmtoolsd",
};

/* Runs at each interface that comes up: stops the daemon, and steps by one answer of one server. */
static const char ntpdate_hook[] = "/etc/network/if-up.d/ntpsec-ntpdate";

static size_t
add(char names[REPORT_RIVALS_MAX][64], size_t count, const char *name)
{
	if (count == REPORT_RIVALS_MAX) {
		return count;
	}
	snprintf(names[count], sizeof(names[count]), "%s", name);
	return count + 1;
}

size_t
rivals_find(const char *root, const struct process_list *processes, const struct process *daemon,
    char names[REPORT_RIVALS_MAX][64])
{
	char path[PATH_MAX];
	size_t count = 0;

	for (size_t i = 0; i < COUNT(programs); i++) {
		const struct process *process = process_find(processes, programs[i]);

		if (process && !(daemon && process->pid == daemon->pid)) {
			count = add(names, count, programs[i]);
		}
	}
	snprintf(path, sizeof(path), "%s%s", root, ntpdate_hook);
	if (access(path, X_OK) == 0) {
		count = add(names, count, "the if-up hook of ntpsec-ntpdate");
	}
	return count;
}
