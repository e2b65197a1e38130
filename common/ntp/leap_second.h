/* Tells leap seconds from steps: on a clock, both look like a step of one second.  No I/O. */
#ifndef COMMON_NTP_LEAP_SECOND_H
#define COMMON_NTP_LEAP_SECOND_H

#include "common/base.h"

/*
 * Whether a step of @amount_ns is a leap second: one second, at the end of a month in UTC.  The
 * stepped clock showed @before_real_ns before the step and @after_real_ns after it.
 *
 * Source: ITU-R TF.460-6, annex 1, 2.1: at the end of a UTC month.
 */
bool leap_second_explains(int64_t amount_ns, int64_t before_real_ns, int64_t after_real_ns);

/* The end of the month of @real_ns in UTC: there a leap second comes.  0: it cannot be told. */
int64_t leap_second_due_ns(int64_t real_ns);

#endif
