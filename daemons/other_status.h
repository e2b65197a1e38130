/* Reads the status of the daemons that we watch and do not configure.  No I/O. */
#ifndef DAEMONS_OTHER_STATUS_H
#define DAEMONS_OTHER_STATUS_H

#include "daemons/daemon.h"

/*
 * Each function accepts a first line "now,SECONDS" before the text that is named here.
 *
 * systemd-timesyncd: its properties, as `busctl --json=short` prints them.  Source: systemd 252,
 * src/timesync/timesyncd-bus.c, src/timedate/timedatectl.c.
 */
int timesyncd_parse_status(
    const char *text, size_t len, struct daemon_status *status, struct error *err) MUST_CHECK;

/* `ntpctl -s all`.  Source: OpenNTPD 6.2p3, src/usr.sbin/ntpd/ntp.c and ntpd.c. */
int openntpd_parse_status(
    const char *text, size_t len, struct daemon_status *status, struct error *err) MUST_CHECK;

/* `ntp-ctl status --format prometheus`.  Source: ntpd-rs 1.4.0, ntpd/src/metrics/mod.rs. */
int ntpd_rs_parse_status(
    const char *text, size_t len, struct daemon_status *status, struct error *err) MUST_CHECK;

#endif
