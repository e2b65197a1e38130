/* What each daemon would do to the clock at a start, by its configuration and its options. */
#ifndef DAEMONS_POLICY_H
#define DAEMONS_POLICY_H

#include "daemons/restart.h"

/*
 * Each reads the text line by line as the daemon does, the last line wins, and ignores what is
 * none of its business.  A line of its business that it cannot read makes @policy not known.
 *
 * @config:  with includes in their places, and lines `#line N FILE` where the place changes;
 *           without them it is line 1 of the file that Debian has
 * @options: the daemon's arguments in one string, parted by spaces; one with spaces within stands
 *           in double quotes; for ntpd 4.2.8 its variables NTPD_* of the environment are words,
 *           too: "NTPD_PANICGATE="
 *
 * Source: TIMESAFETY 1.1 to 1.4, 1.7 step 1; chrony 4.3, ntp 4.2.8p15 and NTPsec 1.2.2 as they
 * run; systemd-timesyncd 252, OpenNTPD 6.2p3 to 7.0 and ntpd-rs 1.4 by their manuals and sources.
 */
void chrony_read_policy(const char *config, const char *options, struct restart_policy *policy);
void ntp_read_policy(const char *config, const char *options, struct restart_policy *policy);
void ntpsec_read_policy(const char *config, const char *options, struct restart_policy *policy);
void timesyncd_read_policy(const char *config, const char *options, struct restart_policy *policy);
void openntpd_read_policy(const char *config, const char *options, struct restart_policy *policy);
void ntpd_rs_read_policy(const char *config, const char *options, struct restart_policy *policy);

#endif
