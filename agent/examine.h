/* `timetier-agent examine`: all that may keep this host from good time, for `timetier doctor`. */
#ifndef AGENT_EXAMINE_H
#define AGENT_EXAMINE_H

/*
 * Look, measure the daemon's sources, and print what was found in one line of JSON.  Returns 0.
 *
 * @host:   name of the host in the report; NULL: its own
 * @wanted: "auto", or a driver's name
 * @state:  folder of the agent's service, which may not be there
 */
int examine_run(const char *host, const char *wanted, const char *state);

#endif
