/* The driver of OpenNTPD, as Debian packages it: watched, never configured; only root may ask. */
#include "daemons/drivers.h"
#include "daemons/options.h"
#include "daemons/other_status.h"
#include "daemons/policy.h"

static const struct daemon_file files[] = { { .path = NULL } };

static const char *const systems[] = { "debian", "ubuntu", NULL };
static const char *const other_systems[] = { "rhel", "fedora", "centos", "suse", "opensuse", "arch",
	"alpine", "gentoo", "void", NULL };
static const struct daemon_home homes[] = {
	{ "/etc/openntpd/ntpd.conf", NULL, systems },
	{ "/etc/ntpd.conf", NULL, other_systems },
	{ .config_path = NULL },
};

static const char *const query_argv[] = { "/usr/sbin/ntpctl", "-s", "all", NULL };

const struct daemon_driver daemon_openntpd = {
	.name = "openntpd",
	.title = "OpenNTPD",
	.package = "openntpd",
	.unit = "openntpd.service",
	.binary = "/usr/sbin/ntpd",
	.binary_has = NULL, /* the binary prints no version and no name */
	.features = DAEMON_ANSWERS_ROOT,
	.binary_beside = "/usr/sbin/ntpctl",
	.files = files,
	.config_path = "/etc/openntpd/ntpd.conf",
	.options_path = "/etc/default/openntpd",
	.options_variable = "DAEMON_OPTS",
	.homes = homes,
	.config_option = 'f',
	.options = &openntpd_options,
	.includes = DAEMON_INCLUDES_NONE,
	.query = DAEMON_QUERY_COMMAND,
	.query_argv = query_argv,
	.parse_status = openntpd_parse_status,
	.read_policy = openntpd_read_policy,
};
