/* `timetier-agent status` and `verdict`: one look at the local daemon, printed. */
#ifndef AGENT_ONCE_H
#define AGENT_ONCE_H

#include "common/base.h"

/*
 * Both look once and print the result; @host is the name in the JSON report (NULL: the host's
 * own), @wanted is "auto" or a driver's name, @state the folder of the service.
 *
 * status returns 0 when the daemon answered and follows a source, verdict when it is safe or a
 * slew; else 1.
 */
int once_status(const char *host, const char *wanted, const char *state, bool json);
int once_verdict(const char *host, const char *wanted, bool json);

#endif
