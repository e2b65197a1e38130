/* Where systems that are not Debian's kin have their daemons. */
#include "daemons/drivers.h"
#include "daemons/platforms/places.h"

#define DROPIN(unit) "/etc/systemd/system/" unit ".d/timetier.conf"
#define DROPINS(unit) "/etc/systemd/system/" unit ".d/*.conf"

static const char *const chronyd_beside[] = { "/etc/chrony.d/*.sources", DROPINS("chronyd.service"),
	NULL };
static const char *const ntpd_beside[] = { DROPINS("ntpd.service"), NULL };
static const char *const chrony_units[] = { "chrony.service", NULL };
static const char *const ntp_units[] = { "ntp.service", NULL };

/* chronyd with --sysconfdir=/etc, as its own examples have it. */
#define CHRONYD                                                                                    \
	.kind = &daemon_chrony, .package = "chrony", .first_start = "`makestep 1.0 3`",            \
	.unit = "chronyd.service", .other_units = chrony_units, .binary = "/usr/sbin/chronyd",     \
	.user = "chrony", .group = "chrony", .drift_path = "/var/lib/chrony/drift",                \
	.options_variable = "OPTIONS", .beside = chronyd_beside

#define CHRONYD_PATHS                                                                              \
	[DAEMON_FILE_CONFIG] = "/etc/chrony.conf",                                                 \
	[DAEMON_FILE_SOURCES] = "/etc/chrony.d/timetier.sources",                                  \
	[DAEMON_FILE_KEYS] = "/etc/chrony.keys", [DAEMON_FILE_DROPIN] = DROPIN("chronyd.service")

const struct daemon_place places_rhel[] = {
	{
	    CHRONYD,
	    .paths = { CHRONYD_PATHS, [DAEMON_FILE_OPTIONS] = "/etc/sysconfig/chronyd" },
	},
	{
	    .kind = &daemon_ntpsec,
	    .package = "ntpsec",
	    .first_start = "`-g`",
	    .unit = "ntpd.service",
	    .other_units = ntp_units,
	    .binary = "/usr/sbin/ntpd",
	    .user = "ntp",
	    .group = "ntp",
	    .paths = {
		[DAEMON_FILE_CONFIG] = "/etc/ntp.conf",
		[DAEMON_FILE_KEYS] = "/etc/ntp/keys",
		[DAEMON_FILE_OPTIONS] = "/etc/sysconfig/ntpd",
		[DAEMON_FILE_DROPIN] = DROPIN("ntpd.service"),
	    },
	    .drift_path = "/var/lib/ntp/drift",
	    .options_variable = "OPTIONS",
	    .beside = ntpd_beside,
	},
	{
	    .kind = &daemon_openntpd,
	    .package = "openntpd",
	    .unit = "openntpd.service",
	    .binary = "/usr/sbin/ntpd",
	    .paths = { [DAEMON_FILE_CONFIG] = "/etc/ntpd.conf" },
	},
	{ .kind = NULL },
};

const struct daemon_place places_suse[] = {
	{
	    CHRONYD,
	    .paths = { CHRONYD_PATHS, [DAEMON_FILE_OPTIONS] = "/etc/sysconfig/chronyd" },
	},
	{
	    .kind = &daemon_ntpsec,
	    .package = "ntpsec",
	    .first_start = "`-g`",
	    .unit = "ntpd.service",
	    .other_units = ntp_units,
	    .binary = "/usr/sbin/ntpd",
	    .user = "ntp",
	    .group = "ntp",
	    .paths = { [DAEMON_FILE_CONFIG] = "/etc/ntp.conf" },
	    .drift_path = "/var/lib/ntp/ntp.drift",
	},
	{
	    .kind = &daemon_ntp,
	    .package = "ntp",
	    .first_start = "`-g`",
	    .unit = "ntpd.service",
	    .other_units = ntp_units,
	    .binary = "/usr/sbin/ntpd",
	    .user = "ntp",
	    .group = "ntp",
	    .paths = {
		[DAEMON_FILE_CONFIG] = "/etc/ntp.conf",
		[DAEMON_FILE_KEYS] = "/etc/ntp.keys",
		[DAEMON_FILE_OPTIONS] = "/etc/sysconfig/ntp",
		[DAEMON_FILE_DROPIN] = DROPIN("ntpd.service"),
	    },
	    .drift_path = "/var/lib/ntp/drift/ntp.drift",
	    .options_variable = "NTPD_OPTIONS",
	    .beside = ntpd_beside,
	},
	{
	    .kind = &daemon_openntpd,
	    .package = "openntpd",
	    .unit = "openntpd.service",
	    .binary = "/usr/sbin/ntpd",
	    .paths = { [DAEMON_FILE_CONFIG] = "/etc/ntpd.conf" },
	},
	{ .kind = NULL },
};

const struct daemon_place places_arch[] = {
	{ CHRONYD, .paths = { CHRONYD_PATHS } },
	{
	    .kind = &daemon_ntpsec,
	    .package = "ntpsec",
	    .first_start = "`-g`",
	    .unit = "ntpd.service",
	    .binary = "/usr/bin/ntpd",
	    .user = "ntp",
	    .group = "ntp",
	    .paths = { [DAEMON_FILE_CONFIG] = "/etc/ntp.conf" },
	    .drift_path = "/var/lib/ntp/ntp.drift",
	},
	{
	    .kind = &daemon_ntp,
	    .package = "ntp",
	    .first_start = "`-g`",
	    .unit = "ntpd.service",
	    .binary = "/usr/bin/ntpd",
	    .user = "ntp",
	    .group = "ntp",
	    .paths = {
		[DAEMON_FILE_CONFIG] = "/etc/ntp.conf",
		[DAEMON_FILE_KEYS] = "/etc/ntp.keys",
		[DAEMON_FILE_DROPIN] = DROPIN("ntpd.service"),
	    },
	    .drift_path = "/var/lib/ntp/ntp.drift",
	    .beside = ntpd_beside,
	},
	{
	    .kind = &daemon_openntpd,
	    .package = "openntpd",
	    .unit = "openntpd.service",
	    .binary = "/usr/bin/ntpd",
	    .paths = { [DAEMON_FILE_CONFIG] = "/etc/ntpd.conf" },
	},
	{ .kind = NULL },
};

static const char *const alpine_beside[] = { "/etc/chrony/sources.d/*.sources", NULL };

const struct daemon_place places_alpine[] = {
	{
	    .kind = &daemon_chrony,
	    .package = "chrony",
	    .first_start = "`makestep 1.0 3`",
	    .unit = "chronyd",
	    .binary = "/usr/sbin/chronyd",
	    .user = "chrony",
	    .group = "chrony",
	    .paths = {
		[DAEMON_FILE_CONFIG] = "/etc/chrony/chrony.conf",
		[DAEMON_FILE_SOURCES] = "/etc/chrony/sources.d/timetier.sources",
		[DAEMON_FILE_KEYS] = "/etc/chrony/chrony.keys",
		[DAEMON_FILE_OPTIONS] = "/etc/conf.d/chronyd",
	    },
	    .drift_path = "/var/lib/chrony/chrony.drift",
	    .options_variable = "ARGS",
	    .beside = alpine_beside,
	},
	{
	    .kind = &daemon_ntpsec,
	    .package = "ntpsec",
	    .unit = "ntpd",
	    .binary = "/usr/sbin/ntpd",
	    .user = "ntp",
	    .group = "ntp",
	    .paths = { [DAEMON_FILE_CONFIG] = "/etc/ntp.conf" },
	},
	{
	    .kind = &daemon_openntpd,
	    .package = "openntpd",
	    .unit = "openntpd",
	    .binary = "/usr/sbin/ntpd",
	    .paths = { [DAEMON_FILE_CONFIG] = "/etc/ntpd.conf" },
	},
	{ .kind = NULL },
};

const struct daemon_place places_gentoo[] = {
	{
	    .kind = &daemon_chrony,
	    .package = "net-misc/chrony",
	    .unit = "chronyd",
	    .binary = "/usr/sbin/chronyd",
	    .user = "ntp",
	    .group = "ntp",
	    .paths = { [DAEMON_FILE_CONFIG] = "/etc/chrony/chrony.conf" },
	},
	{
	    .kind = &daemon_ntpsec,
	    .package = "net-misc/ntpsec",
	    .unit = "ntp",
	    .binary = "/usr/sbin/ntpd",
	    .paths = { [DAEMON_FILE_CONFIG] = "/etc/ntp.conf" },
	},
	{
	    .kind = &daemon_openntpd,
	    .package = "net-misc/openntpd",
	    .unit = "ntpd",
	    .binary = "/usr/sbin/ntpd",
	    .paths = { [DAEMON_FILE_CONFIG] = "/etc/ntpd.conf" },
	},
	{ .kind = NULL },
};

const struct daemon_place places_void[] = {
	{
	    .kind = &daemon_openntpd,
	    .package = "openntpd",
	    .unit = "openntpd",
	    .binary = "/usr/bin/ntpd",
	    .paths = { [DAEMON_FILE_CONFIG] = "/etc/ntpd.conf" },
	},
	{ .kind = NULL },
};

const struct daemon_place places_freebsd[] = {
	{
	    .kind = &daemon_ntp,
	    .package = "FreeBSD-ntp",
	    .unit = "ntpd",
	    .binary = "/usr/sbin/ntpd",
	    .user = "ntpd",
	    .group = "ntpd",
	    .paths = {
		[DAEMON_FILE_CONFIG] = "/etc/ntp.conf",
		[DAEMON_FILE_KEYS] = "/etc/ntp.keys",
	    },
	    .drift_path = "/var/db/ntp/ntpd.drift",
	},
	{ .kind = NULL },
};
