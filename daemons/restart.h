/* What a restart of the daemon, now, would do to the clock.  Pure. */
#ifndef DAEMONS_RESTART_H
#define DAEMONS_RESTART_H

#include "common/base.h"

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

/* What a source's line in the configuration says of it. */
enum restart_source_flag {
	RESTART_IBURST = 1 << 0,
	RESTART_PREFER = 1 << 1,
	RESTART_TRUE = 1 << 2,     /* `true`, `trust`: believed even when it is wrong */
	RESTART_NOSELECT = 1 << 3, /* or `offline`: not followed after a start */
	RESTART_POOL = 1 << 4,     /* a name of many addresses */
	RESTART_PEER = 1 << 5,
	RESTART_AUTH = 1 << 6,     /* a key or NTS */
	RESTART_REFCLOCK = 1 << 7, /* hardware: no other program can measure it */
	RESTART_REQUIRE = 1 << 8,  /* chrony: without one of these there is no update */
	RESTART_INIT = 1 << 9,     /* of initstepslew: asked once, at the start */
	RESTART_UNSURE = 1 << 10,  /* of a source: which line it is of is not known */
};

#define RESTART_SOURCES_MAX 32
#define RESTART_LINES_MAX 32
#define RESTART_PLACE_BYTES 96
#define RESTART_TEXT_BYTES 64

/* A source as configured. */
struct restart_line {
	char name[128];
	unsigned flags;                  /* of enum restart_source_flag */
	unsigned addresses;              /* of its name that are used, at most */
	int minpoll;                     /* log2 s */
	char place[RESTART_PLACE_BYTES]; /* "/etc/ntp.conf:12" */
};

/* How sources are chosen at a start. */
enum restart_rules {
	RESTART_RULES_NTPD,    /* those fit at the moment, each as soon as it is measured */
	RESTART_RULES_CHRONY,  /* waits for those that are polled alike */
	RESTART_RULES_ONE,     /* one server at a time: systemd-timesyncd */
	RESTART_RULES_MEDIAN,  /* the median of what answered, no vote: openntpd */
	RESTART_RULES_NTPD_RS, /* a majority of those fit at the moment */
};

/* What the blame for an outcome may be put on. */
enum restart_blamed {
	BLAME_STEP,     /* makestep, tinker step, -x, -G */
	BLAME_PASS,     /* -g */
	BLAME_PANIC,    /* tinker panic, maxchange that exits */
	BLAME_HOLD,     /* maxchange that ignores */
	BLAME_QUORUM,   /* tos minsane, minsources */
	BLAME_PRESET,   /* initstepslew, -s, tos basedate */
	BLAME_SLEW,     /* maxslewrate */
	BLAME_PASSIVE,  /* disable ntp, -x of chronyd */
	BLAME_ONE_SHOT, /* -q */
	BLAME_ORPHAN,   /* tos orphan, local */
	BLAME_UNKNOWN,  /* a line that could not be understood */
	BLAME_COUNT,
};

struct restart_blame {
	char place[RESTART_PLACE_BYTES]; /* "/etc/chrony/chrony.conf:12"; "": a start option */
	char text[RESTART_TEXT_BYTES];   /* "makestep 1 3", "-g"; "": nobody said so, a default */
};

/*
 * What the daemon does with the first offsets after its start: TIMESAFETY 1.7, step 1.
 * Thresholds in ns; 0 where the daemon knows no such limit.
 */
struct restart_policy {
	bool known;               /* configuration and options were read and understood */
	enum restart_rules rules; /* and with them the constants of its selection */
	bool passive;             /* it only measures: chronyd -x, ntpd's `disable ntp` */
	bool one_shot;            /* it sets the clock once and ends: -q */
	int64_t step_forward_ns;  /* larger positive offsets are stepped; 0: never steps */
	int64_t step_back_ns;     /* the same for negative ones, as a positive number */
	bool step_any;            /* steps whatever the size (ntpd -G, chronyd -q) */
	int step_updates;         /* that many updates may step; -1: any, at any time */
	int64_t panic_ns;         /* larger offsets make it exit; 0: none */
	int64_t panic_back_ns;    /* the same for negative ones, where it differs; 0: as panic_ns */
	bool panic_pass;          /* -g: the first correction passes the panic limit */
	bool reload;              /* goes on with samples of before its start (chronyd -r) */
	int64_t hold_ns;          /* larger offsets are ignored, daemon alive (chrony maxchange) */
	bool preset;              /* sets the clock at start, nobody knows to what */
	int64_t basedate_ns;    /* an earlier clock is set to this instant at the start; 0: none */
	bool preset_rtc;        /* sets it at the start from the hardware clock (chronyd -s) */
	int64_t preset_step_ns; /* sets it where its first sources are farther off than this
				   (initstepslew); 0: does not */
	unsigned quorum;        /* sources that must agree before the clock is touched */
	unsigned cluster_to; /* minclock: outliers are dropped down to so many; 0: as the rules */
	int64_t start_dispersion_ns; /* that new sources have besides their distance: ntp 4.2.8 */
	int64_t distance_max_ns;     /* a farther source is not used; 0: as the rules have it */
	bool own_clock;              /* serves its own clock without sources: orphan, local */
	double slew_ppm;             /* fastest rate of a correction */
	bool drift_file;             /* a frequency is known at the start */
	char drift_path[RESTART_PLACE_BYTES]; /* where it is kept; "": as Debian has it */
	struct restart_blame blames[BLAME_COUNT];
	struct restart_line lines[RESTART_LINES_MAX];
	size_t line_count; /* further ones make the policy not known */
};

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
