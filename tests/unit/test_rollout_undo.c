/* What puts a change back, whoever does it: the script, its guard, a boot, the next apply. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake_bed.h"
#include "tests/fake_sshd.h"

/* Put a program of the host's in its place. */
static void
write_program(const struct bed *bed, const char *path, const char *text)
{
	fake_host_write(&bed->host, path, text);
	fake_sshd_shell("chmod 755 %s%s", bed->host.top, path);
}

/* What is told to systemctl and chronyc from now on is written down. */
static void
begin_log(const struct bed *bed)
{
	fake_sshd_shell("cd %s && rm -f said && sed -i '/said$/d; s/^top=.*/&\\necho systemctl $* "
			">>$top\\/said/' bin/systemctl",
	    bed->host.top);
}

static bool
was_told(const struct bed *bed, const char *command)
{
	return strstr(fake_host_read(&bed->host, "/said"), command) != NULL;
}

/* The change is there and its script was killed: at its first look at the health. */
static void
begin_killed(struct bed *bed)
{
	bed_begin(bed);
	rollout_plan(bed->rollout);
	fake_sshd_shell("cd %s && cp bin/systemctl systemctl && sed -i 's/^is-active)/& kill -9 "
			"$(cut -d\" \" -f1 $top\\/run\\/timetier.lock\\/process) ;;\\nno)/' "
			"bin/systemctl",
	    bed->host.top);
	rollout_apply(bed->rollout);
	bed_assert_outcome(bed, HOST_LOST);
	assert_string_equal(bed_state(bed), "new");
	fake_sshd_shell("cd %s && cat systemctl >bin/systemctl", bed->host.top);
}

/* What it says, and its exit status at the end. */
static const char *
undo(const struct bed *bed, const char *who)
{
	fake_sshd_shell(
	    "cd %s && sh var/lib/timetier/change/undo %s 'a reason' >undo.said; echo $? "
	    ">>undo.said",
	    bed->host.top, who);
	return fake_host_read(&bed->host, "/undo.said");
}

static void
a_daemon_that_read_new_files_reads_the_old_ones_when_they_are_back(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	bed_action = FILE_ACTION_RELOAD_SOURCES;
	write_program(&bed, "/bin/chronyc",
	    "#!/bin/sh\n"
	    "cd ${0%/bin/chronyc} && cat etc/chrony/chrony.conf "
	    "etc/chrony/sources.d/timetier.sources 2>/dev/null >running || :\n");
	rollout_plan(bed.rollout);
	fake_sshd_shell(
	    "cd %s && sed -i 's/\"stratum\": *2/\"stratum\": 16/' status.json", bed.host.top);
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_PUT_BACK);
	assert_string_equal(bed.result->where, "health");
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
a_boot_puts_files_back_and_leaves_it_to_the_boot_to_start_what_runs(void **state UNUSED)
{
	struct bed bed;

	begin_killed(&bed);
	begin_log(&bed);
	assert_string_equal(undo(&bed, "boot"), "back a reason\n0\n");
	assert_false(was_told(&bed, "start chrony.service"));
	/* once, at the end: the units of the change are gone by then */
	assert_string_equal(fake_host_read(&bed.host, "/said"),
	    "systemctl stop timetier-guard.timer\nsystemctl daemon-reload\n");
	fake_host_boot(&bed.host);
	bed_assert_state(&bed, "old");
	bed_assert_told(&bed, "outcome back\nby boot\nholder a test\n");
	bed_finish(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_daemon_that_read_new_files_reads_the_old_ones_when_they_are_back),
		cmocka_unit_test(
		    a_boot_puts_files_back_and_leaves_it_to_the_boot_to_start_what_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
