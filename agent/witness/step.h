/*
 * Notices that the clock was set, and how far it was moved in all.  No I/O: the caller reads the
 * clocks.
 *
 * CLOCK_REALTIME minus CLOCK_BOOTTIME changes by steps alone: slews move both.  REALTIME minus
 * MONOTONIC_RAW changes by all that moves the clock.
 */
#ifndef AGENT_WITNESS_STEP_H
#define AGENT_WITNESS_STEP_H

#include "common/clock.h"
#include "verdict/report.h"

/* Who can tell of a leap second, told this; not known: the calendar decides. */
struct leap_word {
	bool known;
	enum leap leap;
};

/* Zero-initialise it; the first reading is what all others are compared with. */
struct step_detector {
	bool primed;
	struct clock_reading last; /* the latest reading */
	int64_t gap_ns;            /* real - boot, after the latest step */
	int64_t first_raw_ns;      /* real - raw, at the first reading */
	int64_t moved_ns;          /* how much real - raw changed since then */
	struct step_record record; /* without leap seconds */
	/*
	 * What the daemon and the kernel say of a leap second to come.  The kernel forgets it soon
	 * after it came: its word of one reading before counts, too.
	 */
	struct leap_word daemon, kernel, kernel_before;
};

/* A step, as it was seen. */
struct step_seen {
	int64_t amount_ns;              /* positive: the clock jumped forward */
	struct clock_reading at;        /* the first reading after it */
	int64_t slept_ns, unwatched_ns; /* how long before it the host slept, and nothing looked */
	bool leap;                      /* a leap second */
};

/* A change of the gap up to this, or up to ten widths of the reading, is no step. */
#define STEP_THRESHOLD_NS NS_PER_MS

/*
 * Feed one reading.
 *
 * @seen: filled when the result is true
 *
 * Returns whether the clock stepped since the last call.
 */
bool step_feed(
    struct step_detector *detector, const struct clock_reading *reading, struct step_seen *seen);

#endif
