/* A leap second that comes or came: when, in words, and what must not be done near it.  No I/O. */
#ifndef VERDICT_LEAP_H
#define VERDICT_LEAP_H

#include "daemons/daemon.h"

struct report;

#define LEAP_WORDS_BYTES 128
#define LEAP_BEFORE_NS (24 * 3600 * NS_PER_S) /* no restart so long before a leap second */
#define LEAP_CLOSE_NS (300 * NS_PER_S)        /* no reload either: new sources lose their samples */
#define LEAP_AFTER_NS (600 * NS_PER_S)        /* and so long after it: sources settle meanwhile */

/* Whether @leap announces a leap second. */
bool leap_is_announced(enum leap leap);

/*
 * What is announced, by a clock that shows @real_ns, in words: "a leap second will be inserted at
 * 2016-12-31 23:59:60 UTC".  @out has LEAP_WORDS_BYTES bytes; returns @out.
 */
const char *leap_coming(enum leap leap, int64_t real_ns, char *out);

/* What came after the clock showed @before_ns: "a leap second was inserted at ..." */
const char *leap_passed(enum leap leap, int64_t before_ns, char *out);

/* Whether a leap second that is announced comes within LEAP_BEFORE_NS of @real_ns. */
bool leap_comes_soon(enum leap leap, int64_t real_ns);

/*
 * Whether a step of @amount_ns is a leap second: one second at the end of a month, and not against
 * what was announced.
 *
 * @told: what was announced before it; LEAP_UNSYNC: that is not known, the calendar decides
 */
bool leap_explains(
    enum leap told, int64_t amount_ns, int64_t before_real_ns, int64_t after_real_ns);

/* Whether @report announces a leap second that comes within LEAP_CLOSE_NS; @words as below. */
bool leap_is_close(const struct report *report, char *words);

/*
 * Whether @report tells of a leap second that is so near that no daemon may be restarted.
 *
 * @words: set then, LEAP_WORDS_BYTES bytes
 */
bool leap_is_near(const struct report *report, char *words);

#endif
