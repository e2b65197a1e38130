/* What each daemon would do to the clock at a start, by its configuration and its options. */
#ifndef DAEMONS_POLICY_H
#define DAEMONS_POLICY_H

#include "common/base.h"

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

/*
 * Each reads the text line by line as the daemon does, the last line wins, and ignores what is
 * none of its business.  A line of its business that it cannot read makes @policy not known.
 *
 * @config:  with includes in their places, and lines `#line N FILE` where the place changes;
 *           without them it is line 1 of the file that Debian has
 * @options: the daemon's arguments in one string, parted by spaces; one with spaces within stands
 *           in double quotes; for ntpd 4.2.8 its variables NTPD_* of the environment are words,
 *           too: "NTPD_PANICGATE="
 *
 * Source: TIMESAFETY 1.1 to 1.4, 1.7 step 1; chrony 4.3, ntp 4.2.8p15 and NTPsec 1.2.2 as they
 * run; systemd-timesyncd 252, OpenNTPD 6.2p3 to 7.0 and ntpd-rs 1.4 by their manuals and sources.
 */
void chrony_read_policy(const char *config, const char *options, struct restart_policy *policy);
void ntp_read_policy(const char *config, const char *options, struct restart_policy *policy);
void ntpsec_read_policy(const char *config, const char *options, struct restart_policy *policy);
void timesyncd_read_policy(const char *config, const char *options, struct restart_policy *policy);
void openntpd_read_policy(const char *config, const char *options, struct restart_policy *policy);
void ntpd_rs_read_policy(const char *config, const char *options, struct restart_policy *policy);

#endif
