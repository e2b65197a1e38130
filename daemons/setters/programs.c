/* The programs that set the clock, with their units and hooks. */
#include "daemons/setters/setters.h"

#include <string.h>

#define NAME_CHARACTERS 15 /* of a process's name, the kernel keeps so many */

#define UNITS(...)                                                                                 \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

const struct setter_program setter_programs[] = {
	{ "chronyd", UNITS("chrony.service", "chronyd.service") },
	{ "ntpd", UNITS("ntpsec.service", "ntp.service", "ntpd.service", "openntpd.service") },
	{ "systemd-timesyncd", UNITS("systemd-timesyncd.service") },
	{ "ntp-daemon", UNITS("ntpd-rs.service") },
	{ "phc2sys", UNITS("phc2sys.service", "timemaster.service") },
	{ "ptp4l", UNITS("ptp4l.service") },
	{ "ntpdate", UNITS("ntpdate.service") },
	{ "htpdate", UNITS("htpdate.service") },
	{ "tlsdated", UNITS("tlsdated.service", "tlsdate.service") },
	{ "sntp", UNITS("sntp.service") },
	{ "rdate", UNITS("rdate.service") },
	{ "ntpdig", UNITS("ntpdig.service") },
	{ NULL, NULL },
};

/* They set a guest's clock at times; nobody wants them disabled for that. */
static const struct setter_program helpers[] = {
	{ "vmtoolsd", UNITS("open-vm-tools.service", "vmtoolsd.service", "vmware-tools.service") },
	{ "VBoxService",
	    UNITS("virtualbox-guest-utils.service", "vboxservice.service",
		"vboxadd-service.service") },
	{ NULL, NULL },
};

/* Of Debian, Fedora, SUSE, Arch and the daemons' own builds. */
const char *const setter_accounts[] = { "_chrony", "chrony", "ntp", "ntpsec", "_ntp", "ntpd",
	"_ntpd", "openntpd", "systemd-timesync", "ntpd-rs", "_ntpd-rs", NULL };

/* Of the packages ntpsec-ntpdate and ntpdate: one answer of one server steps the clock. */
const char *const setter_hooks[] = { "/etc/network/if-up.d/ntpsec-ntpdate",
	"/etc/network/if-up.d/ntpdate", NULL };

static const char *const *
units_in(const struct setter_program *programs, const char *process)
{
	for (; programs->units; programs++) {
		if (strncmp(programs->process, process, NAME_CHARACTERS) == 0) {
			return programs->units;
		}
	}
	return NULL;
}

const char *const *
setter_units(const char *process)
{
	const char *const *units = units_in(setter_programs, process);

	return units ? units : units_in(helpers, process);
}

bool
setter_has_unit(const char *name)
{
	for (const struct setter_program *program = setter_programs; program->units; program++) {
		for (const char *const *unit = program->units; *unit; unit++) {
			if (strcmp(*unit, name) == 0) {
				return true;
			}
		}
	}
	return false;
}

static bool
is_plain(const char *text)
{
	return text[strspn(text,
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./@:+-")] ==
	    '\0';
}

bool
setter_unit_switches_off(const char *name)
{
	size_t len = strlen(name);

	if (!is_plain(name) || strchr(name, '/') || name[0] == '-' ||
	    strncmp(name, "timetier-", 9) == 0) {
		return false;
	}
	return (len > 6 && strcmp(name + len - 6, ".timer") == 0) || setter_has_unit(name);
}

bool
setter_hook_switches_off(const char *path)
{
	return is_plain(path) && strncmp(path, "/etc/", 5) == 0 && !strstr(path, "..");
}
