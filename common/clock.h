/* The clocks of this host, handed in wherever time is needed so that a test can bring its own. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include "common/base.h"

/* One reading of all clocks, taken as close together as can be; nanoseconds. */
struct clock_reading {
	int64_t real_ns; /* CLOCK_REALTIME, since 1970 */
	int64_t
	    boot_ns;    /* CLOCK_BOOTTIME: real - boot changes by steps alone (suspend counts in) */
	int64_t raw_ns; /* CLOCK_MONOTONIC_RAW: real - raw changes with all that moves the clock */
	int64_t mono_ns;  /* CLOCK_MONOTONIC: boot - mono is how long the host slept in all */
	int64_t width_ns; /* how long the reading took: its uncertainty */
};

/*
 * Read all clocks: the best of several sandwiched readings.
 * Source: measured noise floor of REALTIME - BOOTTIME so read is some 10 ns.
 */
struct clock_reading clock_read(void);

/* CLOCK_REALTIME in ns since 1970. */
int64_t clock_real_ns(void);

/* CLOCK_BOOTTIME in ns: for deadlines and order; goes on during suspend. */
int64_t clock_boot_ns(void);

/* How long the machine slept since its boot: CLOCK_BOOTTIME counts that, CLOCK_MONOTONIC not. */
int64_t clock_slept_ns(void);

#define CLOCK_TEXT_BYTES 40

/*
 * RFC 3339 in UTC with nanoseconds, "2026-11-22T05:00:00.000000000Z"; @out has
 * CLOCK_TEXT_BYTES bytes; returns @out.
 */
const char *clock_text(int64_t real_ns, char *out);

/* The inverse of clock_text(); fractions of 1 to 9 digits or none, "Z" only.  False: not such. */
bool clock_parse(const char *text, int64_t *real_ns);

/* What of a local time is shown. */
enum clock_parts {
	CLOCK_TIME,   /* "12:01:33" */
	CLOCK_MINUTE, /* "2026-11-22 12:01" */
	CLOCK_SECOND, /* "2026-11-22 12:01:33" */
};

/* @real_ns in the time zone of this machine, "?" when it has no date there.  Returns @out, of @size
 * bytes. */
const char *clock_local_text(int64_t real_ns, enum clock_parts parts, char *out, size_t size);

#endif
