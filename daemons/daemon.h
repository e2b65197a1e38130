/*
 * What this project knows of each time daemon.  One file per daemon says what the daemon is;
 * daemons/platforms says where it stands on each system, and makes of both the struct daemon_driver
 * that everybody uses: this daemon, there.  These do no I/O: the caller does it as the struct says.
 */
#ifndef DAEMONS_DAEMON_H
#define DAEMONS_DAEMON_H

#include "common/error.h"
#include "daemons/file_set.h"

#include <sys/types.h>

struct option_rules;
struct buf;
struct restart_policy;

/* What a daemon can do.  Callers test these features, never a daemon's name. */
enum daemon_feature {
	DAEMON_NTS = 1 << 0,
	DAEMON_SYMMETRIC = 1 << 1,         /* `peer` is a symmetric association */
	DAEMON_RELOAD_SOURCES = 1 << 2,    /* sources change without a restart */
	DAEMON_REKEY = 1 << 3,             /* keys are read again without a restart */
	DAEMON_CIDR = 1 << 4,              /* access lines take prefixes (else masks) */
	DAEMON_SERVES = 1 << 5,            /* a server of a tier can run it */
	DAEMON_WAITS_FOR_SOURCES = 1 << 6, /* at its start it first waits for all sources that
					      are polled alike */
	DAEMON_SLEWS_FAST = 1 << 7,        /* unless configured, it slews at up to 100000 ppm */
	DAEMON_SERVES_CORRECTED = 1 << 8,  /* what it answers is the time that its clock will have
					      when the present correction is slewed */
	DAEMON_ANSWERS_ROOT = 1 << 9,      /* and nobody else: the agent cannot ask it */
	DAEMON_RANKS_BY_PROOF = 1 << 10,   /* sources that prove themselves above all others, unless
					      it is told not to: `authselectmode` */
	DAEMON_PREFERS = 1 << 11, /* `prefer` sets sources above all others that agree, which then
				     have no say; it is not the `prefer` of one source for all */
	DAEMON_CLOCKS = 1 << 16,  /* timetier can configure its hardware clocks */
	DAEMON_CLOCK_PATHS = 1 << 17,   /* it takes the path of a clock's device; else the path
					   follows from the number of the unit */
	DAEMON_FOLLOWS_PPS = 1 << 18,   /* a PPS is a source, and what numbers it is none; it reads
					   sockets and network cards, and no serial line */
	DAEMON_INTERLEAVES = 1 << 19,   /* it asks servers in interleaved mode: `xleave` */
	DAEMON_KEYS = 1 << 20,          /* it proves sources by symmetric keys */
	DAEMON_VOTES = 1 << 21,         /* it compares its sources, and follows none that the others
					   contradict */
	DAEMON_STEPS_AT_WILL = 1 << 22, /* beyond some offset it may step the clock at any time */
	DAEMON_STAMPS = 1 << 24, /* it takes the time stamps of network cards: `hwtimestamp` */
	DAEMON_STEPS_ANYWAY = 1 << 23, /* and no line of its configuration keeps it from that */
	DAEMON_NAMES_IPV6 = 1 << 25,   /* it takes an IPv6 address for a name, and finds nobody */
	DAEMON_LEAVES_RATE = 1 << 26,  /* it slews by the kernel's rate, and an end of it in the
					  midst  of that leaves the rate so, which its next start
					  takes for  the clock's own */
};

/* How the agent asks a daemon for its status. */
enum daemon_query {
	DAEMON_QUERY_COMMAND, /* run query_argv; parse_status reads what it prints */
	DAEMON_QUERY_MODE6, /* RFC 9327 on the loopback; parse_status reads the collected answers */
};

/* How a daemon's configuration includes other files, and what follows if one is missing. */
enum daemon_includes {
	DAEMON_INCLUDES_NONE,
	DAEMON_INCLUDES_CHRONY,  /* include PATTERN, confdir, sourcedir */
	DAEMON_INCLUDES_NTP,     /* includefile FILE, relative to / */
	DAEMON_INCLUDES_NTPSEC,  /* includefile FILE or FOLDER, and ntp.d, relative to the file */
	DAEMON_INCLUDES_SYSTEMD, /* NAME.d/ *.conf, below /etc, /run and /usr/lib */
};

enum leap {
	LEAP_NONE,
	LEAP_INSERT,
	LEAP_DELETE,
	LEAP_UNSYNC, /* not synchronised: RFC 5905 figure 9, value 3 */
};

/* How the daemon rates a source, with the marks of ntpq and chronyc. */
enum source_state {
	SOURCE_UNKNOWN,
	SOURCE_SILENT,      /* it has never answered, or no longer answers: reach 0 */
	SOURCE_REJECTED,    /* answers, but is unfit or not yet measured well enough */
	SOURCE_NEW,         /* only source_shown_state(): it has just begun to answer */
	SOURCE_MEASURED,    /* likewise: it answers, and is measured only, as declared */
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
#define DAEMON_SOURCES_MAX 32 /* further sources are left out */

struct source_status {
	char address[SOURCE_NAME_BYTES]; /* numeric, or a refclock's name */
	enum source_state state;
	enum source_auth auth;          /* as the daemon tells it */
	enum source_auth declared_auth; /* as its configuration has it; AUTH_BAD: never */
	bool noselect;                  /* its configuration says: measure, and do not follow */
	int stratum;
	int poll_log2;
	unsigned reach;     /* the 8-bit shift register */
	unsigned jitter_ns; /* RMS of its latest offsets against each other; 0: not told */
	int64_t age_ns;     /* since its last good sample; -1: never */
	int64_t offset_ns;  /* source minus local: positive means the local clock is behind */
	int64_t delay_ns;   /* round trip; -1: not told */
	int64_t error_ns;   /* the true offset is within +- this of offset_ns */
	int64_t filter_ns;  /* the part of error_ns that is added while there are few samples */
};

/* What the daemon says of itself, in the same form for every daemon. */
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
	double frequency_ppm;       /* correction of the clock's rate; positive: clock is slow; 0:
				       not told, or not known yet */
	double skew_ppm;          /* chronyd: frequency_ppm may be wrong by so much; 0: not told */
	double wander_ppm;        /* ntpd: RMS of the changes of frequency_ppm; likewise */
	int64_t last_offset_ns;   /* chronyd: as offset_ns, at its latest update; 0: not told */
	int64_t rms_offset_ns;    /* chronyd: long-term mean of the size of those; likewise */
	int64_t clock_jitter_ns;  /* ntpd: RMS of the clock's latest offsets; likewise */
	int64_t system_jitter_ns; /* ntpd: RMS of the sources' offsets, combined; likewise */
	struct source_status sources[DAEMON_SOURCES_MAX];
	size_t source_count;
};

/* What a file is to the daemon.  Each place has its paths: struct daemon_place. */
enum daemon_file_role {
	DAEMON_FILE_CONFIG,
	DAEMON_FILE_SOURCES, /* sources that are read without a restart */
	DAEMON_FILE_KEYS,    /* symmetric keys; the group of the daemon may read it */
	DAEMON_FILE_OPTIONS, /* the start options of its service */
	DAEMON_FILE_DROPIN,  /* our settings for its unit */
	DAEMON_FILE_ROLES,
};

/* A file of the daemon on a host, and the template from which it is made. */
struct daemon_file {
	const char *path; /* NULL in the table of what a daemon is: its place tells */
	enum daemon_file_role role;
	const char *template_name; /* under templates/; see doc/templates.7 for what it may name */
	unsigned mode;
	const char *owner, *group;
	enum file_action action; /* needed when the file changes */
	const char *idle;        /* of FILE_ACTION_NONE: why nothing is needed then */
	bool secret;
};

#define DAEMON_DATAGRAM_BYTES 256

/*
 * A question in one datagram to the loopback, which any local user may ask, and whose answer says
 * whether the daemon follows a source.
 */
struct daemon_datagram {
	uint16_t port;

	/* Write the question; returns its length. */
	size_t (*question)(uint32_t sequence, uint8_t bytes[DAEMON_DATAGRAM_BYTES]);

	/*
	 * Read an answer: leap, stratum and selected of @status are then filled, and nothing more
	 * is known.  Returns false, with @status untouched, when it is none to that question.
	 */
	bool (*answer)(
	    const uint8_t *bytes, size_t len, uint32_t sequence, struct daemon_status *status);
};

#define DAEMON_ANSWER_BYTES 128
#define DAEMON_QUESTIONS_MAX (2 + DAEMON_SOURCES_MAX)

struct daemon_answer {
	uint8_t bytes[DAEMON_ANSWER_BYTES];
	size_t len; /* 0: there was none yet */
};

/*
 * What query_argv asks for, without that program: a few questions in datagrams to the loopback,
 * each with one answer.  No I/O.
 */
struct daemon_dialogue {
	uint16_t port;

	/* How many questions there are, as far as the answers tell; the first ones need none. */
	size_t (*count)(const struct daemon_answer answers[DAEMON_QUESTIONS_MAX]);

	/* Write the question; returns its length.  Its number is @sequence. */
	size_t (*question)(size_t index, uint32_t sequence, uint8_t bytes[DAEMON_DATAGRAM_BYTES]);

	/* Whether the bytes are the answer to that question. */
	bool (*is_answer)(size_t index, const uint8_t *bytes, size_t len, uint32_t sequence);

	/* Append what query_argv would print; parse_status() reads it. */
	void (*write)(const struct daemon_answer answers[DAEMON_QUESTIONS_MAX], struct buf *text);
};

/* Where a daemon stands on a system: what the package there calls its things. */
struct daemon_place {
	const struct daemon_driver *kind; /* what the daemon is */
	bool watched;                     /* it is not configured there */
	const char *package;              /* for error messages */
	const char *first_start;          /* what may step the clock when that package is installed:
					     the installation, or the first start, runs the daemon as
					     the package configures it; NULL: not known */
	bool alone; /* its package cannot stay beside that of another daemon that has this: the
		       package manager removes the one for the other */
	const char *unit;               /* "chrony.service"; where no systemd runs, the name of
					   the service: "chronyd" */
	const char *const *other_units; /* other names of the unit, NULL-ended; NULL: none */
	const char *binary;             /* absolute; the file exists when the daemon is installed */
	const char *user, *group;       /* as whom it runs; the group may read the keys */
	const char *paths[DAEMON_FILE_ROLES]; /* NULL: it has no such file there */
	const char *drift_path;
	const char *options_variable; /* in the file of options: "DAEMON_OPTS" */
	const char *options_besides;  /* a line that must stand there, too; NULL: none */
	const char *stock_options; /* options of the package that a hand would keep: "-F 1"; NULL:
				      none */
	const char *pid_path;      /* where our drop-in has ntpd write its process ID */
	const char *leap_path;     /* its list of leap seconds; NULL: it has a zone or none */
	const char *const *beside; /* globs of further files that the daemon or its unit reads when
				      we configure it; NULL-ended; NULL: none */
};

struct daemon_driver {
	const char *name;  /* "chrony": as `daemon:` in site.yaml */
	const char *title; /* "ntp 4.2.8": as people call it */

	/*
	 * Where it stands, from its struct daemon_place; of what a daemon is alone, all NULL.  Two
	 * drivers of one daemon at different places are of one kind.
	 */
	const struct daemon_driver *kind;
	const char *family; /* of the systems that have it so: "debian", "rhel" */
	const char *package;
	const char *first_start;
	bool alone;
	const char *unit;
	const char *const *other_units;
	const char *binary;
	const char *user, *group;
	const char *config_path;
	const char *keys_path;
	const char *drift_path;
	const char *options_path;
	const char *options_variable;
	const char *options_besides;
	const char *stock_options;
	const char *pid_path;
	const char *leap_path;
	const char *const *beside;

	const char *binary_has;    /* text that `binary --version` prints only for this daemon, and
				      not for others with this binary's name; NULL: none */
	const char *binary_beside; /* if binary_has is NULL: a program of this package alone */
	const char *const *version_argv; /* run this and not `binary --version`; NULL: that */
	unsigned features;               /* of enum daemon_feature */
	const struct daemon_file *files; /* ended by a row without template; at a place, those that
					    it has, each with its path and owner */
	char config_option;              /* 'c': `-c FILE` names another one; 0: no option does */
	const struct option_rules *options; /* NULL: it has none that count */
	const char *options_prefix; /* "NTPD": NTPD_PANICGATE=1 in the environment has the effect of
				       --panicgate; NULL: the daemon reads no such variables */
	enum daemon_includes includes;
	const char *certificate_words; /* stand before the path of the certificate by which it
					  serves with NTS: "nts cert"; NULL: it does not */

	/*
	 * The command that checks the configuration at "{file}" and changes nothing; NULL-ended.
	 * "{binary}" is the daemon's own, and is replaced where it stands.
	 * NULL: the daemon has no such command.  The check has failed if its exit status is not 0
	 * or if bad_line() is true for a line that it prints.
	 */
	const char *const *check_argv;
	bool check_stops; /* the daemon does not start with what the check refuses, whose exit
			     status is then not 0; any user may ask */
	bool (*bad_line)(const char *line); /* whether the check or the log complains; or NULL */

	/*
	 * Commands that make the running daemon look its names up again and ask the new addresses
	 * at once; NULL-ended.  NULL: the daemon does that only at its start.
	 */
	const char *const *refresh_commands;

	enum daemon_query query;
	const char *const *query_argv;          /* NULL-ended; of DAEMON_QUERY_COMMAND */
	const struct daemon_datagram *datagram; /* of DAEMON_QUERY_COMMAND: for those who must start
						   no program; NULL: there is none */
	const struct daemon_dialogue *dialogue; /* likewise: asked first, and query_argv is run
						   where nobody answers; NULL: there is none */
	uint16_t query_port; /* of UDP on the loopback, where it is asked; 0: by a socket that only
				the daemon or root could have made */

	/*
	 * Fill @status from what query_argv printed, behind a line "now,SECONDS" of the host's
	 * clock (or from mode 6 answers, laid out by daemons/ntpd/status.h).  No I/O.  On failure
	 * @status is untouched.
	 */
	int (*parse_status)(
	    const char *text, size_t len, struct daemon_status *status, struct error *err);

	/*
	 * Fill @policy, which says how the daemon would act at a start (daemons/policy.h).  No I/O.
	 *
	 * @config: the configuration text; @options: the daemon's arguments, one string
	 */
	void (*read_policy)(const char *config, const char *options, struct restart_policy *policy);
};

/*
 * The files that make the first-set unit, which sets the clock before the daemon starts.  A host
 * has them, with any daemon, if no start of the daemon may step the clock.  Ended by a row without
 * template.
 */
extern const struct daemon_file daemon_first_set_files[];

/*
 * The files of the unit that keeps the last good time, for a host whose sources all have NTS.  The
 * first-set unit starts its timer.  Ended by a row without template.
 */
extern const struct daemon_file daemon_first_set_good_files[];

/*
 * The files by which a server proves at a TCP port, for a while, that it means to be in the public
 * pool: a socket unit, the service that answers each call, and what it says.  Ended likewise.
 */
extern const struct daemon_file daemon_verify_files[];

#define VERIFY_UNIT "timetier-verify.socket"
#define VERIFY_UNIT_FILE "/etc/systemd/system/" VERIFY_UNIT

#define FIRST_SET_UNIT "timetier-first-set.service"
#define FIRST_SET_UNIT_FILE "/etc/systemd/system/" FIRST_SET_UNIT
/* its timer keeps the last good time; the first-set unit starts it, at boot */
#define FIRST_SET_GOOD_TIMER "timetier-first-set-good.timer"
#define FIRST_SET_GOOD_TIMER_FILE "/etc/systemd/system/" FIRST_SET_GOOD_TIMER
#define FIRST_SET_USER "timetier-first-set" /* and group: as whom the unit runs */
#define FIRST_SET_CONFIG "/etc/timetier/first-set.conf"

/* Whether systemd starts the daemon where it stands, by a unit: "chrony.service". */
bool daemon_has_unit(const struct daemon_driver *driver);

/* The driver called @name in daemon_drivers, or NULL. */
const struct daemon_driver *daemon_find(const char *name);

/*
 * Every driver as it stands on Debian 12, for whoever has no host: NULL-ended, in the order in
 * which `daemon: auto` looks for them.  Those of a host's platform: daemons/platforms/platform.h.
 */
extern const struct daemon_driver *const daemon_drivers[];

/*
 * Find the certificate by which a daemon serves with NTS.
 *
 * @config: its configuration with all that it includes
 * @path:   of @size bytes; filled with the path of the last such line
 * Returns false, with @path "", when there is none, or it is no absolute path.
 */
bool daemon_certificate(
    const struct daemon_driver *driver, const char *config, char *path, size_t size);

/* Names for people and for JSON: "falseticker", "key", "none". */
const char *source_state_name(enum source_state state);
const char *source_auth_name(enum source_auth auth);
const char *leap_name(enum leap leap);

/*
 * The state of a source, for whoever shows it.  A source that the daemon does not follow because
 * its configuration says so is not "rejected", it is what it was declared to be; nor is one that
 * has answered three times at most and that the daemon has not measured well enough yet.
 */
enum source_state source_shown_state(const struct source_status *source);

#define SOURCE_AUTH_BYTES 48

/*
 * What is known of how a source proves itself, in words: "key", "none, declared: key".  chronyd
 * tells no unprivileged user what it sees; it counts only answers that prove themselves as
 * declared, and then it is "key (as declared)".
 *
 * @out: SOURCE_AUTH_BYTES bytes.  Returns @out.
 */
const char *source_auth_words(const struct source_status *source, char *out);

/* |offset| + root dispersion + root delay / 2: how far from true time the clock may be. */
int64_t daemon_error_bound_ns(const struct daemon_status *status);

#endif
