/*
 * The driver of OpenNTPD, as Debian packages it: a client that never steps unless it is told to,
 * and takes the median of its servers.  Only root may ask it.
 */
#include "daemons/drivers.h"
#include "daemons/options.h"
#include "daemons/other_status.h"
#include "daemons/policy.h"

#include <string.h>

static const struct daemon_file files[] = {
	{
	    .role = DAEMON_FILE_CONFIG,
	    .template_name = "openntpd.conf",
	    .mode = 0644,
	    .action = FILE_ACTION_RESTART,
	},
	{
	    .role = DAEMON_FILE_OPTIONS,
	    .template_name = "openntpd.default",
	    .mode = 0644,
	    .action = FILE_ACTION_RESTART,
	},
	{ .template_name = NULL },
};

static const char *const check_argv[] = { "{binary}", "-n", "-f", "{file}", NULL };

static const char *const query_argv[] = { "/usr/sbin/ntpctl", "-s", "all", NULL };

/* "/etc/openntpd/ntpd.conf:3: syntax error".  Source: OpenNTPD 6.2p3, parse.y, yyerror(). */
static bool
bad_line(const char *line)
{
	static const char *const complaints[] = { "syntax error", "configuration error",
		"fatal: ", "cannot open " };

	for (size_t i = 0; i < COUNT(complaints); i++) {
		if (strstr(line, complaints[i])) {
			return true;
		}
	}
	return false;
}

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
	.check_argv = check_argv,
	.bad_line = bad_line,
	.query = DAEMON_QUERY_COMMAND,
	.query_argv = query_argv,
	.parse_status = openntpd_parse_status,
	.read_policy = openntpd_read_policy,
};
