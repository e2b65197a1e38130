/* The driver of chrony 4.x, as Debian packages it. */
#include "daemons/chrony/monitoring.h"
#include "daemons/chrony/status.h"
#include "daemons/chrony/tracking.h"
#include "daemons/drivers.h"
#include "daemons/options.h"
#include "daemons/policy.h"

#include <string.h>

static const struct daemon_file files[] = {
	{
	    .role = DAEMON_FILE_CONFIG,
	    .template_name = "chrony.conf",
	    .mode = 0644,
	    .action = FILE_ACTION_RESTART,
	},
	{
	    .role = DAEMON_FILE_SOURCES,
	    .template_name = "chrony.sources",
	    .mode = 0644,
	    .action = FILE_ACTION_RELOAD_SOURCES,
	},
	{
	    .role = DAEMON_FILE_KEYS,
	    .template_name = "chrony.keys",
	    .mode = 0640,
	    .action = FILE_ACTION_REKEY,
	    .secret = true,
	},
	{
	    .role = DAEMON_FILE_OPTIONS,
	    .template_name = "chrony.default",
	    .mode = 0644,
	    .action = FILE_ACTION_RESTART,
	},
	{
	    .role = DAEMON_FILE_DROPIN,
	    .template_name = "chrony.dropin",
	    .mode = 0644,
	    .action = FILE_ACTION_RESTART,
	},
	{ .template_name = NULL },
};

static const char *const check_argv[] = { "{binary}", "-p", "-f", "{file}", NULL };

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

/* `burst`: without it, chronyd asks a new address only at its next poll, a minute or more later. */
static const char *const refresh_commands[] = { "chronyc refresh", "chronyc burst 4/4", NULL };

const struct daemon_driver daemon_chrony = {
	.name = "chrony",
	.title = "chrony",
	.binary_has = "chrony",
	.features = DAEMON_STAMPS | DAEMON_NTS | DAEMON_SYMMETRIC | DAEMON_RELOAD_SOURCES |
	    DAEMON_REKEY | DAEMON_CIDR | DAEMON_SERVES | DAEMON_WAITS_FOR_SOURCES |
	    DAEMON_SLEWS_FAST | DAEMON_SERVES_CORRECTED | DAEMON_RANKS_BY_PROOF | DAEMON_PREFERS |
	    DAEMON_CLOCKS | DAEMON_CLOCK_PATHS | DAEMON_FOLLOWS_PPS | DAEMON_INTERLEAVES |
	    DAEMON_KEYS | DAEMON_VOTES,
	.files = files,
	.config_option = 'f',
	.options = &chrony_options,
	.includes = DAEMON_INCLUDES_CHRONY,
	.certificate_words = "ntsservercert",
	.check_argv = check_argv,
	.check_stops = true,
	.bad_line = bad_line,
	.refresh_commands = refresh_commands,
	.query = DAEMON_QUERY_COMMAND,
	.query_argv = query_argv,
	.datagram = &chrony_tracking,
	.dialogue = &chrony_monitoring,
	.query_port = 323,
	.parse_status = chrony_parse_status,
	.read_policy = chrony_read_policy,
};
