/*
 * What this project knows of each time daemon.  One file here per daemon fills one struct with
 * data and pure functions: whoever needs I/O does it by what the struct says.
 */
#ifndef DAEMONS_DAEMON_H
#define DAEMONS_DAEMON_H

#include "common/error.h"
#include "daemons/file_set.h"

#include <sys/types.h>

struct restart_policy;

/* What a daemon can do; whoever asks tests these, never a name. */
enum daemon_feature {
	DAEMON_NTS = 1 << 0,
	DAEMON_SYMMETRIC = 1 << 1,         /* `peer` is a symmetric association */
	DAEMON_RELOAD_SOURCES = 1 << 2,    /* sources change without a restart */
	DAEMON_REKEY = 1 << 3,             /* keys are read again without a restart */
	DAEMON_CIDR = 1 << 4,              /* access lines take prefixes (else masks) */
	DAEMON_SERVES = 1 << 5,            /* fit for a server of a tier */
	DAEMON_WAITS_FOR_SOURCES = 1 << 6, /* at start it obeys none before it has heard all that
					      poll alike */
	DAEMON_SLEWS_FAST = 1 << 7,        /* at up to 100000 ppm, unless it is told otherwise */
};

/* How the agent asks it. */
enum daemon_query {
	DAEMON_QUERY_COMMAND, /* run query_argv, parse_status reads what it prints */
	DAEMON_QUERY_MODE6, /* RFC 9327 on the loopback; parse_status reads the collected answers */
};

/* How its configuration takes in other files, and what it makes of one that is not there. */
enum daemon_includes {
	DAEMON_INCLUDES_NONE,
	DAEMON_INCLUDES_CHRONY,  /* include PATTERN, confdir, sourcedir */
	DAEMON_INCLUDES_NTP,     /* includefile FILE, below / when it is relative */
	DAEMON_INCLUDES_NTPSEC,  /* includefile FILE or FOLDER, beside the file; ntp.d beside it */
	DAEMON_INCLUDES_SYSTEMD, /* NAME.d/ *.conf, below /etc, /run and /usr/lib */
};

enum leap {
	LEAP_NONE,
	LEAP_INSERT,
	LEAP_DELETE,
	LEAP_UNSYNC, /* not synchronised: RFC 5905 figure 9, value 3 */
};

/* What the daemon makes of a source, in the words of ntpq and chronyc. */
enum source_state {
	SOURCE_UNKNOWN,
	SOURCE_SILENT,      /* never or no longer answers: reach 0 */
	SOURCE_REJECTED,    /* answers, but is unfit or not yet measured well enough */
	SOURCE_FALSETICKER, /* ntpq x, chronyc x: outvoted */
	SOURCE_OUTLIER,     /* ntpq -, chronyc -: good, not used */
	SOURCE_COMBINED,    /* ntpq +, chronyc +: part of the combined offset */
	SOURCE_SELECTED,    /* ntpq *, chronyc *: the system peer */
};

enum source_auth {
	AUTH_UNKNOWN,
	AUTH_NONE,
	AUTH_KEY,
	AUTH_NTS,
	AUTH_BAD, /* a key is configured and the check fails */
};

#define SOURCE_NAME_BYTES 64
#define DAEMON_SOURCES_MAX 32 /* further ones are counted and left out */

struct source_status {
	char address[SOURCE_NAME_BYTES]; /* numeric, or a refclock's name */
	enum source_state state;
	enum source_auth auth;
	int stratum;
	int poll_log2;
	unsigned reach;    /* the 8-bit shift register */
	int64_t age_ns;    /* since its last good sample; -1: never */
	int64_t offset_ns; /* source minus local: positive means the local clock is behind */
	int64_t delay_ns;  /* round trip; -1: not told */
	int64_t error_ns;  /* half width of the interval that offset_ns is good for */
	int64_t filter_ns; /* of error_ns: what the daemon adds while it has few samples */
};

/* How the daemon says it is doing; the same words for every daemon. */
struct daemon_status {
	char version[32]; /* "4.3", "1.2.2", "4.2.8p15"; "" when not told */
	enum leap leap;
	int stratum;                      /* 16: not synchronised */
	char selected[SOURCE_NAME_BYTES]; /* address of the source in use, "" for none */
	int64_t offset_ns;                /* source minus local */
	int64_t root_delay_ns;
	int64_t root_dispersion_ns;
	int64_t update_age_ns;      /* since the clock was last updated; -1: never */
	int64_t update_interval_ns; /* between updates; 0: not told */
	double frequency_ppm;       /* correction of the local clock's rate; positive: it is slow */
	struct source_status sources[DAEMON_SOURCES_MAX];
	size_t source_count;
};

/* A file that the daemon has on a host, and from which template it is made. */
struct daemon_file {
	const char *path;
	const char *template_name; /* under templates/; see doc/templates.7 for what it may name */
	unsigned mode;
	const char *owner, *group;
	enum file_action action; /* that a change of it asks for */
	bool secret;
};

struct daemon_driver {
	const char *name;          /* "chrony": as `daemon:` in site.yaml */
	const char *title;         /* "ntp 4.2.8": as people call it */
	const char *package;       /* Debian's, for the words of an error */
	const char *unit;          /* "chrony.service" */
	const char *binary;        /* absolute; there when the daemon is installed */
	const char *binary_has;    /* text in `binary --version`'s answer that tells it from a
				      namesake; NULL: it has no such answer */
	const char *binary_beside; /* then: a program that comes with it and with no namesake */
	const char *const *version_argv; /* what to run in place of that; NULL: that */
	unsigned features;               /* of enum daemon_feature */
	const struct daemon_file *files; /* ended by a row without path */
	const char *config_path;
	const char *keys_path;
	const char *drift_path;
	const char *options_path;         /* where the unit takes its start options from */
	const char *options_variable;     /* by this name: "DAEMON_OPTS" */
	const char *const *other_units;   /* names of its unit elsewhere, NULL-ended; NULL: none */
	const char *const *other_configs; /* paths of its configuration elsewhere; the same */
	char config_option;               /* 'c': `-c FILE` names another; 0: there is none */
	const char *options_prefix; /* "NTPD": NTPD_PANICGATE=1 in its environment is as good as
				       --panicgate; NULL: it takes none from there */
	enum daemon_includes includes;
	/* Whose files it, or its unit, reads besides as we configure it: globs. */
	const char *const *beside; /* NULL-ended */

	/*
	 * Tries the configuration that stands at "{file}" and changes nothing; NULL-ended.  NULL:
	 * the daemon has no such mode.  It failed when the status is not 0 or a line of what it
	 * prints matches bad_line().
	 */
	const char *const *check_argv;
	bool (*bad_line)(const char *line); /* of its check or its log; NULL: none is */

	/*
	 * Commands by which the running daemon looks its names up again and asks the new addresses
	 * at once; NULL-ended.  NULL: it does that at its start alone.
	 */
	const char *const *refresh_commands;

	enum daemon_query query;
	const char *const *query_argv; /* NULL-ended; of DAEMON_QUERY_COMMAND */

	/*
	 * Pure: what query_argv printed, behind a line "now,SECONDS" of the host's clock (or the
	 * mode 6 answers, as daemons/ntpd/status.h lays them out), to @status.  Untouched on
	 * failure.
	 */
	int (*parse_status)(
	    const char *text, size_t len, struct daemon_status *status, struct error *err);

	/*
	 * Pure: what a restart would do, as far as configuration and start options tell
	 * (verdict/restart.h).
	 *
	 * @config: the configuration text; @options: the daemon's arguments, one string
	 */
	void (*read_policy)(const char *config, const char *options, struct restart_policy *policy);
};

/*
 * What a host has besides, whichever its daemon, when no start of that daemon may step the clock:
 * what sets the clock before it.  Ended by a row without path.
 */
extern const struct daemon_file daemon_first_set_files[];

#define FIRST_SET_UNIT "timetier-first-set.service"
#define FIRST_SET_UNIT_FILE "/etc/systemd/system/" FIRST_SET_UNIT
#define FIRST_SET_CONFIG "/etc/timetier/first-set.conf"

/* NULL when no driver has that name. */
const struct daemon_driver *daemon_find(const char *name);

/* Every driver, NULL-ended, in the order in which `daemon: auto` looks for them. */
extern const struct daemon_driver *const daemon_drivers[];

/*
 * Those, and the others that an agent knows to watch and to judge, NULL-ended.  They have no files,
 * and site.yaml does not take them.
 */
extern const struct daemon_driver *const daemon_known[];
const struct daemon_driver *daemon_find_known(const char *name);

/* "falseticker" and its like: for people and for JSON. */
const char *source_state_name(enum source_state state);
const char *source_auth_name(enum source_auth auth);
const char *leap_name(enum leap leap);

/* |offset| + root dispersion + root delay / 2: how far from true time the clock may be. */
int64_t daemon_error_bound_ns(const struct daemon_status *status);

#endif
