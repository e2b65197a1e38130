/* Leap seconds, as they are seen on a clock: a step of one second that is none.  Pure. */
#ifndef COMMON_NTP_LEAP_SECOND_H
#define COMMON_NTP_LEAP_SECOND_H

#include "common/base.h"

/*
 * Whether a step of @amount_ns, seen between the moments @before_real_ns and @after_real_ns of the
 * clock that it happened to, is that of a leap second: one second, at the end of a month in UTC.
 *
 * Source: ITU-R TF.460-6, annex 1, 2.1: at the end of a UTC month.
 */
bool leap_second_explains(int64_t amount_ns, int64_t before_real_ns, int64_t after_real_ns);

#endif
