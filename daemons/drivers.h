/* What the drivers share: how their logs tell of a line that they did not take. */
#ifndef DAEMONS_DRIVERS_H
#define DAEMONS_DRIVERS_H

#include "daemons/daemon.h"

/* One per file of this folder that is named after a daemon; drivers.c lists them. */
extern const struct daemon_driver daemon_chrony, daemon_ntpsec, daemon_ntp;
extern const struct daemon_driver daemon_systemd_timesyncd, daemon_openntpd, daemon_ntpd_rs;

/*
 * Whether ntpd or NTPsec complains of a line of its configuration or keys in @line.  Neither
 * stops there: the line is left out and the daemon runs, so a lost `restrict` is only a line in
 * the log.
 * Source: TIMESAFETY 2.8; ntpd 4.2.8p15, NTPsec 1.2.2.
 */
bool ntpd_bad_line(const char *line);

#endif
