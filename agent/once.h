/* `timetier-agent status` and `verdict`: look at the local daemon once and print the result. */
#ifndef AGENT_ONCE_H
#define AGENT_ONCE_H

#include "common/base.h"

struct once {
	const char *host;   /* name in the JSON report; NULL: the host's own */
	const char *wanted; /* "auto", or a driver's name */
	const char *state;  /* folder of the service */
	bool fresh;         /* status: measure the sources, as verdict always does, and
			       look up their names with json, too */
	bool json;
};

/*
 * The exit statuses of verdict: the undo of a change, which runs on the host, asks for them.  An
 * agent of an older version says 1 for each of the last three.
 */
enum once_exit {
	ONCE_SAFE = 0, /* a restart is safe, or slews the clock */
	ONCE_STEP = 3,
	ONCE_EXIT = 4,
	ONCE_UNKNOWN = 5,
};

struct sample;

/*
 * Look once, and wait for the end of it.
 *
 * @host:   name in the report; NULL: the host's own
 * @wanted: "auto", or a driver's name
 * @names:  look up the names of the daemon's configuration, too
 * @sample: zeroed, but for what it wants
 */
void once_look(const char *host, const char *wanted, bool names, struct sample *sample);

/*
 * Look once and print the result.
 *
 * once_status() returns 0 when the daemon answered and follows a source, else 1; once_verdict()
 * returns an enum once_exit.
 */
int once_status(const struct once *once);
int once_verdict(const struct once *once);

#endif
