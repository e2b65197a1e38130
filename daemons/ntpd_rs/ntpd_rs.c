/* The driver of ntpd-rs, as Debian 13 packages it; it may step at any time: never configured. */
#include "daemons/drivers.h"
#include "daemons/options.h"
#include "daemons/other_status.h"
#include "daemons/policy.h"

static const struct daemon_file files[] = { { .template_name = NULL } };

static const char *const query_argv[] = { "/usr/bin/ntp-ctl", "status", "--format", "prometheus",
	NULL };

const struct daemon_driver daemon_ntpd_rs = {
	.name = "ntpd-rs",
	.title = "ntpd-rs",
	.binary_has = NULL, /* the binary prints its version to stderr */
	.binary_beside = "/usr/bin/ntp-ctl",
	.files = files,
	.config_option = 'c',
	.options = &ntpd_rs_options,
	.includes = DAEMON_INCLUDES_NONE,
	.query = DAEMON_QUERY_COMMAND,
	.query_argv = query_argv,
	.parse_status = ntpd_rs_parse_status,
	.read_policy = ntpd_rs_read_policy,
};
