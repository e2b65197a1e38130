/* Judges what a restart of the daemon, now, would do to the clock.  No I/O. */
#ifndef VERDICT_RESTART_H
#define VERDICT_RESTART_H

#include "daemons/daemon.h"
#include "daemons/policy.h"

struct ntp_sample;

/*
 * Worst last.  VERDICT_EXIT means: the daemon would exit, or run and never synchronise; it leaves
 * the clock alone.  STEP and UNKNOWN are equally bad: what is unknown never hides a known step.
 */
enum verdict_kind {
	VERDICT_SAFE,    /* the clock stays where it is, within its error bound */
	VERDICT_SLEW,    /* the clock is moved only by its rate */
	VERDICT_EXIT,    /* the daemon refuses the offset; the clock is left alone */
	VERDICT_STEP,    /* the clock jumps */
	VERDICT_UNKNOWN, /* nobody can tell; treat it as a step */
};

#define VERDICT_REASONS_MAX 8
#define VERDICT_REASON_BYTES 192

struct verdict {
	enum verdict_kind kind;
	bool degraded;       /* the daemon would not serve time, whatever happens to the clock */
	int64_t amount_ns;   /* of the step or slew, source minus local; 0 when not known, as where
				only the error of the offset may be beyond the limit */
	int64_t duration_ns; /* of the slew */
	/* what the operator should know and do, the most important first */
	char reasons[VERDICT_REASONS_MAX][VERDICT_REASON_BYTES];
	size_t reason_count;
};

#define RESTART_SOURCES_MAX 32

const char *verdict_name(enum verdict_kind kind);

/* ", and no time is served afterwards" where that is to be added to what is said of it; else "". */
const char *verdict_lost(const struct verdict *verdict);

/* What happens to the clock then, as a sentence: "the clock jumps". */
const char *verdict_meaning(enum verdict_kind kind);

/* A source as measured just now, or as the daemon saw it last. */
struct restart_source {
	char address[64];
	unsigned flags; /* of its line: enum restart_source_flag */
	bool fit;       /* it answers, is synchronised and may be selected */
	bool lossy;     /* some questions had no answer: other sources may be ready before it */
	unsigned stratum;
	int minpoll;         /* of its line, log2 s; 0: not told */
	int64_t offset_ns;   /* source minus local */
	int64_t distance_ns; /* root distance, which includes PHI times the sample's age */
	int64_t error_ns;    /* the daemon measures offset_ns +- this: delay / 2 of the path, plus
				jitter; 0: use distance_ns */
	int64_t jitter_ns;
};

/*
 * Everything that decides what a restart would do.  Facts that could
 * not be found out are false or 0, and unknown says what is missing.
 */
struct restart_case {
	struct restart_policy policy; /* of the next start, not of the latest one */
	const char *options_place;    /* where the start options stand: "/etc/default/ntpsec";
					 NULL: not told */
	struct restart_source sources[RESTART_SOURCES_MAX];
	size_t source_count;
	int64_t measured_age_ns; /* age of the oldest measurement; -1: none */
	bool fresh;              /* measured for this verdict; else the daemon's own measurements */
	bool unheard;           /* the daemon runs, and has heard none of its sources for minutes */
	bool resumed;           /* the machine slept or was paused since the measurement */
	const char *held_back;  /* a line by which systemd would not start the daemon; NULL: none */
	const char *starter;    /* what starts the daemon again after an exit: "Restart=always of
				   ntp.service", "monit"; NULL: nothing */
	const char *presets[4]; /* what else sets the clock at the start, each in words:
				   "ExecStartPre of ntp.service runs ntpdate" */
	size_t preset_count;
	const char *const *rivals; /* other programs that may set the clock, each in words */
	size_t rival_count;
	int64_t now_ns;           /* the local clock; 0: not told */
	double kernel_ppm;        /* report.h */
	int64_t rtc_offset_ns;    /* RTC minus system clock; INT64_MAX: not told */
	bool rtc_absent;          /* the host has no RTC */
	int64_t drift_written_ns; /* time stamp of the drift file; 0: not told */
	enum leap leap;           /* what the daemon announces */
	const char *unknown[4];   /* what could not be read, each in words */
	size_t unknown_count;
	const char *notes[4]; /* further notes for the operator: "edited since the start" */
	size_t note_count;
};

/*
 * Fill @out with @policy and with the sources as the daemon itself sees them in @status.  All other
 * facts are not known.
 */
void restart_case_of_status(const struct restart_policy *policy, const struct daemon_status *status,
    struct restart_case *out);

/*
 * Write into the sources of @status what @policy declares of each: whether it is measured only, and
 * how it proves itself.  What cannot be told, because a source may be of several lines that differ,
 * stays as it is.
 */
void restart_declare(const struct restart_policy *policy, struct daemon_status *status);

/*
 * Fill @source with what was measured of it: it is fit, and has an offset with its error.
 *
 * @samples: array of @count, at least 1
 * @boot_ns: now, by the clock of their boot_ns
 */
void restart_source_measure(
    const struct ntp_sample *samples, size_t count, int64_t boot_ns, struct restart_source *source);

/*
 * Mark @source, which is of @line, if the configuration keeps the daemon from hearing it.
 *
 * @line: NULL: not known
 */
void restart_case_fence(
    struct restart_case *input, const struct restart_line *line, struct restart_source *source);

/*
 * Judge.  No I/O.  If an offset's interval of error contains a threshold, the worse side counts.
 * Source: the daemons in the lab; tests/fleet/50-verdict-agrees.
 */
void restart_judge(const struct restart_case *input, struct verdict *verdict);

/*
 * Whether a start with @policy can step the clock at all, by whatever offset.
 *
 * @now_ns: what the clock says before it; 0: not told
 */
bool restart_can_step(const struct restart_policy *policy, int64_t now_ns);

/* Whether it can make just this step; @now_ns as above. */
bool restart_can_make(const struct restart_policy *policy, int64_t amount_ns, int64_t now_ns);

/* Whether it can make just this step before any source is heard: -s, initstepslew, basedate. */
bool restart_can_preset(const struct restart_policy *policy, int64_t amount_ns, int64_t now_ns);

#endif
