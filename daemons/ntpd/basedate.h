/* The date of `tos basedate`.  This file does no I/O. */
#ifndef DAEMONS_NTPD_BASEDATE_H
#define DAEMONS_NTPD_BASEDATE_H

#include "common/base.h"

/*
 * Read "2024-01-01", or days since 1900.
 *
 * @ns: the instant since 1970; untouched on failure
 *
 * Returns false for what is no date, and for a day that int64_t nanoseconds since 1970 cannot hold.
 */
bool ntp_basedate_read(const char *word, int64_t *ns);

#endif
