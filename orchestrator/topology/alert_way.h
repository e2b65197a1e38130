/* The ways by which the collector tells what is wrong, as site.yaml has them. */
#ifndef ORCHESTRATOR_TOPOLOGY_ALERT_WAY_H
#define ORCHESTRATOR_TOPOLOGY_ALERT_WAY_H

#include "common/diag.h"

#define ALERT_WAYS_MAX 8 /* in one site */

/* What is posted to a webhook. */
enum alert_form {
	ALERT_PLAIN,
	ALERT_ALERTMANAGER, /* its API v2 */
	ALERT_SLACK,
};

enum alert_least {
	ALERT_WARN,
	ALERT_BAD,
};

/* One way by which the collector tells what is wrong: exactly one of the first four is written. */
struct alert_way {
	const char *name;
	struct pos pos; /* of its name */
	const char *webhook, *command, *mail;
	bool syslog;
	enum alert_form form;
	enum alert_least least;
	int64_t hold_ns, repeat_ns;
};

#endif
