/* The one place that names the version, and when it was made. */
#ifndef COMMON_VERSION_H
#define COMMON_VERSION_H

#include "common/base.h"

#define TIMETIER_VERSION "0.1.0"

/*
 * When this program was made: no clock can rightly show less.  The Makefile gives it, by
 * SOURCE_DATE_EPOCH or by the date of the last commit; where neither is known it is the release's.
 */
#ifndef TIMETIER_BUILT_S
#define TIMETIER_BUILT_S 1795305600 /* 2026-11-22 */
#endif

/* The same, in ns since 1970. */
int64_t version_built_ns(void);

#endif
