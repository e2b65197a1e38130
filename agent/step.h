/*
 * Notices that the clock was set, and how far it was moved in all.  Pure: the caller reads the
 * clocks.
 *
 * CLOCK_REALTIME minus CLOCK_BOOTTIME changes by steps alone: slews move both.  REALTIME minus
 * MONOTONIC_RAW changes by all that moves the clock.
 */
#ifndef AGENT_STEP_H
#define AGENT_STEP_H

#include "common/clock.h"
#include "daemons/report.h"

/* Zero-initialise it; the first reading is what all others are compared with. */
struct step_detector {
	bool primed;
	int64_t gap_ns;       /* real - boot, after the latest step */
	int64_t first_raw_ns; /* real - raw, at the first reading */
	int64_t moved_ns;     /* real - raw, since then */
	struct step_record record;
};

/* A change of the gap up to this, or up to ten widths of the reading, is no step. */
#define STEP_THRESHOLD_NS NS_PER_MS

/*
 * Feed one reading.
 *
 * @step_ns: set when a step is seen; positive means that the clock jumped forward
 *
 * Returns whether the clock stepped since the last call.
 */
bool step_feed(
    struct step_detector *detector, const struct clock_reading *reading, int64_t *step_ns);

#endif
