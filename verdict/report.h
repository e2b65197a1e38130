/*
 * What an agent tells the collector: one host at one moment, as JSON (schemas/report.schema.json)
 * and back.  It stands in verdict/ and not in common/ because it carries a daemon's status and a
 * verdict.
 */
#ifndef VERDICT_REPORT_H
#define VERDICT_REPORT_H

#include "common/json_fields.h"
#include "daemons/daemon.h"
#include "verdict/kernel.h"
#include "verdict/proof.h"
#include "verdict/restart.h"
#include "verdict/stale.h"

#define REPORT_BYTES_MAX 65536
#define REPORT_HOST_BYTES 256
#define REPORT_RIVALS_MAX 8
#define REPORT_RIVAL_BYTES 160

/* How far the host is with setting its clock at boot. */
enum first_set_state {
	FIRST_SET_NONE,    /* the host has no first-set unit, or got it in this boot */
	FIRST_SET_WAITS,   /* no quorum yet */
	FIRST_SET_DONE,    /* the clock was set, or was right */
	FIRST_SET_REFUSES, /* a quorum agrees on a time that cannot be true */
};

struct first_set_report {
	enum first_set_state state;
	char words[256];
};

const char *first_set_state_name(enum first_set_state state);

/* How the agent's reports fare, which only `timetier-agent status` tells: a report that arrives is
 * taken. */
enum reporting_state {
	REPORTING_UNKNOWN, /* the agent's service does not run, or has had no answer yet */
	REPORTING_TAKEN,
	REPORTING_REFUSED, /* the collector takes no reports of this host */
	REPORTING_FAILS,   /* no collector is reached */
};

struct reporting {
	enum reporting_state state;
	char words[256]; /* why they are not taken */
};

const char *reporting_state_name(enum reporting_state state);

/* Something else on the host that sets the clock. */
struct report_rival {
	char words[REPORT_RIVAL_BYTES]; /* what and where it is, and what to do about it */
	char unit[128];                 /* to disable so that it does not; "": no unit does */
	char hook[128];                 /* a script to make not executable for that; "": none */
	bool active, enabled;           /* of the unit */
};

/* The steps of the host's clock that the agent saw. */
struct step_record {
	uint64_t count;       /* steps since the agent started */
	int64_t last_ns;      /* size of the latest; positive: the clock jumped forward */
	int64_t last_real_ns; /* the host's clock after the latest; 0: there was none */
	int64_t total_ns;     /* sum of all */
};

struct report {
	char host[REPORT_HOST_BYTES]; /* name in site.yaml */
	char agent_version[32];
	char boot_id[40];    /* /proc/sys/kernel/random/boot_id */
	char session_id[40]; /* random, one for each run of the agent; seq counts within it */
	uint64_t seq;        /* 1, 2, ... */
	int64_t boot_ns;     /* CLOCK_BOOTTIME at the reading: orders the reports of a boot */
	int64_t real_ns;     /* the host's clock at the reading; it is never trusted */
	int64_t interval_ns; /* how often this agent means to report */
	bool answered;       /* the daemon answered; else error says why, and status is empty
				unless measured */
	bool measured;       /* with !answered: status is what the servers that the daemon asks told
				the agent; whom the daemon follows, and its rate, are not known */
	int64_t measured_age_ns; /* then: since they did */
	bool runs;               /* with !answered: a process of a daemon is there all the same */
	char daemon[32];         /* driver's name, "" when none was found */
	char error[256];
	bool disputed; /* a stranger has the daemon's port, as error says; this is not reported */
	struct daemon_status status;
	struct verdict verdict;
	struct step_record steps;
	struct first_set_report first_set;
	struct reporting reporting;
	struct proof proof;                              /* after the latest start of the daemon */
	struct ledger_entry ledger[LEDGER_REPORTED_MAX]; /* newest first */
	size_t ledger_count;
	struct daemon_end end; /* how the daemon ended; not ended: it runs or never ran */
	int64_t slewed_ns;     /* change of REALTIME - MONOTONIC_RAW since the agent started */
	int64_t rtc_offset_ns; /* RTC minus system clock; INT64_MAX: not told */
	double kernel_ppm; /* the kernel's correction of the clock's rate, of a daemon that slews by
			      it and tells no frequency (DAEMON_LEAVES_RATE); 0: not told */
	struct kernel_clock kernel;
	double temperature_c;        /* of the processor, in degrees Celsius; 0: not told */
	int64_t certificate_ends_ns; /* of the one by which it serves with NTS, by real time; 0: it
					does not, or it cannot be read */
	struct report_rival rivals[REPORT_RIVALS_MAX];
	size_t rival_count;
	struct stale_name names[STALE_NAMES_MAX];
	size_t name_count;
	char resolver[192]; /* what the daemon cannot read, so that it looks up no name; "": none */
};

/* Whether status tells of the clock: by the daemon's own word, or by what the agent measured. */
bool report_has_status(const struct report *report);

/* The members of these structs as JSON, for other files that write these structs. */
extern const struct field daemon_status_fields[]; /* without sources */
extern const struct field source_status_fields[];
extern const struct field verdict_fields[]; /* without reasons */
extern const struct field step_record_fields[];

/* One line of JSON, NUL-ended, of at most REPORT_BYTES_MAX bytes; the caller frees it. */
char *report_encode(const struct report *report);

/*
 * The inverse, for bytes from the network: the size is bounded, every member's type and range is
 * checked, unknown members are ignored, and texts become printable UTF-8 that is cut to fit.
 *
 * Returns 0, or -1 with @err set and @report untouched.
 */
int report_decode(
    const char *bytes, size_t len, struct report *report, struct error *err) MUST_CHECK;

#endif
