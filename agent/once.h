/* `timetier-agent status` and `verdict`: one look at the local daemon, printed. */
#ifndef AGENT_ONCE_H
#define AGENT_ONCE_H

#include "common/base.h"

struct once {
	const char *host;   /* name in the JSON report; NULL: the host's own */
	const char *wanted; /* "auto", or a driver's name */
	const char *state;  /* folder of the service */
	bool fresh;         /* status: measure the sources, as verdict always does; and
				look up their names */
	bool json;
};

/*
 * Both look once and print the result.
 *
 * status returns 0 when the daemon answered and follows a source, verdict when it is safe or a
 * slew; else 1.
 */
int once_status(const struct once *once);
int once_verdict(const struct once *once);

#endif
