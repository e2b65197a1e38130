/* What puts a change back, whoever does it: the script, its guard, a boot, the next apply. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/show/result.h"
#include "tests/fake_bed.h"
#include "tests/fake_sshd.h"

/* What the host's program is to do first when its first word is @word. */
static void
at_first(const struct bed *bed, const char *program, const char *word, const char *what)
{
	char part[4096];

	snprintf(part, sizeof(part), "case $1 in %s) %s ;; esac", word, what);
	fake_host_first(&bed->host, program, part);
}

/* The change is there and its script was killed: at its first look at the health. */
static void
begin_killed(struct bed *bed, enum file_action action)
{
	bed_begin(bed);
	bed_action = action;
	rollout_plan(bed->rollout);
	fake_sshd_shell("cd %s && cp bin/systemctl systemctl", bed->host.top);
	at_first(bed, "systemctl", "is-active",
	    "kill -9 $(cut -d' ' -f1 $top/run/timetier.lock/process)");
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

static bool
has(const struct bed *bed, const char *path)
{
	return fake_host_has(&bed->host, path);
}

#define CHANGE "var/lib/timetier/change/"

static void
a_daemon_that_read_new_files_reads_the_old_ones_when_they_are_back(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	bed_action = FILE_ACTION_RELOAD_SOURCES;
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
assert_quiet_boot(enum file_action action)
{
	struct bed bed;

	begin_killed(&bed, action);
	at_first(&bed, "systemctl", "*", "echo systemctl $* >>$top/said");
	at_first(&bed, "chronyc", "*", "echo chronyc $* >>$top/said");
	fake_sshd_shell(
	    "cd %s && sed -i 's/\"kind\":\"safe\"/\"kind\":\"step\"/' status.json", bed.host.top);
	assert_string_equal(undo(&bed, "boot"), "back a reason\n0\n");
	/* units are read again at the end: that of the undo is gone by then */
	assert_string_equal(fake_host_read(&bed.host, "/said"),
	    "systemctl stop timetier-guard.timer\nsystemctl daemon-reload\n");
	fake_host_boot(&bed.host);
	bed_assert_state(&bed, "old");
	bed_assert_told(&bed, "outcome back\nby boot\nholder a test\n");
	bed_finish(&bed);
}

static void
a_boot_puts_files_back_and_leaves_it_to_the_boot_to_start_what_runs(void **state UNUSED)
{
	assert_quiet_boot(FILE_ACTION_RESTART);
	assert_quiet_boot(FILE_ACTION_RELOAD_SOURCES);
}

static void
a_guard_that_fails_tries_again_and_leaves_nothing(void **state UNUSED)
{
	struct bed bed;

	begin_killed(&bed, FILE_ACTION_RESTART);
	at_first(&bed, "systemctl", "restart",
	    "[ ! -e $top/" CHANGE "armed ] || exit 1; "
	    "[ -e $top/again ] || { : >$top/again; echo no luck; exit 1; }");
	assert_true(fake_host_guard(&bed.host));
	assert_true(has(&bed, "again"));
	bed_assert_state(&bed, "old");
	bed_assert_told(&bed, "outcome back\nby guard\n");
	bed_finish(&bed);
}

static void
what_cannot_be_started_stays_for_the_next_who_comes(void **state UNUSED)
{
	static const char failed[] =
	    "stuck a reason; and putting it back failed: systemctl restart chrony.service: no\n"
	    "luck\n4\n";
	struct bed bed;

	begin_killed(&bed, FILE_ACTION_RESTART);
	at_first(&bed, "systemctl", "restart", "printf 'no\nluck\n'; exit 1");
	assert_string_equal(undo(&bed, "script"), failed);
	bed_assert_told(&bed, "outcome stuck\nby script\n");
	bed_assert_told(&bed,
	    "reason a reason; and putting it back failed: systemctl restart "
	    "chrony.service: no luck");
	assert_true(has(&bed, CHANGE "undo"));
	assert_string_equal(undo(&bed, "guard"),
	    "stuck a reason; and putting it back failed: "
	    "systemctl restart chrony.service: no\nluck\n"
	    "stuck a reason; and putting it back failed: "
	    "systemctl restart chrony.service: no\nluck\n"
	    "stuck a reason; and putting it back failed: "
	    "systemctl restart chrony.service: no\nluck\n"
	    "stuck a reason; and putting it back failed: "
	    "systemctl restart chrony.service: no\nluck\n4\n");
	/* an apply has files of its own, and another restart */
	assert_string_equal(undo(&bed, "apply"), failed);
	assert_false(has(&bed, CHANGE));
	bed_finish(&bed);
}

static void
files_that_cannot_be_put_back_are_told_and_put_back_later(void **state UNUSED)
{
	struct bed bed;

	begin_killed(&bed, FILE_ACTION_RESTART);
	at_first(&bed, "mv", "*",
	    "case $2 in *timetier-old) [ ! -e $top/ro ] || { echo mv: no; exit 1; } ;; esac");
	fake_host_write(&bed.host, "/ro", "");
	assert_string_equal(undo(&bed, "script"),
	    "broken a reason; and putting its files back failed: mv: no\n5\n");
	bed_assert_told(&bed, "outcome broken\nby script\n");
	bed_assert_told(&bed, "reason a reason; and putting it back failed: mv: no");
	fake_sshd_shell("rm %s/ro", bed.host.top);
	assert_true(fake_host_guard(&bed.host));
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
a_disk_that_takes_no_rename_is_no_reason_to_forget_the_change(void **state UNUSED)
{
	struct bed bed;

	begin_killed(&bed, FILE_ACTION_RESTART);
	at_first(&bed, "mv", "*", "exit 1");
	assert_string_equal(
	    undo(&bed, "script"), "broken a reason; and putting it back cannot be begun\n5\n");
	assert_true(has(&bed, CHANGE "armed"));
	fake_host_drop(&bed.host, "/bin/mv");
	assert_true(fake_host_guard(&bed.host));
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
an_undo_that_was_killed_is_done_again_from_its_start(void **state UNUSED)
{
	struct bed bed;

	begin_killed(&bed, FILE_ACTION_RESTART);
	at_first(&bed, "systemctl", "restart",
	    "[ -e $top/again ] || { : >$top/again; kill -9 $(cut -d' ' -f6 /proc/self/stat); }");
	fake_sshd_shell("cd %s && setsid -w sh " CHANGE "undo guard x", bed.host.top);
	assert_true(has(&bed, CHANGE "undoing"));
	assert_true(fake_host_guard(&bed.host));
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
a_tidying_that_was_cut_short_puts_nothing_back_again(void **state UNUSED)
{
	struct bed bed;

	begin_killed(&bed, FILE_ACTION_RESTART);
	/* the timer ends while there is something that it could tidy up */
	at_first(&bed, "systemctl", "stop",
	    "[ ! -e $top/" CHANGE "files ] || { rm $top/" CHANGE "files; kill -9 $PPID; }");
	undo(&bed, "script");
	assert_true(has(&bed, CHANGE "undo"));
	assert_false(has(&bed, CHANGE "files"));
	assert_string_equal(undo(&bed, "guard"), "nothing\n0\n");
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
a_change_that_was_confirmed_is_tidied_up_and_stays(void **state UNUSED)
{
	struct bed bed;

	begin_killed(&bed, FILE_ACTION_RESTART);
	fake_sshd_shell("cd %s/" CHANGE " && mv armed kept", bed.host.top);
	fake_host_boot(&bed.host);
	bed_assert_state(&bed, "new");
	bed_assert_told(&bed, "outcome kept\nby boot\n");
	bed_finish(&bed);
}

static void
a_change_that_had_not_begun_is_only_tidied_up(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	rollout_plan(bed.rollout);
	at_first(&bed, "systemd-run", "*",
	    "kill -9 $(cut -d' ' -f1 $top/run/timetier.lock/process); exit 1");
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_LOST);
	fake_transport_wait(&bed.fake);
	assert_true(has(&bed, "etc/chrony/chrony.conf.timetier-new"));
	fake_host_boot(&bed.host);
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
without_a_guard_nothing_is_changed(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	rollout_plan(bed.rollout);
	at_first(&bed, "systemd-run", "*", "echo no timer; exit 1");
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_FAILED);
	assert_string_equal(bed.result->where, "guard");
	assert_string_equal(bed.result->err.text, "no timer");
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

static void
a_guard_leaves_the_lock_of_one_who_lives(void **state UNUSED)
{
	struct bed bed;

	begin_killed(&bed, FILE_ACTION_RESTART);
	fake_sshd_shell("cd %s && { flock run/timetier.lock sh -c ': >held; while [ -e held ]; do "
			"/bin/sleep 0.05; done' & } && until [ -e held ]; do /bin/sleep 0.05; done",
	    bed.host.top);
	assert_string_equal(undo(&bed, "guard"), "back a reason\n0\n");
	assert_true(has(&bed, "run/timetier.lock"));
	bed_finish(&bed);
}

static void
who_waited_while_the_change_ended_leaves_the_next_change_alone(void **state UNUSED)
{
	struct bed bed;

	begin_killed(&bed, FILE_ACTION_RESTART);
	fake_host_program(&bed.host, "/bin/flock",
	    "#!/bin/sh\n: >${0%/bin/flock}/waits\nexec /usr/bin/flock \"$@\"\n");
	fake_sshd_shell(
	    "cd %s/var/lib/timetier && exec 6>>change/lock && flock 6 && "
	    "{ sh change/undo guard x >../../../undo.said 6>&- & } && "
	    "until [ -e ../../../waits ]; do /bin/sleep 0.05; done; "
	    "mv change before && mkdir change && cp before/* change && exec 6>&- && wait",
	    bed.host.top);
	assert_string_equal(fake_host_read(&bed.host, "/undo.said"), "over\n");
	assert_true(has(&bed, CHANGE "armed"));
	assert_string_equal(bed_state(&bed), "new");
	bed_finish(&bed);
}

/* The kernel's lock of the change is held for so long; the undo waits a second for it. */
static void
hold_lock(const struct bed *bed, const char *seconds)
{
	fake_host_program(&bed->host, "/bin/flock",
	    "#!/bin/sh\n[ \"$2\" != 60 ] || set -- -w 1 7\nexec /usr/bin/flock \"$@\"\n");
	fake_sshd_shell("cd %s && { setsid sh -c 'exec 7>>" CHANGE
			"lock; flock 7; cut -d\" \" -f1,22 /proc/$$/stat >" CHANGE
			"process; : >held; /bin/sleep %s 7>&-; : >ended' & } && "
			"until [ -e held ]; do /bin/sleep 0.05; done",
	    bed->host.top, seconds);
}

static void
a_script_that_hangs_is_ended_and_another_process_is_waited_for(void **state UNUSED)
{
	struct bed bed;

	begin_killed(&bed, FILE_ACTION_RESTART);
	hold_lock(&bed, "20");
	assert_string_equal(undo(&bed, "guard"), "back a reason\n0\n");
	assert_false(has(&bed, "ended"));
	bed_finish(&bed);
	begin_killed(&bed, FILE_ACTION_RESTART);
	hold_lock(&bed, "2");
	at_first(&bed, "systemctl", "restart", "[ -e $top/ended ] || : >$top/early");
	fake_sshd_shell("cd %s/" CHANGE " && sed -i 's/ .*/ 1/' process", bed.host.top);
	assert_string_equal(undo(&bed, "guard"), "back a reason\n0\n");
	assert_true(has(&bed, "ended"));
	assert_false(has(&bed, "early"));
	bed_finish(&bed);
}

/* What a rollback that fails leaves there is what it found: it does not call that "put back". */
static void
a_rollback_that_fails_keeps_what_the_host_had(void **state UNUSED)
{
	char words[ROLLOUT_RESULT_BYTES];
	struct bed bed;

	bed_begin(&bed);
	bed.takes_back = true;
	bed_begin_again(&bed);
	bed_config = "broken\n";
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_PUT_BACK);
	assert_string_equal(host_outcome_words(bed.result), "keeps what it had");
	assert_non_null(strstr(rollout_result_words(bed.result, 1, words), "not rolled back: "));
	assert_null(strstr(words, "put back"));
	bed_assert_state(&bed, "old");
	bed_finish(&bed);
}

/* A link that fails before there is a login is a host that is not reached; a later one is not. */
static void
a_host_that_is_not_reached_is_told_apart(void **state UNUSED)
{
	struct bed bed;

	bed_begin(&bed);
	bed.fake.fault = FAKE_FAIL;
	bed.fake.fault_at = 1;
	rollout_plan(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_FAILED);
	assert_true(bed.result->unreachable);
	/* where none is reached, nothing is left out: that is an error */
	assert_int_equal(rollout_leave_out_unreachable(bed.rollout), 0);
	assert_int_equal(bed.result->outcome, HOST_FAILED);
	bed_finish(&bed);
	bed_begin(&bed);
	bed.fake.fault = FAKE_FAIL;
	bed.fake.fault_at = 3;
	rollout_plan(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_FAILED);
	assert_false(bed.result->unreachable);
	bed_finish(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rollback_that_fails_keeps_what_the_host_had),
		cmocka_unit_test(a_host_that_is_not_reached_is_told_apart),
		cmocka_unit_test(
		    a_daemon_that_read_new_files_reads_the_old_ones_when_they_are_back),
		cmocka_unit_test(
		    a_boot_puts_files_back_and_leaves_it_to_the_boot_to_start_what_runs),
		cmocka_unit_test(a_guard_that_fails_tries_again_and_leaves_nothing),
		cmocka_unit_test(what_cannot_be_started_stays_for_the_next_who_comes),
		cmocka_unit_test(files_that_cannot_be_put_back_are_told_and_put_back_later),
		cmocka_unit_test(a_disk_that_takes_no_rename_is_no_reason_to_forget_the_change),
		cmocka_unit_test(an_undo_that_was_killed_is_done_again_from_its_start),
		cmocka_unit_test(a_tidying_that_was_cut_short_puts_nothing_back_again),
		cmocka_unit_test(a_change_that_was_confirmed_is_tidied_up_and_stays),
		cmocka_unit_test(a_change_that_had_not_begun_is_only_tidied_up),
		cmocka_unit_test(without_a_guard_nothing_is_changed),
		cmocka_unit_test(a_guard_leaves_the_lock_of_one_who_lives),
		cmocka_unit_test(who_waited_while_the_change_ended_leaves_the_next_change_alone),
		cmocka_unit_test(a_script_that_hangs_is_ended_and_another_process_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
