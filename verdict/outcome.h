/* Finds what a daemon with a given policy does with one offset.  No I/O. */
#ifndef VERDICT_OUTCOME_H
#define VERDICT_OUTCOME_H

#include "verdict/restart.h"

/* What the daemon would do with one offset. */
struct judged {
	enum verdict_kind kind;
	bool held;   /* with VERDICT_EXIT: the daemon runs on, unsynchronised */
	bool passed; /* with VERDICT_EXIT: it slews the first correction, exits at the second */
	int64_t limit_ns; /* the limit that is exceeded */
};

/*
 * What the daemon would do with an offset known to +- @error_ns: the worst of the interval counts.
 */
struct judged restart_outcome(
    const struct restart_policy *policy, int64_t offset_ns, int64_t error_ns);

/* How long a slew of @offset_ns takes until 10 ms are left. */
int64_t restart_slew_ns(const struct restart_policy *policy, int64_t offset_ns);

/* Offsets beyond this size, with the sign of @offset_ns, make the daemon exit; 0: none does. */
int64_t restart_panic_limit_ns(const struct restart_policy *policy, int64_t offset_ns);

#endif
