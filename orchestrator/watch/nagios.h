/* The fleet in one line, as Nagios, Icinga and Checkmk read it from a plugin.  No I/O. */
#ifndef ORCHESTRATOR_WATCH_NAGIOS_H
#define ORCHESTRATOR_WATCH_NAGIOS_H

#include "common/buf.h"
#include "orchestrator/watch/model.h"

/* Exit statuses of a plugin. */
enum nagios_status {
	NAGIOS_OK = 0,
	NAGIOS_WARNING = 1,
	NAGIOS_CRITICAL = 2,
	NAGIOS_UNKNOWN = 3,
};

/*
 * Add the line, with its performance data: hosts by state, the largest offset and the largest error
 * bound in seconds.  A site that is stale is unknown to a plugin.
 * Source: Monitoring Plugins Development Guidelines, "Plugin Output for Nagios": '|' parts the
 * words from the data, 'label'=value[unit];[warn];[crit];[min];[max].
 */
enum nagios_status nagios_line(const struct watch_fleet *fleet, struct buf *out);

/* The same where the collector could not be asked. */
enum nagios_status nagios_trouble(const char *words, struct buf *out);

#endif
