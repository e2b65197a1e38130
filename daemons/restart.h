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

/* What a source's line in the configuration says of it. */
enum restart_source_flag {
	RESTART_IBURST = 1 << 0,
	RESTART_PREFER = 1 << 1,
	RESTART_TRUE = 1 << 2, /* `true`, `trust`: survives the selection even when it is wrong */
	RESTART_NOSELECT = 1 << 3,
	RESTART_POOL = 1 << 4, /* a name of many addresses */
	RESTART_PEER = 1 << 5,
	RESTART_AUTH = 1 << 6, /* a key or NTS */
};

#define RESTART_SOURCES_MAX 32
#define RESTART_PLACE_BYTES 96

/* A source as configured. */
struct restart_line {
	char name[128];
	unsigned flags;                  /* of enum restart_source_flag */
	int minpoll;                     /* log2 s */
	char place[RESTART_PLACE_BYTES]; /* "/etc/ntp.conf:12" */
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

/* A source as measured just now, or as the daemon saw it last. */
struct restart_source {
	char address[64];
	unsigned flags; /* of its line */
	bool fit;       /* answers, is synchronised, may be selected */
	unsigned stratum;
	int64_t offset_ns;   /* source minus local */
	int64_t distance_ns; /* root distance, PHI times its age within */
	int64_t jitter_ns;
};

/*
 * Everything that decides what a restart would do: TIMESAFETY 1.7, its input.  Facts that nobody
 * could find out are false or 0, and what is missing is said in unknown.
 */
struct restart_case {
	struct restart_policy policy; /* of the start to come, not of the one that was */
	struct restart_source sources[RESTART_SOURCES_MAX];
	size_t source_count;
	int64_t measured_age_ns;   /* of the oldest of them; -1: not measured at all */
	bool fresh;                /* measured for this verdict, not what the daemon saw once */
	bool resumed;              /* the machine slept or was paused since the measurement */
	const char *starter;       /* what starts the daemon again after an exit: "Restart=always of
				      ntp.service", "monit"; NULL: nothing */
	const char *const *rivals; /* others that may set the clock, each in words */
	size_t rival_count;
	int64_t rtc_offset_ns;  /* INT64_MAX: not told */
	int64_t leap_in_ns;     /* until an announced leap second; 0: none announced */
	const char *unknown[4]; /* what could not be read, each in words */
	size_t unknown_count;
	const char *
	    notes[4]; /* to be told besides: "DHCP's file replaces ...", "edited since the start" */
	size_t note_count;
};

/*
 * The verdict.  Pure.  Where an interval of error straddles a threshold, the worse side counts.
 * Source: TIMESAFETY 1.7, steps 0 to 8.
 */
void restart_judge(const struct restart_case *input, struct verdict *verdict);

/*
 * The verdict for a daemon with @policy whose sources are as @status says.
 *
 * @auto_restart: the unit starts it again after an exit
 * @rivals:       names of other programs that set the clock, @rival_count of them
 */
void restart_verdict(const struct restart_policy *policy, const struct daemon_status *status,
    bool auto_restart, const char *const *rivals, size_t rival_count, struct verdict *verdict);

#endif
