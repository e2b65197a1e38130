/* The drivers, and what those of ntpd and NTPsec share: how to find a complaint in their logs. */
#ifndef DAEMONS_DRIVERS_H
#define DAEMONS_DRIVERS_H

#include "daemons/daemon.h"

/* What each daemon is, without its place: in a file below this folder that is named after it. */
extern const struct daemon_driver daemon_chrony, daemon_ntpsec, daemon_ntp;
extern const struct daemon_driver daemon_systemd_timesyncd, daemon_openntpd, daemon_ntpd_rs;

/*
 * Whether in @line ntpd or NTPsec complains of a line of its configuration or keys.  Both skip such
 * a line and run on, so that only the log tells of a lost `restrict`.
 * Source: ntpd 4.2.8p15, NTPsec 1.2.2.
 */
bool ntpd_bad_line(const char *line);

#endif
