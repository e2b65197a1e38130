/* What a restart of the daemon, now, would do to the clock.  Pure. */
#ifndef DAEMONS_RESTART_H
#define DAEMONS_RESTART_H

#include "common/base.h"

struct daemon_status;

/* Worst last. */
enum verdict_kind {
	VERDICT_SAFE,    /* the clock stays where it is, within its error bound */
	VERDICT_SLEW,    /* it is moved by its rate alone */
	VERDICT_EXIT,    /* the daemon would refuse to run; the clock is left alone */
	VERDICT_STEP,    /* it jumps */
	VERDICT_UNKNOWN, /* cannot be told; to be treated as a step */
};

#define VERDICT_REASONS_MAX 8
#define VERDICT_REASON_BYTES 192

struct verdict {
	enum verdict_kind kind;
	int64_t amount_ns;   /* of the step or slew, source minus local; 0 when not known */
	int64_t duration_ns; /* of the slew */
	char reasons[VERDICT_REASONS_MAX]
		    [VERDICT_REASON_BYTES]; /* words that an operator acts on */
	size_t reason_count;
};

/*
 * What the daemon does with the first offsets after its start: TIMESAFETY 1.7, step 1.
 * Thresholds in ns; 0 where the daemon knows no such limit.
 */
struct restart_policy {
	bool known;              /* configuration and options were read and understood */
	bool passive;            /* it only measures: chronyd -x, ntpd's `disable ntp` */
	int64_t step_forward_ns; /* larger positive offsets are stepped; 0: never steps */
	int64_t step_back_ns;    /* the same for negative ones, as a positive number */
	bool step_any;           /* steps whatever the size (ntpd -G, chronyd -q) */
	int64_t panic_ns;        /* larger offsets make it exit; 0: none */
	bool panic_pass;         /* -g: the first correction passes the panic limit */
	int64_t hold_ns;         /* larger offsets are ignored, daemon alive (chrony maxchange) */
	bool preset;             /* sets the clock at start without a vote (-s, initstepslew) */
	bool majority;   /* waits for its sources and follows a majority (chrony); ntpd obeys the
			    first `quorum` that answer */
	unsigned quorum; /* sources that must agree before the clock is touched */
	double slew_ppm; /* fastest rate of a correction */
	bool drift_file; /* a frequency is known at the start */
};

const char *verdict_name(enum verdict_kind kind);

/*
 * The verdict for a daemon with @policy whose sources are as @status says.
 *
 * @auto_restart: the unit starts it again after an exit
 * @rivals:       names of other programs that set the clock, @rival_count of them
 */
void restart_verdict(const struct restart_policy *policy, const struct daemon_status *status,
    bool auto_restart, const char *const *rivals, size_t rival_count, struct verdict *verdict);

#endif
