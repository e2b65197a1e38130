/*
 * Where systems that are not Debian's kin have their daemons, from their own packaging: where a
 * package is not known well enough to be configured, its daemon is only watched.
 */
#include "daemons/drivers.h"
#include "daemons/platforms/places.h"

#define LEAP_LIST "/usr/share/zoneinfo/leap-seconds.list"

static const char *const chronyd_beside[] = { "/etc/chrony.d/*.sources",
	"/etc/systemd/system/chronyd.service.d/*.conf", NULL };
static const char *const ntpd_beside[] = { "/etc/systemd/system/ntpd.service.d/*.conf", NULL };
static const char *const chrony_units[] = { "chrony.service", NULL };
static const char *const ntp_units[] = { "ntp.service", NULL };

/*
 * chronyd with --sysconfdir=/etc, started as its own examples/chronyd.service does it.
 * /etc/chrony.d is where these systems' configurations include *.conf from; *.sources there are
 * ours alone. Source: chrony.spec of Fedora; what SUSE adds is as hosts of it are described, and
 * not yet held against its packages.
 */
#define CHRONYD                                                                                    \
	.kind = &daemon_chrony, .package = "chrony", .first_start = "`makestep 1.0 3`",            \
	.unit = "chronyd.service", .other_units = chrony_units, .binary = "/usr/sbin/chronyd",     \
	.user = "chrony", .group = "chrony", .drift_path = "/var/lib/chrony/drift",                \
	.options_variable = "OPTIONS", .beside = chronyd_beside,                                   \
	.paths = {                                                                                 \
		[DAEMON_FILE_CONFIG] = "/etc/chrony.conf",                                         \
		[DAEMON_FILE_SOURCES] = "/etc/chrony.d/timetier.sources",                          \
		[DAEMON_FILE_KEYS] = "/etc/chrony.keys",                                           \
		[DAEMON_FILE_OPTIONS] = "/etc/sysconfig/chronyd",                                  \
		[DAEMON_FILE_DROPIN] = "/etc/systemd/system/chronyd.service.d/timetier.conf",      \
	}

/* ntpd that is only watched: of ntp 4.2.8 or NTPsec, in a unit or service of this name. */
#define WATCHED_NTPD(driver, name, of, program)                                                    \
	.kind = &(driver), .watched = true, .package = (name), .unit = (of), .binary = (program),  \
	.user = "ntp", .group = "ntp", .paths = { [DAEMON_FILE_CONFIG] = "/etc/ntp.conf" }

#define OPENNTPD(name, of, program)                                                                \
	.kind = &daemon_openntpd, .watched = true, .package = (name), .unit = (of),                \
	.binary = (program), .paths = { [DAEMON_FILE_CONFIG] = "/etc/ntpd.conf" }

/* Since RHEL 9 the package starts chronyd with a filter of system calls. */
const struct daemon_place places_rhel[] = {
	{ CHRONYD, .stock_options = "-F 2" },
	{ WATCHED_NTPD(daemon_ntpsec, "ntpsec", "ntpd.service", "/usr/sbin/ntpd") },
	{ OPENNTPD("openntpd", "openntpd.service", "/usr/sbin/ntpd") },
	{ .kind = NULL },
};

const struct daemon_place places_rhel_8[] = {
	{ CHRONYD },
	{ WATCHED_NTPD(daemon_ntpsec, "ntpsec", "ntpd.service", "/usr/sbin/ntpd") },
	{ OPENNTPD("openntpd", "openntpd.service", "/usr/sbin/ntpd") },
	{ .kind = NULL },
};

/* Source of ntp: ntp.spec of RHEL 7, the last one that has it. */
const struct daemon_place places_rhel_7[] = {
	{ CHRONYD },
	{ WATCHED_NTPD(daemon_ntpsec, "ntpsec", "ntpd.service", "/usr/sbin/ntpd") },
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
		[DAEMON_FILE_KEYS] = "/etc/ntp/keys",
		[DAEMON_FILE_OPTIONS] = "/etc/sysconfig/ntpd",
		[DAEMON_FILE_DROPIN] = "/etc/systemd/system/ntpd.service.d/timetier.conf",
	    },
	    .drift_path = "/var/lib/ntp/drift",
	    .options_variable = "OPTIONS",
	    .pid_path = "/run/ntpd.pid",
	    .leap_path = LEAP_LIST,
	    .beside = ntpd_beside,
	},
	{ OPENNTPD("openntpd", "openntpd.service", "/usr/sbin/ntpd") },
	{ .kind = NULL },
};

/* ntp as SLES 15 is described to have it; not yet held against its package. */
const struct daemon_place places_suse[] = {
	{ CHRONYD },
	{ WATCHED_NTPD(daemon_ntpsec, "ntpsec", "ntpd.service", "/usr/sbin/ntpd") },
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
		[DAEMON_FILE_DROPIN] = "/etc/systemd/system/ntpd.service.d/timetier.conf",
	    },
	    .drift_path = "/var/lib/ntp/drift/ntp.drift",
	    .options_variable = "NTPD_OPTIONS",
	    .pid_path = "/run/ntpd.pid",
	    .leap_path = LEAP_LIST,
	    .beside = ntpd_beside,
	},
	{ OPENNTPD("openntpd", "openntpd.service", "/usr/sbin/ntpd") },
	{ .kind = NULL },
};

/* Its chronyd.service is the example of chrony; that reads /etc/sysconfig/chronyd where it is. */
const struct daemon_place places_arch[] = {
	{ CHRONYD },
	{ WATCHED_NTPD(daemon_ntpsec, "ntpsec", "ntpd.service", "/usr/bin/ntpd") },
	{ WATCHED_NTPD(daemon_ntp, "ntp", "ntpd.service", "/usr/bin/ntpd") },
	{ OPENNTPD("openntpd", "openntpd.service", "/usr/bin/ntpd") },
	{ .kind = NULL },
};

static const char *const alpine_beside[] = { "/etc/chrony/sources.d/*.sources", NULL };

/* Source: aports, main/chrony: APKBUILD, chronyd.initd, chronyd.confd. */
const struct daemon_place places_alpine[] = {
	{
	    .kind = &daemon_chrony,
	    .package = "chrony",
	    .first_start = "`initstepslew 10`",
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
	    .options_besides = "CFGFILE=\"/etc/chrony/chrony.conf\"",
	    .beside = alpine_beside,
	},
	{ WATCHED_NTPD(daemon_ntpsec, "ntpsec", "ntpd", "/usr/sbin/ntpd") },
	{ OPENNTPD("openntpd", "openntpd", "/usr/sbin/ntpd") },
	{ .kind = NULL },
};

const struct daemon_place places_gentoo[] = {
	{
	    .kind = &daemon_chrony,
	    .watched = true,
	    .package = "net-misc/chrony",
	    .unit = "chronyd",
	    .binary = "/usr/sbin/chronyd",
	    .user = "ntp",
	    .group = "ntp",
	    .paths = { [DAEMON_FILE_CONFIG] = "/etc/chrony/chrony.conf" },
	    .drift_path = "/var/lib/chrony/drift",
	},
	{ WATCHED_NTPD(daemon_ntpsec, "net-misc/ntpsec", "ntp", "/usr/sbin/ntpd") },
	{ OPENNTPD("net-misc/openntpd", "ntpd", "/usr/sbin/ntpd") },
	{ .kind = NULL },
};

const struct daemon_place places_void[] = {
	{ OPENNTPD("openntpd", "openntpd", "/usr/bin/ntpd") },
	{ .kind = NULL },
};

/*
 * ntpd of the base system.  It is started with -c, -p and, unless the configuration has a
 * driftfile, -f; -g only by ntpd_sync_on_start.  Source: libexec/rc/rc.d/ntpd.
 */
const struct daemon_place places_freebsd[] = {
	{
	    .kind = &daemon_ntp,
	    .package = "FreeBSD-ntp",
	    .first_start = "ntpd_sync_on_start",
	    .unit = "ntpd",
	    .binary = "/usr/sbin/ntpd",
	    .user = "ntpd",
	    .group = "ntpd",
	    .paths = {
		[DAEMON_FILE_CONFIG] = "/etc/ntp.conf",
		[DAEMON_FILE_KEYS] = "/etc/ntp.keys",
	    },
	    .drift_path = "/var/db/ntp/ntpd.drift",
	    .leap_path = "/var/db/ntpd.leap-seconds.list",
	},
	{ .kind = NULL },
};
