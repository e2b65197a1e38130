/*
 * What a host is found to be when it is examined for whatever keeps it from good time: the agent's
 * report, its sources as asked from the host itself, and its machine; as JSON and back.  No I/O.
 */
#ifndef VERDICT_EXAM_H
#define VERDICT_EXAM_H

#include "verdict/report.h"

#define EXAM_SOURCES_MAX 32
#define EXAM_BYTES_MAX (REPORT_BYTES_MAX + (64 << 10))

/* An address of a line of the daemon's configuration, as it answered the host itself. */
struct exam_source {
	char name[128];    /* as configured: a name or an address */
	char address[64];  /* numeric; "": the name leads nowhere */
	char place[96];    /* of the line: "/etc/chrony/chrony.conf:3"; "": not known */
	bool key;          /* the line asks for a key or NTS; the host asks without */
	unsigned sent;     /* questions; 0: it was not asked */
	unsigned answered; /* of these */
	bool good;         /* an answer was good: the next three are filled */
	int stratum;
	int64_t offset_ns; /* source minus local: positive means that the local clock is behind */
	int64_t error_ns;  /* the true offset is within +- this of offset_ns */
	char kiss[8];      /* "RATE", "DENY": it does not want to be asked; "": it said nothing */
	char why[160];     /* why no answer was good */
	char fence[160]; /* the line that keeps the daemon, and not us, from hearing it; "": none */
};

/* What the hardware clock keeps. */
enum exam_rtc {
	EXAM_RTC_NONE, /* there is none, or it cannot be read */
	EXAM_RTC_UTC,
	EXAM_RTC_LOCAL,
};

struct exam {
	struct report report;
	bool measured; /* sources were asked: the configuration could be read */
	struct exam_source sources[EXAM_SOURCES_MAX];
	size_t source_count;
	unsigned refclocks;   /* lines of hardware clocks, which nobody else can ask */
	unsigned quorum;      /* how many sources must agree; 0: not told */
	char machine[32];     /* the kind of virtual machine, "KVM"; "": none */
	char container[32];   /* the kind of container, "docker"; "": none */
	char clocksource[32]; /* the kernel's, "tsc"; "": not told */
	enum exam_rtc rtc;
	char leap_file[96];    /* from which the daemon learns of leap seconds; "": none */
	bool leap_there;       /* that file is there */
	int64_t leap_until_ns; /* until when it holds, since 1970; 0: it does not tell */
};

/* One line of JSON, NUL-ended, of at most EXAM_BYTES_MAX bytes; the caller frees it. */
char *exam_encode(const struct exam *exam);

/*
 * The inverse, for bytes of a host, which are not trusted: sizes, types and ranges are checked.
 *
 * Returns 0, or -1 with @err set and @exam untouched.
 */
int exam_decode(const char *bytes, size_t len, struct exam *exam, struct error *err) MUST_CHECK;

/* Whether the kernel's clocksource is one that a machine falls back to: slow, or of another rate.
 */
bool exam_clocksource_is_poor(const char *clocksource);

#endif
