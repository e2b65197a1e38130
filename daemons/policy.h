/* What each daemon would do to the clock at a start, by its configuration and its options. */
#ifndef DAEMONS_POLICY_H
#define DAEMONS_POLICY_H

#include "common/address.h"

/* What the configuration says of a source. */
enum restart_source_flag {
	RESTART_IBURST = 1 << 0,
	RESTART_PREFER = 1 << 1,
	RESTART_TRUE = 1 << 2,     /* `true`, `trust`: believed even when it is wrong */
	RESTART_NOSELECT = 1 << 3, /* `noselect`, `offline`: not followed after a start */
	RESTART_POOL = 1 << 4,     /* a name of many addresses */
	RESTART_PEER = 1 << 5,
	RESTART_AUTH = 1 << 6,     /* a key or NTS */
	RESTART_REFCLOCK = 1 << 7, /* hardware: no other program can measure it */
	RESTART_REQUIRE = 1 << 8,  /* chrony: without one of these the clock is not updated */
	RESTART_INIT = 1 << 9,     /* a server of initstepslew: asked once, at the start */
	RESTART_UNSURE = 1 << 10,  /* it is not known to which line this source belongs */
	RESTART_DEAF = 1 << 11,    /* the configuration keeps the daemon from hearing it */
};

#define RESTART_LINES_MAX 32
#define RESTART_PLACE_BYTES 96
#define RESTART_TEXT_BYTES 64

/* A source as configured. */
struct restart_line {
	char name[128];
	unsigned flags;                  /* of enum restart_source_flag */
	bool nts;                        /* RESTART_AUTH is NTS, not a key */
	unsigned addresses;              /* how many addresses of the name are used at most */
	int minpoll;                     /* log2 s */
	char device[48];                 /* of a refclock, which is silent without it; "": none */
	uint16_t port;                   /* at which it is asked; 0: 123 */
	char place[RESTART_PLACE_BYTES]; /* "/etc/ntp.conf:12" */
};

/* How sources are chosen at a start. */
enum restart_rules {
	RESTART_RULES_NTPD,    /* from those measured by now: ntp 4.2.8, NTPsec */
	RESTART_RULES_CHRONY,  /* from those polled alike, once all have answered: chrony */
	RESTART_RULES_ONE,     /* one server at a time: systemd-timesyncd */
	RESTART_RULES_MEDIAN,  /* the median of those that answered, no vote: openntpd */
	RESTART_RULES_NTPD_RS, /* a majority of those measured by now: ntpd-rs */
};

/* The settings that may be blamed for an outcome. */
enum restart_blamed {
	BLAME_STEP,     /* makestep, tinker step, -x, -G */
	BLAME_PASS,     /* -g */
	BLAME_PANIC,    /* tinker panic, maxchange that exits */
	BLAME_HOLD,     /* maxchange that ignores */
	BLAME_QUORUM,   /* tos minsane, minsources */
	BLAME_PRESET,   /* initstepslew, -s, tos basedate */
	BLAME_SLEW,     /* maxslewrate */
	BLAME_PASSIVE,  /* disable ntp, -x of chronyd */
	BLAME_STRATUM,  /* tos floor, tos ceiling */
	BLAME_JITTER,   /* maxjitter */
	BLAME_ONE_SHOT, /* -q */
	BLAME_ORPHAN,   /* tos orphan, local */
	BLAME_DEAF,     /* restrict, interface, bindacqaddress: what keeps it from hearing */
	BLAME_REFUSED,  /* a line at which it ends, before it does anything */
	BLAME_VERSION,  /* a line that not every version accepts */
	BLAME_UNKNOWN,  /* a line that could not be understood */
	BLAME_COUNT,
};

struct restart_blame {
	char place[RESTART_PLACE_BYTES]; /* "/etc/chrony/chrony.conf:12"; "": a start option */
	char text[RESTART_TEXT_BYTES];   /* "makestep 1 3", "-g"; "": a default, nobody set it */
};

#define RESTART_NEEDS_MAX 8

/* What must be there, or the daemon ends at its start. */
struct restart_need {
	char path[RESTART_PLACE_BYTES]; /* the device of a hardware clock, a folder; "": none */
	char user[64];                  /* a user of the host; "": none */
	char place[RESTART_PLACE_BYTES];
	char text[RESTART_TEXT_BYTES];
};

#define RESTART_FENCES_MAX 256

/* Whose packets a fence stops. */
enum restart_fence_flag {
	FENCE_ALL = 1 << 0,
	FENCE_UNSIGNED = 1 << 1, /* those without a key or NTS */
	FENCE_POOL = 1 << 2,     /* those of a pool, which are new to the daemon */
	FENCE_SERVICE = 1 << 3,  /* all but questions of ntpq: `noserve` */
};

/* Addresses whose packets the daemon drops or takes: the narrowest fence around a source counts. */
struct restart_fence {
	struct network network; /* IP_NONE: the addresses of name */
	char name[128];         /* "": every source, which then has a fence of its own */
	bool whole;             /* it counts whatever narrower ones say: `interface ignore` */
	bool hole;      /* of every source: only where another fence would ignore it (NTPsec) */
	unsigned stops; /* of enum restart_fence_flag; 0: it lets all pass */
	char place[RESTART_PLACE_BYTES];
	char text[RESTART_TEXT_BYTES];
};

/*
 * What the daemon does with the first offsets after its start.
 * Thresholds in ns; 0: the daemon has no such limit.
 */
struct restart_policy {
	bool known;            /* configuration and options were read and understood */
	bool refused_by_all;   /* and that holds for every version, whatever its own check says */
	bool refused;          /* it ends at its start: its configuration has a mistake */
	unsigned since, until; /* versions that accept the configuration; 0: no such limit */
	bool asks;             /* only the daemon's own check tells whether it accepts a line */
	unsigned newest;       /* of the versions of which it is known what they accept */
	enum restart_rules rules; /* they also give the constants of its selection */
	bool passive;             /* it only measures: chronyd -x, ntpd's `disable ntp` */
	bool one_shot;            /* it sets the clock once and ends: -q */
	int64_t step_forward_ns;  /* larger positive offsets are stepped; 0: never steps */
	int64_t step_back_ns;     /* the same for negative ones, as a positive number */
	bool step_any;            /* it steps offsets of any size (ntpd -G, chronyd -q) */
	int step_updates;         /* how many updates may step (makestep); -1: all */
	int64_t panic_ns;         /* larger offsets make it exit; 0: none */
	int64_t panic_back_ns;    /* the same for negative ones, if it differs; 0: as panic_ns */
	bool panic_pass;          /* -g: the first correction passes the panic limit */
	bool reload;              /* it uses samples from before its start (chronyd -r) */
	int64_t hold_ns;          /* it ignores larger offsets and runs on (chrony maxchange) */
	bool preset;              /* it sets the clock at its start, to an unknown time */
	bool preset_unit;         /* its unit sets the clock before it starts the daemon */
	int64_t basedate_ns;    /* an earlier clock is set to this instant at the start; 0: none */
	bool preset_rtc;        /* it sets the clock at its start from the RTC (chronyd -s) */
	int64_t preset_step_ns; /* it steps at its start if a server of initstepslew is farther off
				   than this; 0: it does not */
	unsigned quorum;        /* how many sources must agree before it touches the clock */
	unsigned
	    cluster_to; /* minclock: outliers are dropped until so many are left; 0: by rules */
	int64_t start_dispersion_ns; /* added to the distance of new sources: ntp 4.2.8 */
	int64_t distance_max_ns;     /* a source farther away is not used; 0: by rules */
	unsigned stratum_from,
	    stratum_below;     /* sources of another stratum are not used; 0: of any */
	int64_t jitter_max_ns; /* likewise of more jitter; 0: of any */
	bool own_clock;        /* without sources it serves its own clock: orphan, local */
	double slew_ppm;       /* fastest rate of a correction */
	bool drift_file;       /* the frequency is known at the start */
	char drift_path[RESTART_PLACE_BYTES]; /* of the drift file; "": Debian's path */
	struct restart_blame blames[BLAME_COUNT];
	struct restart_line lines[RESTART_LINES_MAX];
	size_t line_count; /* more than fit make the policy not known */
	struct restart_fence fences[RESTART_FENCES_MAX];
	size_t fence_count; /* likewise */
	struct restart_need needs[RESTART_NEEDS_MAX];
	size_t need_count; /* likewise */
};

/* networkd's file with the servers of links; in timesyncd's text it stands behind all others. */
#define TIMESYNCD_NETWORK "/run/systemd/netif/state"

/*
 * Each function reads the text line by line as the daemon does: the last line wins.  It ignores
 * settings that do not matter for a start.  A line that matters and that it cannot read makes
 * @policy not known.
 *
 * @config:  included files stand in their places, with lines `#line N FILE` where the place
 *           changes; without such lines it begins at line 1 of Debian's file
 * @options: the daemon's arguments in one string, with spaces between; one that contains spaces
 *           has double quotes.  For ntp 4.2.8, variables NTPD_* of the environment are arguments,
 *           too: "NTPD_PANICGATE="
 *
 * Source: chrony 4.3, ntp 4.2.8p15 and NTPsec 1.2.2 as they run; systemd-timesyncd 252,
 * OpenNTPD 6.2p3 to 7.0 and ntpd-rs 1.4 by their manuals and sources.
 */
void chrony_read_policy(const char *config, const char *options, struct restart_policy *policy);
void ntp_read_policy(const char *config, const char *options, struct restart_policy *policy);
void ntpsec_read_policy(const char *config, const char *options, struct restart_policy *policy);
void timesyncd_read_policy(const char *config, const char *options, struct restart_policy *policy);
void openntpd_read_policy(const char *config, const char *options, struct restart_policy *policy);
void ntpd_rs_read_policy(const char *config, const char *options, struct restart_policy *policy);

/*
 * Settle what depends on the version of the daemon: a line that it does not know makes @policy
 * refused; where the version is not known or newer than what is known of it, not known.
 *
 * @version: "4.6.1"; "": not known
 */
void restart_policy_settle(struct restart_policy *policy, const char *version);

/*
 * Take what the daemon's own check said of the configuration.
 *
 * @words: its complaint of the line at @place; NULL: it accepts the configuration
 */
void restart_policy_checked(struct restart_policy *policy, const char *place, const char *words);

/*
 * Returns the fence that keeps the daemon from hearing a source with the flags of @line; NULL:
 * none.
 *
 * @ip: of the source; IP_NONE: not known, then only what holds for every address counts
 */
const struct restart_fence *restart_fence_around(
    const struct restart_policy *policy, const struct restart_line *line, const struct ip *ip);

#endif
