/* Durations as people read them: "1.25 ms", "-378691200 s". */
#ifndef COMMON_DURATION_H
#define COMMON_DURATION_H

#include "common/base.h"

#define DURATION_TEXT_BYTES 32

/*
 * Write @ns in the unit that fits it, with three digits that matter, to @out of
 * DURATION_TEXT_BYTES bytes; whole seconds beyond 1000 s.  Returns @out.
 */
const char *duration_text(int64_t ns, char *out);

/*
 * Seconds to nanoseconds, for what daemons print: NaN is 0, and what lies beyond 140 years (an
 * NTP era is 136) is cut to it, so that sums of a few never overflow.
 */
int64_t duration_from_s(double seconds);

/* |@ns| */
int64_t duration_size_ns(int64_t ns);

#endif
