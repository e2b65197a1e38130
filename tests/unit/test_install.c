/* What apt-get's simulation means for the package of a daemon; and the script that asks and
 * installs. */
#include "orchestrator/runs/errand/install.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake_bed.h"

/* --- the simulation --- */

#define TIMESYNCD_GOES "Remv systemd-timesyncd [252.1]\nInst chrony (4.3 Debian:12 [amd64])\n"

static void
a_former_daemon_is_told(void **state UNUSED)
{
	struct install install = { .driver = daemon_find("chrony") };
	struct arena arena = { .blocks = NULL };

	install_judge(TIMESYNCD_GOES "Have systemd-timesyncd 252.1\n", &arena, &install);
	assert_string_equal(install.former->name, "systemd-timesyncd");
	assert_string_equal(install.former_version, "252.1");
	arena_free(&arena);
}

static void
a_simulation_is_judged(void **state UNUSED)
{
	static const struct {
		const char *daemon, *simulation, *version, *others, *refused;
	} cases[] = {
		{ "chrony", "Inst chrony (4.3-2+deb12u1 Debian:12.0/stable [amd64])\n",
		    "4.3-2+deb12u1", "", NULL },
		{ "chrony",
		    "Inst libedit2 (3.1 Debian:12 [amd64])\nInst tzdata [2023c] (2024a Debian:12 "
		    "[all])\nInst chrony (4.3 Debian:12 [amd64])",
		    "4.3", "libedit2 3.1, tzdata anew as 2024a", NULL },
		{ "chrony", TIMESYNCD_GOES "Have systemd-timesyncd 252.1\n", "4.3", "", NULL },
		{ "chrony", TIMESYNCD_GOES "Lacks systemd-timesyncd 252.1\n", "4.3", "",
		    "it would remove systemd-timesyncd 252.1, which apt-get cannot bring again: " },
		{ "chrony",
		    TIMESYNCD_GOES "Have systemd-timesyncd 252.1\nNamed systemd-timesyncd\n", "4.3",
		    "",
		    "it would remove systemd-timesyncd, and no way back could bring that again; "
		    "by hand: `systemctl mask chrony.service && apt-get install chrony; " },
		{ "chrony", TIMESYNCD_GOES "Remv other [1]\nHave systemd-timesyncd 252.1\n", "4.3",
		    "", "it would remove systemd-timesyncd, other, and" },
		{ "chrony", TIMESYNCD_GOES, "4.3", "", "it would remove systemd-timesyncd, and" },
		{ "chrony", "Remv other [1]\nInst chrony (4.3 x)\nHave other 1\n", "4.3", "",
		    "it would remove other, and" },
		{ "chrony", "Beside systemd-timesyncd 252.1\n", NULL, "", NULL },
		{ "ntp",
		    "Inst ntpsec (1.2.2 Debian:12 [amd64])\nInst ntp (1:4.2.8p15 Debian:12 "
		    "[all])\n",
		    "1:4.2.8p15", "ntpsec 1.2.2",
		    "it would bring ntpsec, which is another daemon" },
		{ "chrony", "", NULL, "", "does not say which version" },
		{ "chrony", "Inst\nInst chrony\nRemv\nInst x (\n", NULL, "x ", "does not say" },
		{ "chrony", "Remv a\033[2J [1]\n", NULL, "", "it would remove a" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct install install = { .driver = daemon_find(cases[i].daemon) };
		struct arena arena = { .blocks = NULL };

		install_judge(cases[i].simulation, &arena, &install);
		if (!install.version != !cases[i].version ||
		    !install.refused != !cases[i].refused) {
			fail_msg("case %zu: %s, %s", i, install.version, install.refused);
		}
		assert_string_equal(install.version ? install.version : "",
		    cases[i].version ? cases[i].version : "");
		assert_string_equal(install.others, cases[i].others);
		if (cases[i].refused && !strstr(install.refused, cases[i].refused)) {
			fail_msg("case %zu: %s", i, install.refused);
		}
		assert_null(install.refused ? strchr(install.refused, '\033') : NULL);
		arena_free(&arena);
	}
}

/* --- the script --- */

/* A host with packages: files NAME below /packages; what was called is in /said. */
static const char apt_get[] = "#!/bin/sh\n"
			      "top=${0%/bin/apt-get}\n"
			      "echo \"apt-get $*\" >>$top/said\n"
			      "[ ! -e $top/broken ] || { echo 'E: no luck'; exit 100; }\n"
			      "case $* in\n"
			      "*-s*) echo Reading; echo 'Inst chrony (4.3 Debian:12 [amd64])' ;;\n"
			      "*) : >$top/packages.chrony ;;\n"
			      "esac\n";
static const char dpkg_query[] = "#!/bin/sh\n"
				 "top=${0%/bin/dpkg-query}\n"
				 "[ -e $top/packages.chrony ] || exit 1\n"
				 "case $* in *-W*) printf installed ;; esac\n";
static const char systemctl[] =
    "#!/bin/sh\n"
    "top=${0%/bin/systemctl}\n"
    "echo \"systemctl $*\" >>$top/said\n"
    "case $1 in is-active) exit 3 ;; is-enabled) cat $top/enabled ;; esac\n";

static const char *
run_script(struct bed *bed, const char *const *words)
{
	const struct errand errand = { .script = "install.sh", .words = words, .limit_s = 20 };

	bed->kind = ROLLOUT_ERRAND;
	bed->errand = &errand;
	bed_begin_again(bed);
	rollout_plan(bed->rollout);
	bed_assert_outcome(bed, HOST_DONE);
	return bed->result->said;
}

static void
begin(struct bed *bed)
{
	bed_begin(bed);
	fake_host_program(&bed->host, "/bin/apt-get", apt_get);
	fake_host_program(&bed->host, "/bin/dpkg-query", dpkg_query);
	fake_host_program(&bed->host, "/bin/systemctl", systemctl);
	fake_host_write(&bed->host, "/enabled", "");
	fake_host_write(&bed->host, "/said", "");
}

static const char *const look[] = { "look", "chrony", "chrony.service", "/usr/sbin/chronyd-not",
	NULL };
static const char *const install[] = { "install", "chrony=4.3", "chrony.service",
	"/usr/sbin/chronyd-not", NULL };

static void
a_look_only_simulates(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	assert_string_equal(run_script(&bed, look), "plan\nInst chrony (4.3 Debian:12 [amd64])");
	assert_null(strstr(fake_host_read(&bed.host, "/said"), "mask"));
	assert_false(fake_host_has(&bed.host, "/packages.chrony"));
	fake_host_write(&bed.host, "/packages.chrony", "");
	assert_string_equal(run_script(&bed, look), "there");
	bed_finish(&bed);
}

static void
no_service_is_started_and_nothing_removed(void **state UNUSED)
{
	const char *said;
	struct bed bed;

	begin(&bed);
	assert_string_equal(run_script(&bed, install), "done");
	said = fake_host_read(&bed.host, "/said");
	assert_non_null(strstr(said, "systemctl mask chrony.service\napt-get -q -y --no-remove "));
	assert_non_null(strstr(said, " install chrony=4.3\nsystemctl unmask chrony.service\n"));
	assert_non_null(strstr(said, "systemctl disable chrony.service\n"));
	assert_null(strstr(said, "start"));
	bed_finish(&bed);
}

static void
what_fails_leaves_no_mask(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	fake_host_write(&bed.host, "/broken", "");
	assert_string_equal(run_script(&bed, install), "error E: no luck");
	assert_non_null(
	    strstr(fake_host_read(&bed.host, "/said"), "systemctl unmask chrony.service\n"));
	/* a mask of somebody else is none of ours */
	fake_host_write(&bed.host, "/said", "");
	fake_host_write(&bed.host, "/enabled", "masked\n");
	assert_non_null(strstr(run_script(&bed, install), "error chrony.service is masked there"));
	assert_null(strstr(fake_host_read(&bed.host, "/said"), "unmask"));
	bed_finish(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_simulation_is_judged),
		cmocka_unit_test(a_former_daemon_is_told),
		cmocka_unit_test(a_look_only_simulates),
		cmocka_unit_test(no_service_is_started_and_nothing_removed),
		cmocka_unit_test(what_fails_leaves_no_mask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
