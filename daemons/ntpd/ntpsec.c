/* The driver of NTPsec 1.2, as Debian packages it. */
#include "daemons/drivers.h"
#include "daemons/ntpd/status.h"
#include "daemons/options.h"
#include "daemons/policy.h"

static const struct daemon_file files[] = {
	{
	    .path = "/etc/ntpsec/ntp.conf",
	    .template_name = "ntpsec.conf",
	    .mode = 0644,
	    .owner = "root",
	    .group = "root",
	    .action = FILE_ACTION_RESTART,
	},
	{
	    .path = "/etc/ntpsec/ntp.keys",
	    .template_name = "ntp.keys",
	    .mode = 0640,
	    .owner = "root",
	    .group = "ntpsec",
	    .action = FILE_ACTION_RESTART,
	    .secret = true,
	},
	{
	    .path = "/etc/default/ntpsec",
	    .template_name = "ntpsec.default",
	    .mode = 0644,
	    .owner = "root",
	    .group = "root",
	    .action = FILE_ACTION_RESTART,
	},
	{
	    .path = "/etc/systemd/system/ntpsec.service.d/timetier.conf",
	    .template_name = "ntpsec.dropin",
	    .mode = 0644,
	    .owner = "root",
	    .group = "root",
	    .action = FILE_ACTION_RESTART,
	},
	{ .path = NULL },
};

static const char *const other_units[] = { "ntpd.service", "ntp.service", NULL };
static const char *const systems[] = { "debian", "ubuntu", NULL };
static const char *const other_systems[] = { "rhel", "fedora", "centos", "suse", "opensuse", "arch",
	"alpine", "gentoo", NULL };
static const struct daemon_home homes[] = {
	{ "/etc/ntpsec/ntp.conf", "ntpsec.service", systems },
	{ "/etc/ntp.conf", NULL, other_systems },
	{ .config_path = NULL },
};

static const char *const beside[] = { "/etc/ntpsec/ntp.d/*.conf",
	"/etc/systemd/system/ntpsec.service.d/*.conf", NULL };

const struct daemon_driver daemon_ntpsec = {
	.name = "ntpsec",
	.title = "NTPsec",
	.package = "ntpsec",
	.first_start = "`-g`",
	.unit = "ntpsec.service",
	.binary = "/usr/sbin/ntpd",
	.binary_has = "ntpsec",
	.features = DAEMON_NTS | DAEMON_CIDR | DAEMON_SERVES,
	.files = files,
	.beside = beside,
	.config_path = "/etc/ntpsec/ntp.conf",
	.keys_path = "/etc/ntpsec/ntp.keys",
	.drift_path = "/var/lib/ntpsec/ntp.drift",
	.options_path = "/etc/default/ntpsec",
	.options_variable = "NTPD_OPTS",
	.other_units = other_units,
	.homes = homes,
	.config_option = 'c',
	.options = &ntpsec_options,
	.includes = DAEMON_INCLUDES_NTPSEC,
	.check_argv = NULL, /* NTPsec has no check; bad_line() finds errors in its log later */
	.bad_line = ntpd_bad_line,
	.query = DAEMON_QUERY_MODE6,
	.query_port = 123,
	.parse_status = ntp_parse_status,
	.read_policy = ntpsec_read_policy,
};
