/* Is a host's time good?  One judgement for the rollout that waits for it and the page that
 * shows it.  Pure. */
#ifndef VERDICT_HEALTH_H
#define VERDICT_HEALTH_H

#include "common/base.h"

struct daemon_status;

/* Worst last; "grey" states, of which nothing is known, are the last two. */
enum health {
	HEALTH_GOOD,
	HEALTH_FREE_RUNNING, /* no update within 8 poll intervals: was good, drifts */
	HEALTH_OVER_BUDGET,  /* offset or error bound beyond the budget */
	HEALTH_UNSYNCED,     /* the daemon follows nobody */
	HEALTH_STOPPED,      /* no daemon runs */
	HEALTH_EXITED,       /* it ended by itself, or was killed: its panic limit, a crash */
	HEALTH_SILENT,       /* no report within 3 report intervals */
	HEALTH_NEVER,        /* declared, and never heard of */
};

#define HEALTH_REASON_BYTES 160

/* "good", "free-running", "over budget", ... */
const char *health_name(enum health health);

/*
 * Judge a daemon that answers.
 *
 * @status:         as it was @age_ns ago
 * @offset_ns, @error_bound_ns: the host's budget, positive
 * @reason:         HEALTH_REASON_BYTES bytes; says why in words when the result is not GOOD
 */
enum health health_judge(const struct daemon_status *status, int64_t age_ns,
    int64_t budget_offset_ns, int64_t budget_error_bound_ns, char *reason);

#endif
