/* chronyc's CSV output as a daemon's status.  Pure. */
#ifndef DAEMONS_CHRONY_STATUS_H
#define DAEMONS_CHRONY_STATUS_H

#include "daemons/daemon.h"

/*
 * Read what `chronyc -c -n -m tracking sources sourcestats` prints.
 *
 * A first line "now,SECONDS" (since 1970, by the host's clock when it was asked) may stand
 * before it: with it the age of the last update is known, and without it that age is taken from
 * the selected source.
 *
 * Signs: chronyc's sources are positive when the local clock is ahead, the correction of
 * tracking when it is behind; here all are source minus local.
 * Source: chrony 4.3, client.c (print_report) and tests/wire/chrony-4.3.csv.
 */
int chrony_parse_status(
    const char *text, size_t len, struct daemon_status *status, struct error *err) MUST_CHECK;

#endif
