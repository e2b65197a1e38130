/*
 * Where Debian and Ubuntu have their daemons.
 * Source: their packages chrony 4.0 to 4.6, ntpsec 1.2.0 to 1.2.3, ntp 4.2.8p15, openntpd 6.2p3,
 * ntpd-rs 1.4, systemd 247 to 257.
 */
#include "daemons/drivers.h"
#include "daemons/platforms/places.h"

#define LEAP_LIST "/usr/share/zoneinfo/leap-seconds.list"

static const char *const chrony_units[] = { "chronyd.service", NULL };
static const char *const chrony_beside[] = { "/etc/chrony/sources.d/*.sources",
	"/etc/systemd/system/chrony.service.d/*.conf", NULL };
static const char *const ntpsec_units[] = { "ntpd.service", "ntp.service", NULL };
static const char *const ntpsec_beside[] = { "/etc/ntpsec/ntp.d/*.conf",
	"/etc/systemd/system/ntpsec.service.d/*.conf", NULL };
static const char *const ntp_units[] = { "ntpd.service", NULL };
static const char *const ntp_beside[] = { "/etc/systemd/system/ntp.service.d/*.conf", NULL };
static const char *const ntpd_rs_beside[] = { "/etc/systemd/system/ntpd-rs.service.d/*.conf",
	NULL };
static const char *const openntpd_beside[] = { "/etc/systemd/system/openntpd.service.d/*.conf",
	NULL };
static const char *const timesyncd_beside[] = { "/etc/systemd/timesyncd.conf.d/*.conf",
	"/etc/systemd/system/systemd-timesyncd.service.d/*.conf", NULL };

const struct daemon_place places_debian[] = {
	{
	    .kind = &daemon_chrony,
	    .package = "chrony",
	    .alone = true, /* Conflicts: time-daemon */
	    .first_start = "`makestep 1 3`",
	    .unit = "chrony.service",
	    .other_units = chrony_units,
	    .binary = "/usr/sbin/chronyd",
	    .user = "_chrony",
	    .group = "_chrony",
	    .paths = {
		[DAEMON_FILE_CONFIG] = "/etc/chrony/chrony.conf",
		[DAEMON_FILE_SOURCES] = "/etc/chrony/sources.d/timetier.sources",
		[DAEMON_FILE_KEYS] = "/etc/chrony/chrony.keys",
		[DAEMON_FILE_OPTIONS] = "/etc/default/chrony",
		[DAEMON_FILE_DROPIN] = "/etc/systemd/system/chrony.service.d/timetier.conf",
	    },
	    .drift_path = "/var/lib/chrony/chrony.drift",
	    .options_variable = "DAEMON_OPTS",
	    .stock_options = "-F 1",
	    .beside = chrony_beside,
	},
	{
	    .kind = &daemon_ntpsec,
	    .package = "ntpsec",
	    .alone = true, /* Conflicts: time-daemon */
	    .first_start = "`-g`",
	    .unit = "ntpsec.service",
	    .other_units = ntpsec_units,
	    .binary = "/usr/sbin/ntpd",
	    .user = "ntpsec",
	    .group = "ntpsec",
	    .paths = {
		[DAEMON_FILE_CONFIG] = "/etc/ntpsec/ntp.conf",
		[DAEMON_FILE_KEYS] = "/etc/ntpsec/ntp.keys",
		[DAEMON_FILE_OPTIONS] = "/etc/default/ntpsec",
		[DAEMON_FILE_DROPIN] = "/etc/systemd/system/ntpsec.service.d/timetier.conf",
	    },
	    .drift_path = "/var/lib/ntpsec/ntp.drift",
	    .options_variable = "NTPD_OPTS",
	    .leap_path = LEAP_LIST,
	    .beside = ntpsec_beside,
	},
	{
	    .kind = &daemon_ntp,
	    .package = "ntp",
	    .alone = true, /* Conflicts: time-daemon */
	    .first_start = "`-g`",
	    .unit = "ntp.service",
	    .other_units = ntp_units,
	    .binary = "/usr/sbin/ntpd",
	    .user = "ntp",
	    .group = "ntp",
	    .paths = {
		[DAEMON_FILE_CONFIG] = "/etc/ntp.conf",
		[DAEMON_FILE_KEYS] = "/etc/ntp.keys",
		[DAEMON_FILE_OPTIONS] = "/etc/default/ntp",
		[DAEMON_FILE_DROPIN] = "/etc/systemd/system/ntp.service.d/timetier.conf",
	    },
	    .drift_path = "/var/lib/ntp/ntp.drift",
	    .options_variable = "NTPD_OPTS",
	    .pid_path = "/run/ntpd.pid",
	    .leap_path = LEAP_LIST,
	    .beside = ntp_beside,
	},
	{
	    .kind = &daemon_ntpd_rs,
	    .package = "ntpd-rs",
	    .unit = "ntpd-rs.service",
	    .binary = "/usr/bin/ntp-daemon",
	    .user = "ntpd-rs",
	    .group = "ntpd-rs",
	    .first_start = "`step-threshold`",
	    .paths = {
		[DAEMON_FILE_CONFIG] = "/etc/ntpd-rs/ntp.toml",
		[DAEMON_FILE_DROPIN] = "/etc/systemd/system/ntpd-rs.service.d/timetier.conf",
	    },
	    .beside = ntpd_rs_beside,
	},
	{
	    .kind = &daemon_openntpd,
	    .package = "openntpd",
	    .first_start = "`-s`, where it is set",
	    .alone = true, /* Conflicts: time-daemon */
	    .unit = "openntpd.service",
	    .binary = "/usr/sbin/ntpd",
	    .user = "openntpd",
	    .group = "openntpd",
	    .paths = {
		[DAEMON_FILE_CONFIG] = "/etc/openntpd/ntpd.conf",
		[DAEMON_FILE_OPTIONS] = "/etc/default/openntpd",
	    },
	    .drift_path = "/var/lib/openntpd/db/ntpd.drift",
	    .options_variable = "DAEMON_OPTS",
	    .stock_options = "-f /etc/openntpd/ntpd.conf",
	    .beside = openntpd_beside,
	},
	{
	    .kind = &daemon_systemd_timesyncd,
	    .package = "systemd-timesyncd",
	    .alone = true, /* Conflicts: time-daemon */
	    .unit = "systemd-timesyncd.service",
	    .binary = "/lib/systemd/systemd-timesyncd",
	    .user = "systemd-timesync",
	    .group = "systemd-timesync",
	    .first_start = "any offset of 400 ms",
	    .paths = {
		[DAEMON_FILE_CONFIG] = "/etc/systemd/timesyncd.conf",
		[DAEMON_FILE_SOURCES] = "/etc/systemd/timesyncd.conf.d/zz-timetier.conf",
	    },
	    .beside = timesyncd_beside,
	},
	{ .kind = NULL },
};
