/* Durations as people read them: "1.25 ms", "-378691200 s". */
#ifndef COMMON_DURATION_H
#define COMMON_DURATION_H

#include "common/base.h"

#define DURATION_TEXT_BYTES 32

/*
 * Write @ns in the unit that fits, with three significant digits, to @out of DURATION_TEXT_BYTES
 * bytes; beyond 1000 s all digits of the seconds are written.  Returns @out.
 */
const char *duration_text(int64_t ns, char *out);

/* As duration_text(), of an age, in whole seconds, minutes or hours: "4 s", "12 min", "70 h". */
const char *duration_age_text(int64_t ns, char *out);

/*
 * Convert seconds, as daemons print them, to nanoseconds.  NaN is 0.  More than 140 years (an NTP
 * era is 136) are cut to 140, so that the sum of two never overflows.
 */
int64_t duration_from_s(double seconds);

/* |@ns| */
int64_t duration_size_ns(int64_t ns);

#endif
