#include "orchestrator/import/roles.h"

#include "orchestrator/import/role_lines.h"

#include <string.h>

struct role {
	const char *name, *prefix;
	const char *wants;   /* a variable that is set, and not false; NULL: any with the prefix */
	const char *choice;  /* the variable that names the daemon; NULL: there is one daemon */
	const char *choices; /* its values that mean this row, as ",chrony,": "," when not set */
	const char *path;
	const struct row *rows;
	const char *const *idle; /* variables that change nothing here */
	bool others;             /* variables with its prefix are also other things */
};

static const struct row timesync_chrony[] = {
	{ "ntp_servers", put_timesync_sources, "trust", NULL },
	{ "dhcp_ntp_servers", put_flag, "sourcedir /run/chrony-dhcp\n", NULL },
	{ "step_threshold", put_makestep, NULL, "makestep 1.0 3\n" },
	{ "", NULL, NULL, "rtcsync\n" },
	{ "ntp_hwts_interfaces", put_each, "hwtimestamp", NULL },
	{ "min_sources", put_above_one, "minsources", NULL },
	{ "", NULL, NULL, "driftfile /var/lib/chrony/drift\nntsdumpdir /var/lib/chrony\n" },
	{ "max_distance", put_not_zero, "maxdistance", NULL },
	{ "chrony_custom_settings", put_each, "", NULL },
	{ "ptp_domains", put_lost, "PTP stays as it is", NULL },
	{ 0 },
};

static const struct row timesync_ntp[] = {
	{ "ntp_servers", put_timesync_sources, "true", NULL },
	{ "", NULL, NULL,
	    ("driftfile /var/lib/ntp/drift\n"
	     "restrict default nomodify notrap nopeer noquery\n"
	     "restrict 127.0.0.1\n"
	     "restrict ::1\n") },
	{ "step_threshold", put_step, NULL, NULL },
	{ "min_sources", put_above_one, "tos minsane", NULL },
	{ "max_distance", put_not_zero, "tos maxdist", NULL },
	{ "dhcp_ntp_servers", put_lost, "servers that DHCP names are asked, too", NULL },
	{ "ptp_domains", put_lost, "PTP stays as it is", NULL },
	{ 0 },
};

static const char *const timesync_idle[] = { "ntp_provider", "ntp_provider_os_default",
	"chrony_custom_settings", "ntp_hwts_interfaces", "mode2_hwts", NULL };

static const struct row geerling_chrony[] = {
	{ "servers", put_each, "server", NULL },
	{ "area", put_area, "server", NULL },
	{ "driftfile", put_line, "driftfile", "driftfile /var/lib/chrony/drift\n" },
	{ "", NULL, NULL, "makestep 1.0 3\nrtcsync\nlogdir /var/log/chrony\n" },
	{ 0 },
};

static const struct row geerling_ntp[] = {
	{ "driftfile", put_line, "driftfile", "driftfile /var/lib/ntp/drift\n" },
	{ "tinker_panic", put_flag, "tinker panic 0\n", NULL },
	{ "servers", put_each, "pool", NULL },
	{ "area", put_area, "pool", NULL },
	{ "", NULL, NULL, "restrict default nomodify notrap nopeer noquery\n" },
	{ "restrict", put_each, "restrict", "restrict 127.0.0.1\nrestrict ::1\n" },
	{ "", NULL, NULL, "disable monitor\n" },
	{ "logfile", put_line, "logfile", NULL },
	{ 0 },
};

static const char *const geerling_idle[] = { "enabled", "manage_config", "timezone", "daemon",
	"package", "config_file", "cron_handler_enabled", "cron_daemon", "tzdata_package",
	"restrict", "tinker_panic", NULL };

static const struct row puppet_chrony[] = {
	{ "servers", put_chrony_sources, "server",
	    ("server 0.pool.ntp.org iburst\n"
	     "server 1.pool.ntp.org iburst\n"
	     "server 2.pool.ntp.org iburst\n"
	     "server 3.pool.ntp.org iburst\n") },
	{ "pools", put_chrony_sources, "pool", NULL },
	{ "peers", put_chrony_sources, "peer", NULL },
	{ "sourcedir", put_line, "sourcedir", NULL },
	{ "confdir", put_line, "confdir", NULL },
	{ "stratumweight", put_line, "stratumweight", NULL },
	{ "driftfile", put_line, "driftfile", "driftfile /var/lib/chrony/drift\n" },
	{ "rtcsync", put_flag, "rtcsync\n", "rtcsync\n" },
	{ "makestep_seconds", put_chrony_makestep, NULL, NULL },
	{ "queryhosts", put_each, "allow", NULL },
	{ "cmdport", put_line, "cmdport", NULL },
	{ "bindcmdaddress", put_each, "bindcmdaddress",
	    "bindcmdaddress 127.0.0.1\nbindcmdaddress ::1\n" },
	{ "cmdacl", put_each, "", NULL },
	{ "bindaddress", put_each, "bindaddress", NULL },
	{ "initstepslew", put_line, "initstepslew", NULL },
	{ "port", put_line, "port", NULL },
	{ "local_stratum", put_line, "local stratum", "local stratum 10\n" },
	{ "keys", put_lost, "secrets are not taken from variables", NULL },
	{ "dumpdir", put_line, "dumpdir", NULL },
	{ "clientlog", put_unless, "noclientlog\n", "noclientlog\n" },
	{ "clientloglimit", put_line, "clientloglimit", NULL },
	{ "", NULL, NULL, "logchange 0.5\nlogdir /var/log/chrony\n" },
	{ "log_options", put_line, "log", NULL },
	{ "refclocks", put_each, "refclock", NULL },
	{ "lock_all", put_flag, "lock_all\n", NULL },
	{ "leapsecmode", put_line, "leapsecmode", NULL },
	{ "leapsectz", put_line, "leapsectz", NULL },
	{ "maxdistance", put_line, "maxdistance", NULL },
	{ "maxupdateskew", put_line, "maxupdateskew", NULL },
	{ "maxslewrate", put_line, "maxslewrate", NULL },
	{ "ntsserverkey", put_line, "ntsserverkey", NULL },
	{ "ntsservercert", put_line, "ntsservercert", NULL },
	{ "ntsport", put_line, "ntsport", NULL },
	{ "maxntsconnections", put_line, "maxntsconnections", NULL },
	{ "ntsprocesses", put_line, "ntsprocesses", NULL },
	{ "ntsdumpdir", put_line, "ntsdumpdir", NULL },
	{ "ntsntpserver", put_line, "ntsntpserver", NULL },
	{ "ntsrotate", put_line, "ntsrotate", NULL },
	{ "smoothtime", put_line, "smoothtime", NULL },
	{ "rtconutc", put_flag, "rtconutc\n", NULL },
	{ "hwtimestamps", put_each, "hwtimestamp", NULL },
	{ 0 },
};

static const char *const puppet_chrony_idle[] = { "makestep_updates", "commandkey", "config",
	"config_template", "config_keys", "config_keys_template", "config_keys_owner",
	"config_keys_group", "config_keys_mode", "config_keys_manage", "chrony_password",
	"package_ensure", "package_name", "package_source", "package_provider", "service_enable",
	"service_ensure", "service_manage", "service_name", "wait_enable", "wait_ensure",
	"wait_manage", "wait_name", "threshold", NULL };

static const struct row puppet_ntp[] = {
	{ "panic", put_line, "tinker panic", NULL },
	{ "stepout", put_line, "tinker stepout", NULL },
	{ "disable_monitor", put_flag, "disable monitor\n", "disable monitor\n" },
	{ "disable_auth", put_flag, "disable auth\n", NULL },
	{ "disable_kernel", put_flag, "disable kernel\n", NULL },
	{ "restrict", put_each, "restrict",
	    ("restrict default kod nomodify notrap nopeer noquery\n"
	     "restrict -6 default kod nomodify notrap nopeer noquery\n"
	     "restrict 127.0.0.1\n"
	     "restrict -6 ::1\n") },
	{ "interfaces_ignore", put_each, "interface ignore", NULL },
	{ "interfaces", put_interfaces, "interface listen", NULL },
	{ "broadcastclient", put_flag, "broadcastclient\n", NULL },
	{ "servers", put_puppet_sources, "server",
	    ("server 0.pool.ntp.org iburst\n"
	     "server 1.pool.ntp.org iburst\n"
	     "server 2.pool.ntp.org iburst\n"
	     "server 3.pool.ntp.org iburst\n") },
	{ "pool", put_puppet_sources, "pool", NULL },
	{ "udlc", put_udlc, NULL, NULL },
	{ "driftfile", put_line, "driftfile", "driftfile /var/lib/ntp/drift\n" },
	{ "logfile", put_line, "logfile", NULL },
	{ "ntpsigndsocket", put_line, "ntpsigndsocket", NULL },
	{ "peers", put_each, "peer", NULL },
	{ "keys", put_lost, "secrets are not taken from variables", NULL },
	{ "fudge", put_each, "fudge", NULL },
	{ "leapfile", put_line, "leapfile", NULL },
	{ 0 },
};

static const char *const puppet_ntp_idle[] = { "iburst_enable", "preferred_servers",
	"noselect_servers", "minpoll", "maxpoll", "udlc_stratum", "config_dir", "config_file_mode",
	"config", "config_template", "config_epp", "package_ensure", "package_manage",
	"package_name", "service_enable", "service_ensure", "service_manage", "service_name",
	"service_provider", "statsdir", "keys_file", "step_tickers_file", "user", NULL };

static const struct row puppet_systemd[] = {
	{ "", NULL, NULL, "[Time]\n" },
	{ "ntp_server", put_joined, "NTP=", "" },
	{ "fallback_ntp_server", put_joined, "FallbackNTP=", "" },
	{ 0 },
};

static const char *const none[] = { NULL };

static const struct role roles[] = {
	{ "linux-system-roles.timesync", "timesync_", "timesync_ntp_servers",
	    "timesync_ntp_provider", ",chrony,", "/etc/chrony.conf", timesync_chrony, timesync_idle,
	    false },
	{ "linux-system-roles.timesync", "timesync_", "timesync_ntp_servers",
	    "timesync_ntp_provider", "ntp,", "/etc/ntp.conf", timesync_ntp, timesync_idle, false },
	{ "geerlingguy.ntp", "ntp_", "ntp_manage_config", "ntp_daemon", "chrony,chronyd,",
	    "/etc/chrony.conf", geerling_chrony, geerling_idle, false },
	{ "geerlingguy.ntp", "ntp_", "ntp_manage_config", "ntp_daemon", "ntp,ntpd,",
	    "/etc/ntp.conf", geerling_ntp, geerling_idle, false },
	{ "puppet-chrony", "chrony::", NULL, NULL, NULL, "/etc/chrony.conf", puppet_chrony,
	    puppet_chrony_idle, false },
	{ "puppetlabs-ntp", "ntp::", NULL, NULL, NULL, "/etc/ntp.conf", puppet_ntp, puppet_ntp_idle,
	    false },
	{ "puppet-systemd", "systemd::", "systemd::manage_timesyncd", NULL, NULL,
	    "/etc/systemd/timesyncd.conf", puppet_systemd, none, true },
};

static bool
has_any(json_t *variables, const char *prefix)
{
	const char *name;
	json_t *value;

	json_object_foreach(variables, name, value)
	{
		if (strncmp(name, prefix, strlen(prefix)) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether @word, with a comma behind it, is one of @list. */
static bool
is_chosen(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; at && *at; at = strchr(at, ',') + 1) {
		if (strncmp(at, word, len) == 0 && at[len] == ',') {
			return true;
		}
	}
	return false;
}

static bool
is_used(struct making *making, const struct role *role)
{
	json_t *wanted = role->wants ? json_object_get(making->variables, role->wants) : NULL;

	wanted = followed(making, wanted);
	return role->wants ? json_array_size(wanted) > 0 || is_true(making, wanted)
			   : has_any(making->variables, role->prefix);
}

/* Whether the role writes this daemon's file. */
static bool
is_this(struct making *making, const struct role *role)
{
	json_t *choice = role->choice ? json_object_get(making->variables, role->choice) : NULL;

	choice = followed(making, choice);
	return !role->choice ||
	    is_chosen(role->choices, json_is_string(choice) ? json_string_value(choice) : "");
}

static bool
is_idle(const struct role *role, const char *name)
{
	for (size_t i = 0; role->idle[i]; i++) {
		if (strcmp(role->idle[i], name) == 0) {
			return true;
		}
	}
	for (const struct row *row = role->rows; row->variable; row++) {
		if (strcmp(row->variable, name) == 0) {
			return true;
		}
	}
	return false;
}

/* Variables that no row is about; their values are not shown, for they may be secrets. */
static void
tell_others(struct making *making, const struct role *role)
{
	const char *name;
	json_t *value;

	json_object_foreach(making->variables, name, value)
	{
		const char *end = name + strlen(role->prefix);

		if (strncmp(name, role->prefix, strlen(role->prefix)) == 0 && !is_idle(role, end)) {
			import_remark(making->import, making->host,
			    "lost: %s: what it writes is not known here", name);
		}
	}
}

static void
write_file(struct making *making, const struct role *role)
{
	struct arena *arena = &making->import->arena;
	struct file_entry *files;

	for (const struct row *row = role->rows; row->variable; row++) {
		json_t *value = row->variable[0] ? variable(making, row->variable) : NULL;

		if (!value && row->absent) {
			buf_text(&making->text, row->absent);
		} else if (row->put) {
			row->put(making, row, value);
		}
	}
	if (!role->others) {
		tell_others(making, role);
	}
	files = arena_alloc(arena, (making->host->files.count + 1) * sizeof(*files));
	if (making->host->files.count > 0) {
		memcpy(files, making->host->files.list, making->host->files.count * sizeof(*files));
	}
	files[making->host->files.count++] = (struct file_entry){
		.path = role->path,
		.content = arena_strdup(arena, buf_str(&making->text)),
		.len = making->text.len,
	};
	making->host->files.list = files;
	import_remark(making->import, making->host, "%s is what %s writes of %s*", role->path,
	    role->name, role->prefix);
}

bool
import_role(struct import *import, struct import_host *host, json_t *variables, json_t *nearest)
{
	struct making making = {
		.import = import,
		.host = host,
		.variables = nearest,
		.text.limit_bytes = CONFIG_BYTES_MAX,
	};
	const struct role *chosen = NULL, *open = NULL;

	for (size_t i = 0; i < COUNT(roles); i++) {
		if (!is_used(&making, &roles[i])) {
			continue;
		}
		if (!is_this(&making, &roles[i])) {
			open = &roles[i];
		} else if (chosen) {
			import_remark(import, host,
			    "it has variables of %s, too: which of them "
			    "configures it is not told",
			    roles[i].name);
		} else {
			chosen = &roles[i];
		}
	}
	if (chosen) {
		making.variables = variables;
		making.prefix = chosen->prefix;
		write_file(&making, chosen);
	} else if (open) {
		import_remark(import, host, "%s: which daemon %s configures is not told here",
		    open->choice, open->name);
	}
	buf_free(&making.text);
	return chosen != NULL;
}

const char *
import_role_names(struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < COUNT(roles); i++) {
		if (i == 0 || strcmp(roles[i].name, roles[i - 1].name) != 0) {
			text = arena_printf(arena, "%s%s%s", text,
			    i == 0                      ? ""
				: i + 1 == COUNT(roles) ? " and "
							: ", ",
			    roles[i].name);
		}
	}
	return text;
}
