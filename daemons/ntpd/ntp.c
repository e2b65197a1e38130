/*
 * The driver of ntp 4.2.8, the reference implementation, as Debian 11 packages it; and how to find
 * a complaint in its log or NTPsec's.
 */
#include "daemons/drivers.h"
#include "daemons/ntpd/status.h"
#include "daemons/options.h"
#include "daemons/policy.h"

#include <string.h>

static const struct daemon_file files[] = {
	{
	    .role = DAEMON_FILE_CONFIG,
	    .template_name = "ntp.conf",
	    .mode = 0644,
	    .action = FILE_ACTION_RESTART,
	},
	{
	    .role = DAEMON_FILE_KEYS,
	    .template_name = "ntp.keys",
	    .mode = 0640,
	    .action = FILE_ACTION_RESTART,
	    .secret = true,
	},
	{
	    .role = DAEMON_FILE_OPTIONS,
	    .template_name = "ntp.default",
	    .mode = 0644,
	    .action = FILE_ACTION_RESTART,
	},
	{
	    .role = DAEMON_FILE_DROPIN,
	    .template_name = "ntp.dropin",
	    .mode = 0644,
	    .action = FILE_ACTION_RESTART,
	},
	{ .template_name = NULL },
};

/* ntpd parses the file, writes what it read to /dev/null and exits with 0, even after errors. */
static const char *const check_argv[] = { "{binary}", "--saveconfigquit=/dev/null", "-c", "{file}",
	NULL };

bool
ntpd_bad_line(const char *line)
{
	static const char *const complaints[] = {
		"syntax error",
		"ignored",
		"ignoring line",
		"unusable",
		"deprecated",
		"does nothing",
		"parsing errors",
		"not found for",
		"rejecting file",
	};

	for (size_t i = 0; i < COUNT(complaints); i++) {
		if (strcasestr(line, complaints[i])) {
			return true;
		}
	}
	return false;
}

const struct daemon_driver daemon_ntp = {
	.name = "ntp",
	.title = "ntp 4.2.8",
	.binary_has = "ntpd 4.2.8",
	.features = DAEMON_SYMMETRIC | DAEMON_SERVES | DAEMON_CLOCKS | DAEMON_KEYS | DAEMON_VOTES,
	.files = files,
	.config_option = 'c',
	.options = &ntp_options,
	.options_prefix = "NTPD",
	.includes = DAEMON_INCLUDES_NTP,
	.check_argv = check_argv,
	.bad_line = ntpd_bad_line,
	.query = DAEMON_QUERY_MODE6,
	.query_port = 123,
	.parse_status = ntp_parse_status,
	.read_policy = ntp_read_policy,
};
