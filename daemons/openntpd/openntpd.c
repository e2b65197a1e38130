/* The driver of OpenNTPD, as Debian packages it: watched, never configured; only root may ask. */
#include "daemons/drivers.h"
#include "daemons/options.h"
#include "daemons/other_status.h"
#include "daemons/policy.h"

static const struct daemon_file files[] = { { .template_name = NULL } };

static const char *const query_argv[] = { "/usr/sbin/ntpctl", "-s", "all", NULL };

const struct daemon_driver daemon_openntpd = {
	.name = "openntpd",
	.title = "OpenNTPD",
	.binary_has = NULL, /* the binary prints no version and no name */
	.features = DAEMON_ANSWERS_ROOT,
	.binary_beside = "/usr/sbin/ntpctl",
	.files = files,
	.config_option = 'f',
	.options = &openntpd_options,
	.includes = DAEMON_INCLUDES_NONE,
	.query = DAEMON_QUERY_COMMAND,
	.query_argv = query_argv,
	.parse_status = openntpd_parse_status,
	.read_policy = openntpd_read_policy,
};
