/* Reads the status of chronyd from chronyc's CSV output.  No I/O. */
#ifndef DAEMONS_CHRONY_STATUS_H
#define DAEMONS_CHRONY_STATUS_H

#include "daemons/daemon.h"

/*
 * Read what `chronyc -c -n -m tracking sources sourcestats` prints.
 *
 * A first line "now,SECONDS" (since 1970, by the host's clock when chronyc ran) may stand before
 * it: it gives the age of the last update.  Without it, that age is the selected source's.
 *
 * Signs: in chronyc's sources, positive means that the local clock is ahead; in the correction of
 * tracking, that it is behind.  In @status, all offsets are source minus local.
 * Source: chrony 4.3, client.c (print_report) and tests/wire/chrony-4.3.csv.
 */
int chrony_parse_status(
    const char *text, size_t len, struct daemon_status *status, struct error *err) MUST_CHECK;

#endif
