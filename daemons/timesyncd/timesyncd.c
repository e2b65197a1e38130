/* The driver of systemd-timesyncd, which may step at any time: watched, never configured. */
#include "daemons/drivers.h"
#include "daemons/other_status.h"
#include "daemons/policy.h"

static const struct daemon_file files[] = { { .template_name = NULL } };

static const char *const version_argv[] = { "/usr/bin/timedatectl", "--version", NULL };

/* timedatectl is not asked: it would start a stopped timesyncd, which would step the clock. */
static const char *const query_argv[] = { "/usr/bin/busctl", "--auto-start=no", "--json=short",
	"call", "org.freedesktop.timesync1", "/org/freedesktop/timesync1",
	"org.freedesktop.DBus.Properties", "GetAll", "s", "org.freedesktop.timesync1.Manager",
	NULL };

const struct daemon_driver daemon_systemd_timesyncd = {
	.name = "systemd-timesyncd",
	.title = "systemd-timesyncd",
	.binary_has = "systemd",
	.version_argv = version_argv,
	.files = files,
	.includes = DAEMON_INCLUDES_SYSTEMD,
	.query = DAEMON_QUERY_COMMAND,
	.query_argv = query_argv,
	.parse_status = timesyncd_parse_status,
	.read_policy = timesyncd_read_policy,
};
