/*
 * `timetier-agent audit`: tries the doors of hosts of the site for `timetier audit --from`.  It
 * asks what measure/doors.h asks, at the addresses that stand on its stdin, and nothing else.
 */
#ifndef AGENT_AUDIT_H
#define AGENT_AUDIT_H

/*
 * Read the request from stdin, do it and print one line of JSON.
 *
 * Returns 0, or 2 when that cannot be done: stderr says why.
 */
int audit_run(void);

#endif
