/* The version of the programs, and when they were made. */
#ifndef COMMON_VERSION_H
#define COMMON_VERSION_H

#include "common/base.h"

#define TIMETIER_VERSION "0.1.0"

/*
 * When this program was made, in s since 1970: a clock that shows less is wrong.  The Makefile sets
 * it to SOURCE_DATE_EPOCH or to the date of the last commit; else it is the date of the release.
 */
#ifndef TIMETIER_BUILT_S
#define TIMETIER_BUILT_S 1795305600 /* 2026-11-22 */
#endif

/* TIMETIER_BUILT_S in ns since 1970. */
int64_t version_built_ns(void);

#endif
