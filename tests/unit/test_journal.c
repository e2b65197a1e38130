/* The journal of runs, written and read.  Long, because each test writes all that it reads. */
#include "orchestrator/journal/journal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "common/buf.h"
#include "common/file.h"
#include "orchestrator/journal/lock.h"
#include "orchestrator/journal/settle.h"
#include "tests/fake_journal.h"

#define START (INT64_C(1760000000) * NS_PER_S)

static char folder[FAKE_JOURNAL_BYTES], file[FAKE_JOURNAL_BYTES];

static int
set_up(void **state)
{
	return fake_journal_open(folder, file, state);
}

static int
tear_down(void **state)
{
	return fake_journal_close(folder, state);
}

static struct journal_run
begin_run(struct journal *journal, const char *kind)
{
	struct journal_run run = { .kind = kind,
		.who = "root@ops",
		.words = "time1 time2",
		.options = { .no_agent = true },
		.site = "lab",
		.site_file = "site.yaml",
		.site_text = "site: lab\n",
		.begun_ns = START };
	struct error err;

	assert_int_equal(journal_begin(journal, &run, &err), 0);
	return run;
}

/* Two hosts: one to be changed, one as it should be. */
static void
add_hosts(struct journal *journal, int64_t run, struct journal_host hosts[2])
{
	static struct journal_file files[2];
	struct error err;

	files[0] = (struct journal_file){ .path = "/etc/a",
		.action = FILE_ACTION_RESTART,
		.before = fake_journal_bytes("old\n"),
		.after = fake_journal_bytes("new\n") };
	files[1] = (struct journal_file){ .path = "/etc/b",
		.secret = true,
		.action = FILE_ACTION_REKEY,
		.before = fake_journal_bytes(NULL),
		.after = fake_journal_bytes("key\n") };
	hosts[0] = (struct journal_host){ .host = "time1",
		.daemon = "chrony",
		.action = FILE_ACTION_RESTART,
		.wave = 1,
		.outcome = "changes",
		.files = files,
		.file_count = 2 };
	hosts[1] = (struct journal_host){ .host = "time2", .outcome = "ok" };
	assert_int_equal(journal_add_hosts(journal, run, hosts, 2, &err), 0);
}

static void
a_run_is_read_as_it_was_written(void **state)
{
	struct journal *journal = *state;
	struct journal_run run = begin_run(journal, "apply"), read;
	struct journal_host hosts[2];
	struct arena arena = { 0 };
	int64_t gave, later;
	struct error err;
	struct stat st;

	assert_int_equal(run.id, 1);
	assert_memory_equal(run.mark, "1.", 2);
	add_hosts(journal, run.id, hosts);
	assert_int_equal(journal_host_begun(journal, hosts[0].id, START + 1, &err), 0);
	assert_int_equal(journal_host_step(journal, hosts[0].id, "upload", START + 2, &err), 0);
	assert_int_equal(journal_host_step(journal, hosts[0].id, "check", START + 3, &err), 0);
	hosts[0].ended_ns = START + 4;
	hosts[0].outcome = "done";
	hosts[0].note = "all is well";
	assert_int_equal(journal_host_ended(journal, &hosts[0], &err), 0);
	assert_int_equal(journal_end(journal, run.id, 3, START + 5, &err), 0);

	assert_int_equal(journal_gave(journal, "/etc/a", &gave, &err), 0);
	assert_int_equal(gave, 1);
	assert_int_equal(journal_gave(journal, "/etc/timetier/agent.conf", &gave, &err), 0);
	assert_int_equal(gave, 0);
	assert_int_equal(journal_later(journal, "time1", "/etc/a", 0, &later, &err), 0);
	assert_int_equal(later, 1);
	assert_int_equal(journal_later(journal, "time1", "/etc/a", 1, &later, &err), 0);
	assert_int_equal(later, 0);
	assert_int_equal(journal_later(journal, "time2", "/etc/a", 0, &later, &err), 0);
	assert_int_equal(later, 0);

	assert_int_equal(journal_read(journal, 1, true, &arena, &read, &err), 1);
	assert_string_equal(read.mark, run.mark);
	assert_string_equal(read.kind, "apply");
	assert_string_equal(read.site_text, "site: lab\n");
	assert_true(read.options.no_agent);
	assert_false(read.options.disable_rivals || read.options.trust_sources);
	assert_int_equal(strlen(read.site_hash), 64);
	assert_int_equal(read.ended_ns, START + 5);
	assert_int_equal(read.status, 3);
	assert_int_equal(read.host_count, 2);
	assert_string_equal(read.hosts[0].outcome, "done");
	assert_string_equal(read.hosts[0].note, "all is well");
	assert_int_equal(read.hosts[0].begun_ns, START + 1);
	assert_int_equal(read.hosts[0].step_count, 2);
	assert_string_equal(read.hosts[0].steps[1].name, "check");
	assert_int_equal(read.hosts[0].file_count, 2);
	assert_string_equal(read.hosts[0].files[0].before.bytes, "old\n");
	assert_string_equal(read.hosts[0].files[0].after.bytes, "new\n");
	assert_false(read.hosts[0].files[1].before.there);
	assert_true(read.hosts[0].files[1].secret);
	assert_int_equal(read.hosts[1].begun_ns, 0);
	arena_free(&arena);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* What a host can choose: what failed, and what is noted of it. */
static void
what_a_host_said_is_kept_escaped(void **state)
{
	static const char hostile[] = "\x1b]0;owned\x07\x1b[2J\xe2\x80\xae<b>";
	static const char kept[] = "\\x1b]0;owned\\x07\\x1b[2J\\u202e<b>";
	struct journal *journal = *state;
	struct journal_run run = begin_run(journal, "apply"), read;
	struct journal_host hosts[2];
	struct arena arena = { 0 };
	struct error err;

	add_hosts(journal, run.id, hosts);
	assert_int_equal(journal_host_begun(journal, hosts[0].id, START, &err), 0);
	assert_int_equal(journal_host_step(journal, hosts[0].id, hostile, START, &err), 0);
	hosts[0].ended_ns = START + 1;
	hosts[0].outcome = "failed";
	hosts[0].failed_at = hosts[0].error = hosts[0].note = hostile;
	assert_int_equal(journal_host_ended(journal, &hosts[0], &err), 0);
	assert_int_equal(journal_read(journal, 1, true, &arena, &read, &err), 1);
	assert_string_equal(read.hosts[0].failed_at, kept);
	assert_string_equal(read.hosts[0].error, kept);
	assert_string_equal(read.hosts[0].note, kept);
	assert_string_equal(read.hosts[0].steps[0].name, kept);
	arena_free(&arena);
}

static void
contents_stay_away_where_nobody_asks_for_them(void **state)
{
	struct journal *journal = *state;
	struct journal_run run = begin_run(journal, "apply"), read;
	struct journal_host hosts[2];
	struct arena arena = { 0 };
	struct error err;

	add_hosts(journal, run.id, hosts);
	assert_int_equal(journal_read(journal, run.id, false, &arena, &read, &err), 1);
	assert_null(read.hosts[0].files[1].after.bytes);
	assert_int_equal(strlen(read.hosts[0].files[1].after.hash), 64);
	assert_int_equal(journal_read(journal, 99, false, &arena, &read, &err), 0);
	arena_free(&arena);
}

static void
a_content_that_is_there_already_is_kept_once_and_filled_in(void **state)
{
	struct journal *journal = *state;
	struct journal_run run = begin_run(journal, "agent install");
	struct journal_file program = { .path = "/usr/local/sbin/timetier-agent" };
	struct journal_host host = { .host = "a", .outcome = "changes", .files = &program };
	/* SHA-256 of "x" */
	const char *hash = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
	struct arena arena = { 0 };
	struct error err;
	const char *bytes;
	size_t len;

	host.file_count = 1;
	program.after = fake_journal_bytes("");
	program.after.bytes = NULL;
	program.after.hash = hash;
	assert_int_equal(journal_add_hosts(journal, run.id, &host, 1, &err), 0);
	assert_int_equal(journal_content(journal, hash, &arena, &bytes, &len, &err), 0);
	assert_null(bytes);
	host.host = "b";
	program.after = fake_journal_bytes("x");
	assert_int_equal(journal_add_hosts(journal, run.id, &host, 1, &err), 0);
	assert_int_equal(journal_content(journal, hash, &arena, &bytes, &len, &err), 0);
	assert_string_equal(bytes, "x");
	arena_free(&arena);
}

static void
old_runs_are_forgotten_with_what_only_they_knew(void **state)
{
	struct journal *journal = *state;
	struct journal_host hosts[2];
	struct journal_run *runs;
	struct arena arena = { 0 };
	struct error err;
	size_t count;
	const char *bytes;
	size_t len;

	for (int i = 0; i <= JOURNAL_KEEP_RUNS; i++) {
		struct journal_run run = begin_run(journal, "apply");

		if (i == 0) {
			add_hosts(journal, run.id, hosts);
		}
		assert_int_equal(journal_end(journal, run.id, 0, START, &err), 0);
	}
	assert_int_equal(journal_list(journal, 1000, &arena, &runs, &count, &err), 0);
	assert_int_equal(count, JOURNAL_KEEP_RUNS);
	assert_int_equal(runs[0].id, JOURNAL_KEEP_RUNS + 1);
	/* of "old\n" */
	assert_int_equal(journal_content(journal,
			     "01d09d19c2139a46aebfb577780d123d7396e97201bc7ead210a2ebff8239dee",
			     &arena, &bytes, &len, &err),
	    0);
	assert_null(bytes);
	arena_free(&arena);
}

/* What has changed since the last review must be known, however many runs there were. */
static void
the_latest_review_is_never_forgotten(void **state)
{
	struct journal *journal = *state;
	struct journal_run *runs, read;
	struct arena arena = { 0 };
	struct error err;
	int64_t id;
	size_t count;

	for (int i = 0; i < JOURNAL_KEEP_RUNS + 20; i++) {
		struct journal_run run = begin_run(journal, i == 3 || i == 5 ? "review" : "apply");

		assert_int_equal(journal_end(journal, run.id, i == 5, START + i, &err), 0);
	}
	assert_int_equal(journal_latest_good(journal, "review", &id, &err), 0);
	assert_int_equal(id, 4); /* not the one that failed */
	assert_int_equal(journal_read(journal, id, false, &arena, &read, &err), 1);
	assert_string_equal(read.kind, "review");
	assert_int_equal(journal_after(journal, id, &arena, &runs, &count, &err), 0);
	assert_int_equal(count, JOURNAL_KEEP_RUNS);
	assert_int_equal(runs[0].id, 21); /* oldest first */
	arena_free(&arena);
}

static void
what_was_switched_off_is_known_as_long_as_it_is_off(void **state)
{
	struct journal *journal = *state;
	struct journal_run run = begin_run(journal, "apply"), read;
	const char *off[] = { "ntpdate.service", "/etc/network/if-up.d/ntpdate" };
	struct journal_host hosts[2] = {
		{ .host = "a",
		    .outcome = "changes",
		    .migrated_from = "ntp",
		    .switched_off = off,
		    .switched_off_count = 2 },
		{ .host = "b", .outcome = "changes", .switched_off = off, .switched_off_count = 1 },
	};
	struct arena arena = { 0 };
	struct error err;

	assert_int_equal(journal_add_hosts(journal, run.id, hosts, 2, &err), 0);
	hosts[0].outcome = "done";
	assert_int_equal(journal_host_ended(journal, &hosts[0], &err), 0);
	hosts[1].outcome = "put-back";
	hosts[1].switched_off_count = 0;
	assert_int_equal(journal_host_ended(journal, &hosts[1], &err), 0);
	assert_int_equal(journal_read(journal, run.id, false, &arena, &read, &err), 1);
	assert_int_equal(read.hosts[0].switched_off_count, 2);
	assert_string_equal(read.hosts[0].switched_off[0], "ntpdate.service"); /* in that order */
	assert_int_equal(read.hosts[1].switched_off_count, 0);
	assert_string_equal(read.hosts[0].migrated_from, "ntp");
	assert_string_equal(read.hosts[1].migrated_from, "");
	arena_free(&arena);
}

/* A file as it was made until version 2, with two runs. */
static void
a_journal_of_the_first_version_is_brought_up_to_date(void **state UNUSED)
{
	struct buf text = { .limit_bytes = 1 << 20 };
	struct arena arena = { 0 };
	struct journal *journal;
	struct journal_run run;
	struct error err;
	char path[128];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/old.db", folder);
	assert_int_equal(file_read("tests/data/journal-1.sql", &text, &err), 0);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, buf_str(&text), NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	buf_free(&text);

	assert_int_equal(journal_open(path, &journal, &err), 0);
	assert_int_equal(journal_read(journal, 1, true, &arena, &run, &err), 1);
	assert_string_equal(run.mark, "1.aa");
	assert_true(run.options.no_agent && run.options.trust_sources);
	assert_false(run.options.disable_rivals);
	assert_string_equal(run.site_text, "site: lab");
	assert_int_equal(run.status, 3);
	assert_string_equal(run.hosts[0].outcome, "put-back");
	assert_int_equal(run.hosts[0].action, FILE_ACTION_RELOAD_SOURCES);
	assert_int_equal(run.hosts[0].files[0].action, FILE_ACTION_NONE);
	assert_int_equal(run.hosts[1].action, FILE_ACTION_RESTART);
	assert_string_equal(run.hosts[0].error, "no");
	assert_int_equal(run.hosts[1].settled, SETTLED_UNTOUCHED);
	assert_int_equal(run.hosts[2].settled, SETTLED_LOST);

	assert_int_equal(journal_read(journal, 2, true, &arena, &run, &err), 1);
	assert_int_equal(run.of_run, 1);
	assert_true(run.options.disable_rivals);
	assert_string_equal(run.hosts[0].note, "all is well");
	assert_int_equal(run.hosts[0].switched_off_count, 2);
	assert_string_equal(run.hosts[0].switched_off[0], "ntpdate.service");
	assert_string_equal(run.hosts[0].switched_off[1], "/etc/network/if-up.d/ntpdate");
	assert_string_equal(run.hosts[1].note, "");
	assert_int_equal(run.hosts[1].switched_off_count, 1);

	run = begin_run(journal, "apply"); /* and it is written to as any other */
	assert_int_equal(run.id, 3);
	journal_close(journal);
	arena_free(&arena);
}

/* What the host tells of its files. */
static const char *now_a, *now_b;

static bool
state_now(const void *ctx UNUSED, const char *path, struct journal_state *state)
{
	*state = fake_journal_bytes(strcmp(path, "/etc/a") == 0 ? now_a : now_b);
	return true;
}

static void
assert_settled(struct journal *journal, const struct settle_look *look, enum settled want)
{
	struct journal_unknowns unknowns;
	struct arena arena = { 0 };
	struct error err;

	assert_int_equal(journal_find_unknowns(journal, "time1", 0, &arena, &unknowns, &err), 0);
	assert_int_equal(unknowns.count, 1);
	assert_int_equal(settle(&unknowns.list[0], look), want);
	arena_free(&arena);
}

static void
what_nobody_saw_is_told_by_the_host_or_by_its_files(void **state)
{
	struct journal *journal = *state;
	struct journal_run run = begin_run(journal, "apply");
	struct journal_host hosts[2];
	struct settle_look look = { .state = state_now };
	struct error err;

	add_hosts(journal, run.id, hosts);
	assert_int_equal(journal_host_begun(journal, hosts[0].id, START, &err), 0);
	now_a = "old\n";
	now_b = NULL;
	assert_settled(journal, &look, SETTLED_UNTOUCHED);
	look.busy = true;
	assert_settled(journal, &look, SETTLED_OPEN);
	look.busy = false;
	now_a = "new\n";
	now_b = "key\n";
	assert_settled(journal, &look, SETTLED_KEPT);
	now_b = NULL;
	assert_settled(journal, &look, SETTLED_LOST);
	look.last_mark = run.mark;
	assert_settled(journal, &look, SETTLED_PUT_BACK);
	look.last_kept = true;
	assert_settled(journal, &look, SETTLED_KEPT);
	look.last_mark = "another";
	look.last_run = -1;
	assert_settled(journal, &look, SETTLED_UNTOUCHED);
}

static void
what_is_settled_is_not_asked_again(void **state)
{
	struct journal *journal = *state;
	struct journal_run run = begin_run(journal, "apply"), read;
	struct journal_host hosts[2];
	struct journal_unknowns unknowns;
	struct arena arena = { 0 };
	struct error err;
	int64_t latest;

	add_hosts(journal, run.id, hosts);
	assert_int_equal(journal_host_begun(journal, hosts[0].id, START, &err), 0);
	assert_int_equal(
	    journal_find_unknowns(journal, "time1", run.id, &arena, &unknowns, &err), 0);
	assert_int_equal(unknowns.count, 0);
	assert_int_equal(journal_latest_change(journal, &latest, &err), 0);
	assert_int_equal(latest, 0);
	assert_int_equal(
	    journal_host_settled(journal, hosts[0].id, SETTLED_KEPT, START + 9, &err), 0);
	assert_int_equal(journal_find_unknowns(journal, "time1", 0, &arena, &unknowns, &err), 0);
	assert_int_equal(unknowns.count, 0);
	assert_int_equal(journal_read(journal, run.id, false, &arena, &read, &err), 1);
	assert_int_equal(read.hosts[0].settled, SETTLED_KEPT);
	assert_int_equal(journal_latest_change(journal, &latest, &err), 0);
	assert_int_equal(latest, run.id);
	assert_int_equal(journal_latest(journal, "restart", &latest, &err), 0);
	assert_int_equal(latest, 0);
	assert_int_equal(journal_latest(journal, "apply", &latest, &err), 0);
	assert_int_equal(latest, run.id);
	assert_int_equal(journal_marked(journal, run.mark, &latest, &err), 0);
	assert_int_equal(latest, run.id);
	arena_free(&arena);
}

/* A program that is killed while it writes loses nothing that a call has returned from. */
static void
what_was_written_survives_a_kill(void **state)
{
	struct journal *journal = *state;
	struct journal_run *runs;
	struct arena arena = { 0 };
	struct error err;
	size_t count;
	int wstatus;
	pid_t child = fork();

	if (child == 0) {
		struct journal *own;
		struct journal_run run;
		struct journal_host hosts[2];

		if (journal_open(file, &own, &err) < 0) {
			_exit(1);
		}
		run = begin_run(own, "apply");
		add_hosts(own, run.id, hosts);
		if (journal_host_begun(own, hosts[0].id, START, &err) < 0 ||
		    journal_host_step(own, hosts[0].id, "rename", START + 1, &err) < 0) {
			_exit(1);
		}
		raise(SIGKILL);
	}
	waitpid(child, &wstatus, 0);
	assert_true(WIFSIGNALED(wstatus));
	assert_int_equal(journal_list(journal, 10, &arena, &runs, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(runs[0].ended_ns, 0);
	assert_int_equal(runs[0].host_count, 2);
	assert_int_equal(runs[0].hosts[0].begun_ns, START);
	assert_string_equal(runs[0].hosts[0].outcome, "open");
	arena_free(&arena);
}

static void
one_run_at_a_time_and_the_lock_ends_with_its_holder(void **state UNUSED)
{
	struct journal_lock lock = { 0 }, other = { 0 };
	struct error err;
	int ready[2];
	char byte;
	pid_t child;

	assert_false(journal_lock_is_held(folder));
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		if (journal_lock_take(&lock, folder, "root@ops: apply, run 7", &err) < 0 ||
		    write(ready[1], "x", 1) != 1) {
			_exit(1);
		}
		pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_true(journal_lock_is_held(folder));
	assert_int_equal(journal_lock_take(&other, folder, "another", &err), -1);
	assert_non_null(strstr(err.text, "root@ops: apply, run 7"));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_false(journal_lock_is_held(folder));
	assert_int_equal(journal_lock_take(&other, folder, "another", &err), 0);
	journal_lock_release(&other);
	assert_false(journal_lock_is_held(folder));
	close(ready[0]);
	close(ready[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_run_is_read_as_it_was_written, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_a_host_said_is_kept_escaped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    contents_stay_away_where_nobody_asks_for_them, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_content_that_is_there_already_is_kept_once_and_filled_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    old_runs_are_forgotten_with_what_only_they_knew, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    the_latest_review_is_never_forgotten, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_was_switched_off_is_known_as_long_as_it_is_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_journal_of_the_first_version_is_brought_up_to_date, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_nobody_saw_is_told_by_the_host_or_by_its_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_settled_is_not_asked_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_was_written_survives_a_kill, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    one_run_at_a_time_and_the_lock_ends_with_its_holder, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
