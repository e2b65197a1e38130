/* Which daemon a host has, by the programs that are there. */
#include "orchestrator/rollout/facts/driver.h"

#include "daemons/platforms/platform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
what_is_installed_is_told_by_its_version_or_by_a_program_beside_it(void **state UNUSED)
{
	static const struct {
		struct fact_binary binaries[3];
		const char *daemon; /* NULL: none that is known */
	} cases[] = {
		{ { { "/lib/systemd/systemd-timesyncd", "This program does not take arguments." },
		      { "/usr/bin/timedatectl", "systemd 252 (252.39-1~deb12u2)" } },
		    "systemd-timesyncd" },
		{ { { "/usr/bin/timedatectl", "systemd 252 (252.39-1~deb12u2)" } }, NULL },
		{ { { "/usr/sbin/ntpd", "usage: ntpd [-dnSsv] [-f file] [-p file]" },
		      { "/usr/sbin/ntpctl", "usage: ntpctl -s all" } },
		    "openntpd" },
		{ { { "/usr/sbin/ntpd", "usage: ntpd [-dnSsv] [-f file] [-p file]" } }, NULL },
		{ { { "/usr/sbin/ntpd", "ntpd ntpsec-1.2.2" } }, "ntpsec" },
		{ { { "/usr/bin/ntp-daemon", "ntp-daemon 1.4.0" },
		      { "/usr/bin/ntp-ctl", "ntp-ctl 1.4.0" } },
		    "ntpd-rs" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct facts facts = { .platform = platform_find("debian-12") };
		const struct daemon_driver *driver;
		struct error err = { "" };

		for (; facts.binary_count < 3 && cases[i].binaries[facts.binary_count].path;
		     facts.binary_count++) {
			facts.binaries[facts.binary_count] = cases[i].binaries[facts.binary_count];
		}
		driver = facts_driver(&facts, "auto", 0, &err);
		if (driver ? !cases[i].daemon || strcmp(driver->name, cases[i].daemon) != 0
			   : cases[i].daemon != NULL) {
			fail_msg("case %zu: %s: %s", i, driver ? driver->name : "none", err.text);
		}
		driver = facts_driver(&facts, "auto", DAEMON_SERVES, &err);
		assert_true(!driver || strcmp(driver->name, "ntpsec") == 0);
		assert_true(!cases[i].daemon || driver ||
		    strstr(err.text, "which serves no time: a server needs chrony"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_installed_is_told_by_its_version_or_by_a_program_beside_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
