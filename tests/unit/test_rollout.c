/*
 * A change carried out on a folder that stands for a host.  Long, because the ways in which it can
 * end are compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fake_bed.h"
#include "tests/fake_sshd.h"

static void
a_change_is_planned_and_carried_out(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	rollout_plan(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_CHANGES);
	assert_int_equal(bed.result->plan.change_count, 4);
	assert_true(bed.result->plan.restart);
	assert_true(bed.result->plan.reload_units);
	assert_string_equal(bed.result->facts.os, "Debian 12");
	rollout_apply(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_DONE);
	assert_string_equal(bed.result->after.selected, "192.0.2.1");
	bed_assert_state(&bed, "new");
	bed_finish(&bed);
}

static void
new_files_have_the_labels_of_selinux_before_the_daemon_reads_them(void **state UNUSED)
{
	static const char restorecon[] =
	    "#!/bin/sh\nfor at; do echo \"${at#\"$(dirname \"$(dirname \"$0\")\")\"}\"; done >>"
	    "\"$(dirname \"$0\")/../labelled\"\ncat \"$(dirname \"$0\")/../running\" "
	    ">\"$(dirname \"$0\")/../ran\"\n";
	struct bed bed;

	bed_begin(&bed);
	fake_host_program(&bed.host, "/bin/restorecon", restorecon);
	fake_sshd_shell(
	    "cd %s && mkdir -p sys/fs/selinux && echo 1 >sys/fs/selinux/enforce", bed.host.top);
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_DONE);
	assert_non_null(
	    strstr(fake_host_read(&bed.host, "/labelled"), "/etc/chrony/chrony.conf\n"));
	assert_string_equal(fake_host_read(&bed.host, "/ran"), "old\n");
	bed_assert_state(&bed, "new");
	bed_finish(&bed);
}

static void
a_host_whose_files_cannot_be_labelled_is_put_back(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	fake_host_program(&bed.host, "/bin/restorecon", "#!/bin/sh\necho no policy; exit 1\n");
	fake_sshd_shell(
	    "cd %s && mkdir -p sys/fs/selinux && echo 1 >sys/fs/selinux/enforce", bed.host.top);
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_PUT_BACK);
	assert_non_null(strstr(bed.result->err.text, "no policy"));
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

/* That timetier only watches a host is a state of it: nothing is planned, and nothing is wrong. */
static void
a_host_that_is_only_watched_is_left_alone(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	fake_host_write(&bed.host, "/usr/lib/os-release", "ID=void\nPRETTY_NAME=Void\n");
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_UNCHANGED);
	assert_non_null(strstr(bed.result->watched, "is no platform that timetier knows"));
	assert_true(plan_is_empty(&bed.result->plan));
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
a_file_that_the_daemon_refuses_leaves_all_as_it_was(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	bed_config = "rejected\n";
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_FAILED);
	assert_string_equal(bed.result->where, "check");
	assert_non_null(
	    strstr(bed.result->err.text, "refuses /etc/chrony/chrony.conf: 1: Invalid"));
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
a_check_that_fails_in_words_that_nobody_knows_leaves_all_as_it_was(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	fake_sshd_shell(
	    "cd %s && sed -i '$s/.*/echo out of memory; exit 1/' usr/sbin/chronyd", bed.host.top);
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_FAILED);
	assert_string_equal(bed.result->where, "check");
	assert_non_null(strstr(bed.result->err.text, "chrony.conf: out of memory"));
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
a_daemon_that_does_not_start_with_the_old_files_either_is_told(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	fake_sshd_shell("cd %s && sed -i '2i [ \"$1\" != restart ] || { echo no luck; exit 1; }' "
			"bin/systemctl",
	    bed.host.top);
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_STUCK);
	assert_string_equal(bed.result->where, "put back");
	assert_non_null(strstr(bed.result->err.text, "putting it back failed: systemctl restart"));
	assert_string_equal(fake_host_read(&bed.host, "/etc/chrony/chrony.conf"), "old\n");
	bed_finish(&bed);
}

static void
a_daemon_that_does_not_start_is_put_back(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	bed_config = "broken\n";
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_PUT_BACK);
	assert_string_equal(bed.result->where, "action");
	assert_non_null(strstr(bed.result->err.text, "Job for chrony.service failed"));
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

/* Files are back, and the daemon is as the new ones left it. */
static void
assert_left_as_it_is(struct bed *bed, const char *config, const char *running)
{
	bed_config = config;
	rollout_apply(bed->rollout);
	bed_assert_outcome(bed, HOST_PUT_BACK);
	assert_non_null(bed->result->remedy);
	assert_non_null(strstr(bed->result->remedy, "could step the clock"));
	assert_string_equal(fake_host_read(&bed->host, "/etc/chrony/chrony.conf"), "old\n");
	assert_string_equal(fake_host_read(&bed->host, "/running"), running);
	assert_true(bed_is_clean(bed));
	bed_finish(bed);
}

static void
an_old_configuration_that_could_step_is_put_back_and_not_started(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	fake_sshd_shell(
	    "cd %s && sed -i 's/\"kind\":\"safe\"/\"kind\":\"step\"/' status.json", bed.host.top);
	bed_config = "broken\n";
	rollout_plan(bed.rollout);
	assert_left_as_it_is(&bed, "broken\n", "");
	bed_begin(&bed);
	fake_sshd_shell(
	    "cd %s && sed -i 's/\"kind\":\"safe\"/\"kind\":\"unknown\"/' status.json && "
	    "echo 'Could not parse line 3' >log",
	    bed.host.top);
	rollout_plan(bed.rollout);
	assert_left_as_it_is(&bed, "new\n", "new\nnew\n");
}

static void
an_old_configuration_that_would_step_by_now_is_not_started_either(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	fake_host_write(&bed.host, "/log", "Could not parse line 3\n");
	fake_sshd_shell("cd %s && sed -i 's/^top=.*/&; [ \"$1\" = status ] || { sed "
			"s,\\\"safe\\\",\\\"step\\\", $top\\/status.json; exit 3; }/' "
			"usr/local/sbin/timetier-agent",
	    bed.host.top);
	rollout_plan(bed.rollout);
	assert_left_as_it_is(&bed, "new\n", "new\nnew\n");
}

static void
assert_runs_again(const char *inactive)
{
	struct bed bed;

	bed_begin(&bed);
	fake_sshd_shell(
	    "cd %s && sed -i 's/echo failed/echo %s/' bin/systemctl", bed.host.top, inactive);
	bed_action = FILE_ACTION_RELOAD_SOURCES;
	fake_host_write(&bed.host, "/bin/chronyc",
	    "#!/bin/sh\n"
	    "[ -e ${0%/bin/chronyc}/running ] || { echo 506 Cannot talk to daemon; exit 1; }\n"
	    "rm ${0%/bin/chronyc}/running\n");
	fake_sshd_shell("chmod 755 %s/bin/chronyc", bed.host.top);
	rollout_plan(bed.rollout);
	assert_false(bed.result->plan.restart);
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_PUT_BACK);
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
a_daemon_that_ends_over_a_reload_runs_again_when_it_is_put_back(void **state UNUSED)
{
	assert_runs_again("failed");
	assert_runs_again("inactive");
}

static void
a_rename_that_fails_is_told_as_that(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	rollout_plan(bed.rollout);
	fake_host_first(
	    &bed.host, "mv", "case $* in *chrony.keys.timetier-new*) echo mv: no; exit 1 ;; esac");
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_PUT_BACK);
	assert_string_equal(bed.result->where, "rename");
	assert_string_equal(bed.result->err.text, "mv: no");
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
a_new_file_is_what_it_should_be_whatever_it_holds(void **state UNUSED)
{
	static const char *const contents[] = {
		"it's '\\''$(id) `id` \"$0\" %s\\n\\ \\\n\n\n",
		"\t no newline at its end \\",
		"",
		"no text:\r\n\x81\x01\n",
	};
	struct bed bed;

	for (size_t i = 0; i < COUNT(contents); i++) {
		bed_begin(&bed);
		bed_config = contents[i];
		rollout_plan(bed.rollout);
		rollout_apply(bed.rollout);
		bed_assert_outcome(&bed, HOST_DONE);
		assert_string_equal(
		    fake_host_read(&bed.host, "/etc/chrony/chrony.conf"), contents[i]);
		bed_finish(&bed);
	}
}

static void
wait_for_lock(void *ctx)
{
	fake_sshd_shell("until [ -s %s/run/timetier.lock/run ]; do /bin/sleep 0.05; done",
	    ((const struct bed *)ctx)->host.top);
}

/* A link that was kept since the facts breaks at the n-th thing of the apply. */
static void
break_kept_link(struct bed *bed, unsigned n, enum fake_fault fault)
{
	bed_begin(bed);
	bed_action = FILE_ACTION_RELOAD_SOURCES; /* so that nobody else is asked first */
	bed_has_blob = true;                     /* so that words are waited for under the lock */
	bed->run = "7.ab";
	bed_begin_again(bed);
	rollout_plan(bed->rollout);
	bed->fake.happened = 0;
	bed->fake.fault = fault;
	bed->fake.fault_at = n;
	bed->fake.broke = wait_for_lock;
	bed->fake.ctx = bed;
	rollout_apply(bed->rollout);
	assert_true(fake_transport_wait(&bed->fake));
}

static void
assert_begun_anew(unsigned n, enum fake_fault fault)
{
	struct bed bed;

	break_kept_link(&bed, n, fault);
	bed_assert_outcome(&bed, HOST_DONE);
	bed_assert_state(&bed, "new");
	bed_finish(&bed);
}

static void
a_link_that_breaks_under_the_check_is_told_and_not_opened_anew(void **state UNUSED)
{
	struct bed bed;

	break_kept_link(&bed, 8, FAKE_CUT);
	bed_assert_outcome(&bed, HOST_FAILED);
	assert_string_equal(bed.result->where, "check");
	assert_string_equal(bed.result->err.text, "the link was broken");
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
a_kept_link_that_breaks_after_the_first_words_of_the_host_is_opened_anew(void **state UNUSED)
{
	assert_begun_anew(5, FAKE_CUT);
}

static void
a_script_that_waits_on_a_link_that_hangs_gives_way_to_the_next_of_its_run(void **state UNUSED)
{
	assert_begun_anew(3, FAKE_HANG);
}

static void
a_daemon_that_complains_in_its_log_is_put_back(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	fake_host_write(&bed.host, "/log", "starting\nCould not parse line 3\nrunning\n");
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_PUT_BACK);
	assert_string_equal(bed.result->where, "health");
	assert_non_null(strstr(bed.result->err.text, "Could not parse line 3"));
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
time_that_does_not_get_well_is_put_back_in_time(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	rollout_plan(bed.rollout);
	fake_sshd_shell("cd %s && sed -i 's/\"offset_ns\": *[0-9]*/\"offset_ns\": 400000000/; "
			"s/\"stratum\": *2/\"stratum\": 16/' status.json",
	    bed.host.top);
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_PUT_BACK);
	assert_string_equal(bed.result->where, "health");
	assert_non_null(strstr(bed.result->err.text, "unsynchronised"));
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
a_host_that_another_works_on_is_left_alone(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	rollout_plan(bed.rollout);
	fake_sshd_shell("cd %s/run && mkdir -m 700 timetier.lock && cd timetier.lock && "
			"cut -d' ' -f1,22 /proc/%d/stat >process && echo root@desk >holder && "
			"echo 12 >run && echo noon >since && cut -d. -f1 /proc/uptime >up && "
			"{ setsid flock . sh -c 'while [ -e holder ]; do sleep 0.1; done' & }; "
			"while flock -n . true; do :; done",
	    bed.host.top, (int)getpid());
	rollout_apply(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_FAILED);
	assert_string_equal(bed.result->where, "upload");
	assert_non_null(strstr(bed.result->err.text,
	    "another rollout is at work here: root@desk, run 12, since noon ("));
	assert_non_null(strstr(bed.result->err.text, " s ago), as process "));
	fake_sshd_shell("rm -r %s/run/timetier.lock", bed.host.top);
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
a_lock_whose_holder_is_gone_is_taken(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	rollout_plan(bed.rollout);
	fake_sshd_shell("cd %s && mkdir run/timetier.lock && cd run/timetier.lock && "
			"echo '1 2' >process && echo /etc/chrony/gone >news && "
			": >../../etc/chrony/gone.timetier-new",
	    bed.host.top);
	rollout_apply(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_DONE);
	bed_assert_state(&bed, "new");
	bed_finish(&bed);
}

static void
unlock(struct bed *bed, bool force)
{
	bed->kind = ROLLOUT_UNLOCK;
	bed->force_unlock = force;
	bed_begin_again(bed);
	rollout_plan(bed->rollout);
}

static void
a_lock_is_broken_by_force_when_it_is_held(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	unlock(&bed, false);
	bed_assert_outcome(&bed, HOST_UNCHANGED);
	assert_string_equal(bed.result->note, "there was no lock");
	fake_sshd_shell("cd %s/run && mkdir timetier.lock && cd timetier.lock && "
			"echo root@desk >holder && "
			"{ setsid sh -c 'exec 9<.; flock 9; exec /bin/sleep 60' & }; "
			"while flock -n . true; do :; done",
	    bed.host.top);
	unlock(&bed, false);
	bed_assert_outcome(&bed, HOST_REFUSED);
	assert_string_equal(bed.result->where, "lock");
	assert_non_null(strstr(bed.result->err.text, "a rollout is at work here: root@desk"));
	unlock(&bed, true);
	bed_assert_outcome(&bed, HOST_DONE);
	assert_non_null(strstr(bed.result->note, "it was of root@desk"));
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
near_a_leap_second_no_change_touches_a_daemon(void **state UNUSED)
{
	static const struct {
		enum file_action action;
		const char *time, *words; /* NULL: it is made */
	} cases[] = {
		{ FILE_ACTION_RESTART, "2016-12-31T00:10:00Z", "no daemon is restarted near it" },
		{ FILE_ACTION_RESTART, "2016-12-30T23:50:00Z", NULL },
		{ FILE_ACTION_RELOAD_SOURCES, "2016-12-31T23:56:00Z", "within five minutes of it" },
		{ FILE_ACTION_RELOAD_SOURCES, "2016-12-31T23:50:00Z", NULL },
		{ FILE_ACTION_NONE, "2016-12-31T23:59:59Z", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bed bed;

		bed_begin(&bed);
		bed_action = cases[i].action;
		fake_sshd_shell("cd %s && sed -i 's/\"leap\":\"none\"/\"leap\":\"insert\"/; "
				"s/\"time\":\"[^\"]*\"/\"time\":\"%s\"/' status.json",
		    bed.host.top, cases[i].time);
		rollout_plan(bed.rollout);
		rollout_apply(bed.rollout);
		bed_assert_outcome(&bed, cases[i].words ? HOST_REFUSED : HOST_DONE);
		if (cases[i].words) {
			assert_non_null(strstr(bed.result->err.text, cases[i].words));
			assert_non_null(strstr(bed.result->remedy, "--force HOST"));
			bed_assert_state(&bed, "old");
		}
		bed_finish(&bed);
	}
}

static void
an_unlock_puts_back_what_a_killed_script_left(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	rollout_plan(bed.rollout);
	/* the script ends with its first look at the health */
	fake_sshd_shell("cd %s && sed -i 's/^is-active)/& kill -9 $(cut -d\" \" -f1 "
			"$top\\/run\\/timetier.lock\\/process) ;;\\nno)/' bin/systemctl",
	    bed.host.top);
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_LOST);
	unlock(&bed, false);
	bed_assert_outcome(&bed, HOST_DONE);
	assert_non_null(strstr(bed.result->note, "whose script was killed"));
	bed_assert_told(&bed, "outcome back\nby unlock\n");
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_is_planned_and_carried_out),
		cmocka_unit_test(new_files_have_the_labels_of_selinux_before_the_daemon_reads_them),
		cmocka_unit_test(a_host_whose_files_cannot_be_labelled_is_put_back),
		cmocka_unit_test(a_host_that_is_only_watched_is_left_alone),
		cmocka_unit_test(a_file_that_the_daemon_refuses_leaves_all_as_it_was),
		cmocka_unit_test(near_a_leap_second_no_change_touches_a_daemon),
		cmocka_unit_test(
		    a_check_that_fails_in_words_that_nobody_knows_leaves_all_as_it_was),
		cmocka_unit_test(a_daemon_that_does_not_start_is_put_back),
		cmocka_unit_test(a_daemon_that_does_not_start_with_the_old_files_either_is_told),
		cmocka_unit_test(a_daemon_that_ends_over_a_reload_runs_again_when_it_is_put_back),
		cmocka_unit_test(a_daemon_that_complains_in_its_log_is_put_back),
		cmocka_unit_test(a_rename_that_fails_is_told_as_that),
		cmocka_unit_test(a_new_file_is_what_it_should_be_whatever_it_holds),
		cmocka_unit_test(a_link_that_breaks_under_the_check_is_told_and_not_opened_anew),
		cmocka_unit_test(
		    a_kept_link_that_breaks_after_the_first_words_of_the_host_is_opened_anew),
		cmocka_unit_test(
		    a_script_that_waits_on_a_link_that_hangs_gives_way_to_the_next_of_its_run),
		cmocka_unit_test(an_old_configuration_that_could_step_is_put_back_and_not_started),
		cmocka_unit_test(an_old_configuration_that_would_step_by_now_is_not_started_either),
		cmocka_unit_test(time_that_does_not_get_well_is_put_back_in_time),
		cmocka_unit_test(a_host_that_another_works_on_is_left_alone),
		cmocka_unit_test(a_lock_whose_holder_is_gone_is_taken),
		cmocka_unit_test(a_lock_is_broken_by_force_when_it_is_held),
		cmocka_unit_test(an_unlock_puts_back_what_a_killed_script_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
