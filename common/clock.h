/* Reads the clocks of this host.  Readings are handed in, so that a test can bring its own. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include "common/base.h"

/* One reading of all clocks, taken as close together as possible; nanoseconds. */
struct clock_reading {
	int64_t real_ns;  /* CLOCK_REALTIME, since 1970 */
	int64_t boot_ns;  /* CLOCK_BOOTTIME, counts sleep: only steps change real - boot */
	int64_t raw_ns;   /* CLOCK_MONOTONIC_RAW: steps, slews and rate change real - raw */
	int64_t mono_ns;  /* CLOCK_MONOTONIC: boot - mono is how long the host has slept in all */
	int64_t width_ns; /* how long the reading took: its uncertainty */
};

/*
 * Read all clocks several times; returns the reading with the smallest width_ns.
 * Source: measured: REALTIME - BOOTTIME, read in this way, has a noise of some 10 ns.
 */
struct clock_reading clock_read(void);

/* CLOCK_REALTIME in ns since 1970. */
int64_t clock_real_ns(void);

/* CLOCK_BOOTTIME in ns, for deadlines and order.  It goes on while the host sleeps. */
int64_t clock_boot_ns(void);

/* How long the host has slept since its boot: CLOCK_BOOTTIME - CLOCK_MONOTONIC. */
int64_t clock_slept_ns(void);

/*
 * Whether the kernel tells what it was told of a leap second at the end of the day.
 *
 * @inserted: 1: one second is inserted, -1: one is left out, 0: neither
 */
bool clock_told_leap(int *inserted);

#define CLOCK_TEXT_BYTES 40

/*
 * RFC 3339 in UTC with nanoseconds, "2026-11-22T05:00:00.000000000Z"; @out has
 * CLOCK_TEXT_BYTES bytes; returns @out.
 */
const char *clock_text(int64_t real_ns, char *out);

/* The inverse of clock_text(): "Z" only; a fraction of 1 to 9 digits, or none.  Else false. */
bool clock_parse(const char *text, int64_t *real_ns);

#define CLOCK_DAY_BYTES 16

/* The day in UTC of @real_ns, "2027-06-30"; returns @out. */
const char *clock_day(int64_t real_ns, char out[CLOCK_DAY_BYTES]);

/*
 * Read a day as clock_day() writes it, from 1970-01-01 to 2199-12-31; false: @text is none.
 *
 * @real_ns: set to its first moment
 */
bool clock_parse_day(const char *text, int64_t *real_ns);

/* Which parts of a local time are shown. */
enum clock_parts {
	CLOCK_TIME,   /* "12:01:33" */
	CLOCK_MINUTE, /* "2026-11-22 12:01" */
	CLOCK_SECOND, /* "2026-11-22 12:01:33" */
};

/*
 * Write @real_ns in the time zone of this host to @out of @size bytes; "?" if that cannot be done.
 * Returns @out.
 */
const char *clock_local_text(int64_t real_ns, enum clock_parts parts, char *out, size_t size);

#endif
