/* What the files of the preloaded library share: how to find, read and lock the host's clock. */
#ifndef TESTS_FLEET_VCLOCK_HOST_H
#define TESTS_FLEET_VCLOCK_HOST_H

#include "tests/fleet/vclock.h"

#include <stdbool.h>
#include <time.h>

#define NS VCLOCK_NS_PER_S
#define HIDDEN __attribute__((visibility("hidden")))

extern HIDDEN struct vclock *vclock_model; /* NULL: this process is outside of a host */
extern HIDDEN bool vclock_may_set;         /* the program started with CAP_SYS_TIME */

/* The machine's own clock, in ns. */
HIDDEN int64_t vclock_raw(clockid_t id);

/* The host's CLOCK_REALTIME, CLOCK_MONOTONIC or CLOCK_BOOTTIME, in ns. */
HIDDEN int64_t vclock_read(clockid_t id);

/* A copy that nobody was writing meanwhile; @mono is set to the moment for which it is true. */
HIDDEN struct vclock vclock_snapshot(int64_t *mono);

/* Put these around changes of the model; vclock_lock() brings the model to the present moment. */
HIDDEN void vclock_lock(void);
HIDDEN void vclock_unlock(void);

/* Jump by @delta ns.  Returns 0, or -1 with errno EPERM. */
HIDDEN int vclock_step(int64_t delta);

HIDDEN struct timespec vclock_split(int64_t ns);

/* Set errno; returns -1. */
HIDDEN int vclock_refuse(int errnum);

#endif
