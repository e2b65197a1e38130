/* Who should be answered at which door. */
#include "orchestrator/audit/audit.h"

#include <string.h>

/* As access_rule(), also where the site leaves the choice of the daemon to the host. */
static enum access_rule
rule_of(const struct topology *topology, const struct host *host, enum access_question question,
    const struct ip *from)
{
	static const struct daemon_driver unknown;
	const struct daemon_driver *driver = daemon_find(host->daemon);
	enum access_rule rule =
	    access_rule(topology, host, driver ? driver : &unknown, question, from);

	if (driver || question != ACCESS_STATUS || rule != ACCESS_MUST_NOT) {
		return rule;
	}
	for (size_t i = 0; i < topology->monitor_count; i++) {
		if (host->role == HOST_SERVER && ip_equal(&topology->monitors[i].ip, from)) {
			return ACCESS_EITHER; /* chrony has no mode 6, the others have */
		}
	}
	return rule;
}

enum access_rule
audit_rule(
    const struct topology *topology, const struct host *host, enum door door, const struct ip *from)
{
	/* the host itself may have more of the others, too */
	enum access_question question = door == DOOR_STATUS ? ACCESS_STATUS
	    : door == DOOR_TIME                             ? ACCESS_TIME
							    : ACCESS_CLIENTS;

	return rule_of(topology, host, question, from);
}

/* Whether @door opened: also a "no" tells that the daemon listens to strangers, but not always. */
static bool
opened(const struct audit *audit, const struct audit_row *row, enum door door)
{
	switch (row->seen.doors[door].answer) {
	case DOOR_ANSWERED:
		return true;
	case DOOR_REFUSED:
		/* to those who may read the status, a daemon says that they may not write */
		return door != DOOR_CONFIG ||
		    audit_rule(audit->topology, row->host, DOOR_STATUS, &row->seen.from) ==
		    ACCESS_MUST_NOT;
	case DOOR_NOT_TRIED:
	case DOOR_SILENT:
	case DOOR_CLOSED:
	case DOOR_GARBAGE:
		break;
	}
	return false;
}

enum audit_result
audit_door(const struct audit *audit, const struct audit_row *row, enum door door)
{
	const struct door_seen *seen = &row->seen.doors[door];
	enum access_rule rule = audit_rule(audit->topology, row->host, door, &row->seen.from);

	if (seen->answer == DOOR_NOT_TRIED) {
		return AUDIT_UNTRIED;
	}
	if (rule == ACCESS_MUST_NOT && opened(audit, row, door)) {
		return AUDIT_OPEN;
	}
	if (rule == ACCESS_MUST && seen->answer != DOOR_ANSWERED) {
		return AUDIT_MISSING;
	}
	return AUDIT_RIGHT;
}
