/*
 * What the agent's own questions tell of a clock whose daemon it may not ask: it asks the servers
 * that the daemon asks, if all of them are of its own site, once a round, and no more often than
 * the daemon itself would.  Pure: the caller asks, and hands in the time.
 */
#ifndef AGENT_LOOK_STAND_IN_H
#define AGENT_LOOK_STAND_IN_H

#include "measure/measure.h"
#include "verdict/report.h"

#define STAND_IN_NAME_BYTES 256

/* Zero-initialise it, and set the servers. */
struct stand_in {
	const char (*servers)[STAND_IN_NAME_BYTES]; /* of the site's own; they may be asked */
	size_t server_count;

	/* What was heard: no member of it is of the daemon, but of those that it asks. */
	struct daemon_status status;
	bool there;       /* status is filled */
	int64_t asked_ns; /* CLOCK_BOOTTIME of the latest round; 0: none began */
	int64_t heard_ns; /* of the latest that was answered */
	unsigned missed;  /* rounds since then */
	int64_t shift_ns; /* CLOCK_REALTIME minus CLOCK_BOOTTIME then */
};

/* Whether all that a daemon of @policy would ask are servers that may be asked; none: no. */
bool stand_in_may(const struct stand_in *stand_in, const struct restart_policy *policy);

/*
 * Whether a round is due: OpenNTPD's own intervals, from 30 s to 25 minutes, the longer the smaller
 * the offset is; a minute after a round without an answer; and at once when the clock was set.
 * Source: OpenNTPD 6.2p3, ntp.c, scale_interval() and update_scale().
 */
bool stand_in_is_due(const struct stand_in *stand_in, int64_t boot_ns, int64_t real_ns);

/*
 * Take what a round told.  The offset is the median of the servers', as OpenNTPD takes it; the
 * error is that of the server with the largest of those in the middle.
 */
void stand_in_take(
    struct stand_in *stand_in, const struct measure *measure, int64_t boot_ns, int64_t real_ns);

/*
 * Fill status, measured and measured_age_ns of @report.  Returns false, with @report untouched:
 * none of the servers has answered for too long.
 */
bool stand_in_report(const struct stand_in *stand_in, int64_t boot_ns, struct report *report);

#endif
