/* What a restart of the daemon, now, would do to the clock.  Pure. */
#ifndef VERDICT_RESTART_H
#define VERDICT_RESTART_H

#include "daemons/policy.h"

struct daemon_status;

/*
 * Worst last.  Exit means: it would not run, or run and never synchronise; the clock is left
 * alone.  A step and what is unknown weigh the same, so a known step is never hidden behind
 * something unknown.
 */
enum verdict_kind {
	VERDICT_SAFE,    /* the clock stays where it is, within its error bound */
	VERDICT_SLEW,    /* it is moved by its rate alone */
	VERDICT_EXIT,    /* the daemon would refuse it; the clock is left alone */
	VERDICT_STEP,    /* it jumps */
	VERDICT_UNKNOWN, /* cannot be told; to be treated as a step */
};

#define VERDICT_REASONS_MAX 8
#define VERDICT_REASON_BYTES 192

struct verdict {
	enum verdict_kind kind;
	bool degraded;       /* whatever becomes of the clock, it would not serve time */
	int64_t amount_ns;   /* of the step or slew, source minus local; 0 when not known */
	int64_t duration_ns; /* of the slew */
	/* words that an operator acts on, the most important first */
	char reasons[VERDICT_REASONS_MAX][VERDICT_REASON_BYTES];
	size_t reason_count;
};

#define RESTART_SOURCES_MAX 32

const char *verdict_name(enum verdict_kind kind);

/* A source as measured just now, or as the daemon saw it last. */
struct restart_source {
	char address[64];
	unsigned flags; /* of its line */
	bool fit;       /* answers, is synchronised, may be selected */
	bool lossy;     /* did not answer every question: others may be ready before it */
	unsigned stratum;
	int minpoll;         /* of its line; 0: not told */
	int64_t offset_ns;   /* source minus local */
	int64_t distance_ns; /* root distance, PHI times its age within */
	int64_t error_ns;    /* what the daemon measures is within this of offset_ns: the path's
				delay / 2 and jitter; 0: as distance_ns */
	int64_t jitter_ns;
};

/*
 * Everything that decides what a restart would do: TIMESAFETY 1.7, its input.  Facts that nobody
 * could find out are false or 0, and what is missing is said in unknown.
 */
struct restart_case {
	struct restart_policy policy; /* of the start to come, not of the one that was */
	const char *options_place;    /* where its start options stand: "/etc/default/ntpsec";
					 NULL: not told */
	struct restart_source sources[RESTART_SOURCES_MAX];
	size_t source_count;
	int64_t measured_age_ns; /* of the oldest of them; -1: not measured at all */
	bool fresh;              /* measured for this verdict, not what the daemon saw once */
	bool resumed;            /* the machine slept or was paused since the measurement */
	const char *starter;     /* what starts the daemon again after an exit: "Restart=always of
				    ntp.service", "monit"; NULL: nothing */
	const char *presets[4];  /* what else sets the clock at the start, each in words:
				    "ExecStartPre of ntp.service runs ntpdate" */
	size_t preset_count;
	const char *const *rivals; /* others that may set the clock, each in words */
	size_t rival_count;
	int64_t now_ns;           /* the local clock; 0: not told */
	int64_t rtc_offset_ns;    /* RTC minus system clock; INT64_MAX: not told */
	bool rtc_absent;          /* there is none */
	int64_t drift_written_ns; /* when the drift file was, by the host's clock; 0: not told */
	int64_t leap_in_ns;       /* until an announced leap second; 0: none announced */
	const char *unknown[4];   /* what could not be read, each in words */
	size_t unknown_count;
	const char *notes[4]; /* to be told besides: "edited since the start" */
	size_t note_count;
};

/*
 * A case of @policy whose sources are as the daemon itself sees them in @status: no packets are
 * sent for it.  Everything else is as if nothing were known of it.
 */
void restart_case_of_status(const struct restart_policy *policy, const struct daemon_status *status,
    struct restart_case *out);

/*
 * The verdict.  Pure.  Where an interval of error straddles a threshold, the worse side counts.
 * Source: TIMESAFETY 1.7, steps 0 to 8.
 */
void restart_judge(const struct restart_case *input, struct verdict *verdict);

/* Whether any offset would be stepped at a start with @policy. */
bool restart_can_step(const struct restart_policy *policy);

#endif
