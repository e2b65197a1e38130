/* The settings of the agent of one host: the values in /etc/timetier/agent.conf. */
#ifndef ORCHESTRATOR_RENDER_SETTINGS_H
#define ORCHESTRATOR_RENDER_SETTINGS_H

#include "daemons/platforms/agent_service.h"

struct agent_settings {
	const struct agent_service *service;
	const char *const *collectors; /* https URLs */
	size_t collector_count;
	const char *pin;    /* "sha256//BASE64" of the collector's key */
	const char *token;  /* proves this host to the collector; hex */
	const char *daemon; /* "auto" or a driver's name */
	const char *unit;   /* of that daemon, on a host that is not of Debian's kin; NULL: none */
	int64_t interval_ns;
	bool measures; /* the agent may not ask that daemon */
};

#endif
