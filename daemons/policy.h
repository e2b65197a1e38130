/* What chronyd and ntpd would do to the clock at a start, by their configuration and options. */
#ifndef DAEMONS_POLICY_H
#define DAEMONS_POLICY_H

#include "daemons/restart.h"

/*
 * Both read the text line by line as the daemon does, the last line wins, and ignore what is
 * none of their business.  A line of their business that they cannot read makes @policy not
 * known.
 *
 * @config:  with includes in their places
 * @options: the daemon's arguments in one string
 *
 * Source: TIMESAFETY 1.2, 1.3, 1.7 step 1; chrony 4.3, ntp 4.2.8p15 and NTPsec 1.2.2.
 */
void chrony_read_policy(const char *config, const char *options, struct restart_policy *policy);
void ntp_read_policy(const char *config, const char *options, struct restart_policy *policy);

#endif
