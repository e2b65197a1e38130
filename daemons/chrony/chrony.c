/* The driver of chrony 4.x, as Debian packages it. */
#include "daemons/chrony/status.h"
#include "daemons/chrony/tracking.h"
#include "daemons/drivers.h"
#include "daemons/options.h"
#include "daemons/policy.h"

#include <string.h>

static const struct daemon_file files[] = {
	{
	    .path = "/etc/chrony/chrony.conf",
	    .template_name = "chrony.conf",
	    .mode = 0644,
	    .owner = "root",
	    .group = "root",
	    .action = FILE_ACTION_RESTART,
	},
	{
	    .path = "/etc/chrony/sources.d/timetier.sources",
	    .template_name = "chrony.sources",
	    .mode = 0644,
	    .owner = "root",
	    .group = "root",
	    .action = FILE_ACTION_RELOAD_SOURCES,
	},
	{
	    .path = "/etc/chrony/chrony.keys",
	    .template_name = "chrony.keys",
	    .mode = 0640,
	    .owner = "root",
	    .group = "_chrony",
	    .action = FILE_ACTION_REKEY,
	    .secret = true,
	},
	{
	    .path = "/etc/default/chrony",
	    .template_name = "chrony.default",
	    .mode = 0644,
	    .owner = "root",
	    .group = "root",
	    .action = FILE_ACTION_RESTART,
	},
	{
	    .path = "/etc/systemd/system/chrony.service.d/timetier.conf",
	    .template_name = "chrony.dropin",
	    .mode = 0644,
	    .owner = "root",
	    .group = "root",
	    .action = FILE_ACTION_RESTART,
	},
	{ .path = NULL },
};

static const char *const check_argv[] = { "/usr/sbin/chronyd", "-p", "-f", "{file}", NULL };

/* chronyd answers these to any local user over the loopback; -m: several commands in one run. */
static const char *const query_argv[] = { "/usr/bin/chronyc", "-h", "127.0.0.1,::1", "-c", "-n",
	"-m", "tracking", "sources", "sourcestats", NULL };

/* Source: chrony 4.3, conf.c and keys.c. */
static bool
bad_line(const char *line)
{
	static const char *const complaints[] = {
		"Fatal error",
		"Could not parse",
		"Invalid syntax",
		"Invalid directive",
		" is missing",
	};

	for (size_t i = 0; i < COUNT(complaints); i++) {
		if (strstr(line, complaints[i])) {
			return true;
		}
	}
	return false;
}

/* RHEL and its relatives, and chrony's own build, have another unit and another path. */
static const char *const other_units[] = { "chronyd.service", NULL };
static const char *const systems[] = { "debian", "ubuntu", "alpine", "gentoo", NULL };
static const char *const other_systems[] = { "rhel", "fedora", "centos", "amzn", "suse", "opensuse",
	"sles", "arch", NULL };
static const struct daemon_home homes[] = {
	{ "/etc/chrony/chrony.conf", "chrony.service", systems },
	{ "/etc/chrony.conf", "chronyd.service", other_systems },
	{ .config_path = NULL },
};

/* `burst`: without it, chronyd asks a new address only at its next poll, a minute or more later. */
static const char *const refresh_commands[] = { "chronyc refresh", "chronyc burst 4/4", NULL };

static const char *const beside[] = { "/etc/chrony/sources.d/*.sources",
	"/etc/systemd/system/chrony.service.d/*.conf", NULL };

const struct daemon_driver daemon_chrony = {
	.name = "chrony",
	.title = "chrony",
	.package = "chrony",
	.first_start = "`makestep 1 3`",
	.unit = "chrony.service",
	.binary = "/usr/sbin/chronyd",
	.binary_has = "chrony",
	.features = DAEMON_NTS | DAEMON_SYMMETRIC | DAEMON_RELOAD_SOURCES | DAEMON_REKEY |
	    DAEMON_CIDR | DAEMON_SERVES | DAEMON_WAITS_FOR_SOURCES | DAEMON_SLEWS_FAST |
	    DAEMON_SERVES_CORRECTED | DAEMON_RANKS_BY_PROOF | DAEMON_PREFERS,
	.files = files,
	.beside = beside,
	.config_path = "/etc/chrony/chrony.conf",
	.keys_path = "/etc/chrony/chrony.keys",
	.drift_path = "/var/lib/chrony/chrony.drift",
	.options_path = "/etc/default/chrony",
	.options_variable = "DAEMON_OPTS",
	.other_units = other_units,
	.homes = homes,
	.config_option = 'f',
	.options = &chrony_options,
	.includes = DAEMON_INCLUDES_CHRONY,
	.check_argv = check_argv,
	.check_stops = true,
	.bad_line = bad_line,
	.refresh_commands = refresh_commands,
	.query = DAEMON_QUERY_COMMAND,
	.query_argv = query_argv,
	.datagram = &chrony_tracking,
	.query_port = 323,
	.parse_status = chrony_parse_status,
	.read_policy = chrony_read_policy,
};
