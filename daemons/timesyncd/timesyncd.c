/* The driver of systemd-timesyncd: a client of one server at a time, which may step at any time. */
#include "daemons/drivers.h"
#include "daemons/other_status.h"
#include "daemons/policy.h"

#include <string.h>

static const struct daemon_file files[] = {
	{
	    .role = DAEMON_FILE_CONFIG,
	    .template_name = "timesyncd.conf",
	    .mode = 0644,
	    .action = FILE_ACTION_RESTART,
	},
	{
	    .role = DAEMON_FILE_SOURCES,
	    .template_name = "timesyncd.sources",
	    .mode = 0644,
	    .action = FILE_ACTION_RESTART,
	},
	{ .template_name = NULL },
};

static const char *const version_argv[] = { "/usr/bin/timedatectl", "--version", NULL };

/* timedatectl is not asked: it would start a stopped timesyncd, which would step the clock. */
static const char *const query_argv[] = { "/usr/bin/busctl", "--auto-start=no", "--json=short",
	"call", "org.freedesktop.timesync1", "/org/freedesktop/timesync1",
	"org.freedesktop.DBus.Properties", "GetAll", "s", "org.freedesktop.timesync1.Manager",
	NULL };

/*
 * It skips a line that it does not understand, and says so in its log alone; it has no check.
 * Source: systemd 252, src/shared/conf-parser.c, src/timesync/timesyncd-conf.c.
 */
static bool
bad_line(const char *line)
{
	static const char *const complaints[] = {
		"Failed to parse configuration file",
		"Unknown key name",
		"Unknown section",
		"Assignment outside of section",
		"Missing '='",
		"Missing key name",
		"Invalid section header",
		"Failed to parse NTP server string",
		"Failed to parse sec value",
	};

	for (size_t i = 0; i < COUNT(complaints); i++) {
		if (strstr(line, complaints[i])) {
			return true;
		}
	}
	return false;
}

const struct daemon_driver daemon_systemd_timesyncd = {
	.name = "systemd-timesyncd",
	.title = "systemd-timesyncd",
	.binary_has = "systemd",
	.version_argv = version_argv,
	.features = DAEMON_STEPS_AT_WILL | DAEMON_STEPS_ANYWAY,
	.files = files,
	.includes = DAEMON_INCLUDES_SYSTEMD,
	.bad_line = bad_line,
	.query = DAEMON_QUERY_COMMAND,
	.query_argv = query_argv,
	.parse_status = timesyncd_parse_status,
	.read_policy = timesyncd_read_policy,
};
