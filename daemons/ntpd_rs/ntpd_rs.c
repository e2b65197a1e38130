/* The driver of ntpd-rs, as Debian 13 packages it: a client with a quorum, without keys. */
#include "daemons/drivers.h"
#include "daemons/options.h"
#include "daemons/other_status.h"
#include "daemons/policy.h"

#include <string.h>

static const struct daemon_file files[] = {
	{
	    .role = DAEMON_FILE_CONFIG,
	    .template_name = "ntpd-rs.toml",
	    .mode = 0644,
	    .action = FILE_ACTION_RESTART,
	},
	{
	    .role = DAEMON_FILE_DROPIN,
	    .template_name = "ntpd-rs.dropin",
	    .mode = 0644,
	    .action = FILE_ACTION_RESTART,
	},
	{ .template_name = NULL },
};

static const char *const check_argv[] = { "/usr/bin/ntp-ctl", "validate", "-c", "{file}", NULL };

static const char *const query_argv[] = { "/usr/bin/ntp-ctl", "status", "--format", "prometheus",
	NULL };

/* Source: ntp-ctl validate and ntp-daemon of 1.4.0. */
static bool
bad_line(const char *line)
{
	static const char *const complaints[] = { "TOML parse error",
		"Could not load configuration", "Error: Could not" };

	for (size_t i = 0; i < COUNT(complaints); i++) {
		if (strstr(line, complaints[i])) {
			return true;
		}
	}
	return false;
}

const struct daemon_driver daemon_ntpd_rs = {
	.name = "ntpd-rs",
	.title = "ntpd-rs",
	.binary_has = NULL, /* the binary prints its version to stderr */
	.binary_beside = "/usr/bin/ntp-ctl",
	/* Source of the last two: 1.4.0 of Debian 13, which looks up "[2001:db8::1]", and after a
	 * stop in a slew left 60 hosts of the lab at up to 495 ppm. */
	.features = DAEMON_NTS | DAEMON_VOTES | DAEMON_STEPS_AT_WILL | DAEMON_NAMES_IPV6 |
	    DAEMON_LEAVES_RATE,
	.files = files,
	.config_option = 'c',
	.options = &ntpd_rs_options,
	.includes = DAEMON_INCLUDES_NONE,
	.check_argv = check_argv,
	.check_stops = true,
	.bad_line = bad_line,
	.query = DAEMON_QUERY_COMMAND,
	.query_argv = query_argv,
	.parse_status = ntpd_rs_parse_status,
	.read_policy = ntpd_rs_read_policy,
};
