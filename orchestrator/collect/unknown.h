/*
 * Hosts that report with a token of this site and are not in site.yaml: one that was renamed, or
 * left it, while its agent goes on.  Bounded: a token is good for one name alone, and who has many
 * fills neither memory nor log.  No I/O, no lock: the caller has both.
 */
#ifndef ORCHESTRATOR_COLLECT_UNKNOWN_H
#define ORCHESTRATOR_COLLECT_UNKNOWN_H

#include "verdict/report.h"

#define UNKNOWN_HOSTS_MAX 16

struct unknown_host {
	char name[REPORT_HOST_BYTES];
	int64_t heard_ns; /* when it reported last */
	int64_t said_ns;  /* when that was logged last */
};

struct unknown_hosts {
	struct unknown_host list[UNKNOWN_HOSTS_MAX];
	size_t count;
};

/*
 * Note that @name reported at @now_ns of the boot clock.  The one that was silent for the longest
 * time gives way when there are too many.
 *
 * Returns whether that should be logged: it is new, or was not logged for an hour.
 */
bool unknown_hosts_hear(struct unknown_hosts *hosts, const char *name, int64_t now_ns);

/* Forget those that have not reported for five minutes: a refused agent tries each minute. */
void unknown_hosts_forget(struct unknown_hosts *hosts, int64_t now_ns);

/* Forget @name: it is in site.yaml now. */
void unknown_hosts_drop(struct unknown_hosts *hosts, const char *name);

#endif
