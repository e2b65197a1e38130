/* systemd-timesyncd, which steps at any time, by one server's word: watched, never configured. */
#include "daemons/drivers.h"
#include "daemons/other_status.h"
#include "daemons/policy.h"

static const struct daemon_file files[] = { { .path = NULL } };

static const char *const version_argv[] = { "/usr/bin/timedatectl", "--version", NULL };

/* The first tells offsets and no times, the second times to the second and no offsets. */
static const char *const query_argv[] = { "/bin/sh", "-c",
	"export TZ=UTC LC_ALL=C; timedatectl timesync-status; timedatectl show-timesync --all",
	NULL };

const struct daemon_driver daemon_systemd_timesyncd = {
	.name = "systemd-timesyncd",
	.title = "systemd-timesyncd",
	.package = "systemd-timesyncd",
	.unit = "systemd-timesyncd.service",
	.binary = "/lib/systemd/systemd-timesyncd",
	.binary_has = "systemd",
	.version_argv = version_argv,
	.files = files,
	.config_path = "/etc/systemd/timesyncd.conf",
	.includes = DAEMON_INCLUDES_SYSTEMD,
	.query = DAEMON_QUERY_COMMAND,
	.query_argv = query_argv,
	.parse_status = timesyncd_parse_status,
	.read_policy = timesyncd_read_policy,
};
