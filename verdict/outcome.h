/* What a policy makes of one offset.  Pure. */
#ifndef VERDICT_OUTCOME_H
#define VERDICT_OUTCOME_H

#include "verdict/restart.h"

/* What it would do with one offset. */
struct judged {
	enum verdict_kind kind;
	bool held;   /* of VERDICT_EXIT: it runs on, unsynchronised */
	bool passed; /* of an exit: the first correction is let pass and slewed, the second not */
	int64_t limit_ns; /* that was exceeded */
};

/*
 * What the daemon would do with an offset known to +- @error_ns: the worst of the interval counts.
 * Source: TIMESAFETY 1.7, step 6.
 */
struct judged restart_outcome(
    const struct restart_policy *policy, int64_t offset_ns, int64_t error_ns);

/* How long a slew of that size takes until 10 ms are left.  Source: TIMESAFETY 1.2. */
int64_t restart_slew_ns(const struct restart_policy *policy, int64_t offset_ns);

/* Beyond it offsets of that sign make it exit; 0: none does. */
int64_t restart_panic_limit_ns(const struct restart_policy *policy, int64_t offset_ns);

#endif
