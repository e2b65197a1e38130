/* The driver of NTPsec 1.2, as Debian packages it. */
#include "daemons/drivers.h"
#include "daemons/ntpd/status.h"
#include "daemons/options.h"
#include "daemons/policy.h"

static const struct daemon_file files[] = {
	{
	    .role = DAEMON_FILE_CONFIG,
	    .template_name = "ntpsec.conf",
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
	    .template_name = "ntpsec.default",
	    .mode = 0644,
	    .action = FILE_ACTION_RESTART,
	},
	{
	    .role = DAEMON_FILE_DROPIN,
	    .template_name = "ntpsec.dropin",
	    .mode = 0644,
	    .action = FILE_ACTION_RESTART,
	},
	{ .template_name = NULL },
};

const struct daemon_driver daemon_ntpsec = {
	.name = "ntpsec",
	.title = "NTPsec",
	.binary_has = "ntpsec",
	.features = DAEMON_NTS | DAEMON_CIDR | DAEMON_SERVES | DAEMON_CLOCKS | DAEMON_CLOCK_PATHS |
	    DAEMON_KEYS | DAEMON_VOTES,
	.files = files,
	.config_option = 'c',
	.options = &ntpsec_options,
	.includes = DAEMON_INCLUDES_NTPSEC,
	.certificate_words = "nts cert",
	.check_argv = NULL, /* NTPsec has no check; bad_line() finds errors in its log later */
	.bad_line = ntpd_bad_line,
	.query = DAEMON_QUERY_MODE6,
	.query_port = 123,
	.parse_status = ntp_parse_status,
	.read_policy = ntpsec_read_policy,
};
