/*
 * What makes the agent a service, by what starts the services of a host: the one place that knows
 * its files and names.  No I/O.
 */
#ifndef DAEMONS_PLATFORMS_AGENT_SERVICE_H
#define DAEMONS_PLATFORMS_AGENT_SERVICE_H

#include "daemons/platforms/platform.h"

/* Where the agent is on a host, whatever starts it. */
#define AGENT_BINARY "/usr/local/sbin/timetier-agent"
#define AGENT_CONFIG "/etc/timetier/agent.conf"
#define AGENT_USER "timetier-agent"           /* and group */
#define AGENT_STATE "/var/lib/timetier-agent" /* a folder, which the service makes */

struct agent_service {
	enum platform_init init;
	const char *name; /* as its commands know it: "timetier-agent.service" */
	const char *file; /* tells how it is started */
	const char *link; /* is there while a boot starts it */
	const char *log;  /* the command that prints what it logged: "journalctl -u ..." */
	/* What is rendered: AGENT_CONFIG and @file.  The actions are the agent's.  Ended by a row
	 * without template. */
	const struct daemon_file *files;
};

/* Every one, ended by a row without name; systemd's is the first. */
extern const struct agent_service agent_services[];

/* That of @init; systemd's where timetier starts no services. */
const struct agent_service *agent_service(enum platform_init init);

#endif
