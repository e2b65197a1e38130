/* What hosts had before timetier came, put together from the journal; and hosts that are forgotten.
 */
#include "orchestrator/runs/release/purge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/runs/release/forget.h"
#include "tests/fake_journal.h"

#define CONF "/etc/chrony/chrony.conf"
#define OURS "# web1, client of group web of lab: made by timetier 1 from site.yaml.\n"
#define LEFT                                                                                       \
	"# web1, client of group web of lab: left by timetier 1, which looks after it no "         \
	"longer.\n"
#define SITE                                                                                       \
	"site: lab\nupstreams: [{name: up1, address: 192.0.2.101}]\ntiers: [{name: core, "         \
	"upstreams: all, servers: [{name: time1, address: 192.0.2.1}]}]\n"

static char folder[FAKE_JOURNAL_BYTES], path[FAKE_JOURNAL_BYTES];

static int
set_up(void **state)
{
	return fake_journal_open(folder, path, state);
}

static int
tear_down(void **state)
{
	return fake_journal_close(folder, state);
}

/* A change of web1 that was kept: of one file, or of the agent's alone. */
struct change {
	const char *kind, *daemon, *from, *path, *before, *after;
};

static void
write_down(struct journal *journal, const struct change *change)
{
	struct journal_file file = { .path = change->path,
		.of_agent = strcmp(change->kind, "agent install") == 0,
		.action = FILE_ACTION_RESTART,
		.before = fake_journal_bytes(change->before),
		.after = fake_journal_bytes(change->after) };
	struct journal_host entry = { .host = "web1",
		.daemon = change->daemon,
		.migrated_from = change->from,
		.outcome = "changes",
		.failed_at = "",
		.error = "",
		.note = "",
		.files = &file,
		.file_count = 1 };
	struct journal_run run = { .kind = change->kind,
		.who = "root@ops",
		.words = "",
		.site = "lab",
		.site_file = "site.yaml",
		.site_text = SITE,
		.begun_ns = NS_PER_S };
	struct error err;

	assert_int_equal(journal_begin(journal, &run, &err), 0);
	assert_int_equal(journal_add_hosts(journal, run.id, &entry, 1, &err), 0);
	assert_int_equal(journal_host_begun(journal, entry.id, NS_PER_S, &err), 0);
	entry.ended_ns = 2 * NS_PER_S;
	entry.outcome = "done";
	assert_int_equal(journal_host_ended(journal, &entry, &err), 0);
	assert_int_equal(journal_end(journal, run.id, 0, 3 * NS_PER_S, &err), 0);
}

/* What a purge of web1 gives back: "DAEMON of FROM: PATH BEFORE < AFTER, ..."; or why it cannot. */
static void
assert_purge(struct journal *journal, const char *want)
{
	const struct host web1 = { .name = "web1" }, *hosts[] = { &web1 };
	struct replaced replaced = { .names = NULL };
	struct error err = { .text = "" };
	struct buf text = { .limit_bytes = 0 };

	if (purge_find(&replaced, journal, hosts, 1, &err) < 0) {
		buf_text(&text, err.text);
	}
	for (size_t i = 0; !*err.text && i < replaced.run.host_count; i++) {
		const struct journal_host *host = &replaced.run.hosts[i];

		buf_printf(&text, "%s of %s:", host->daemon, host->migrated_from);
		for (size_t k = 0; k < host->file_count; k++) {
			const struct journal_file *file = &host->files[k];

			buf_printf(&text, " %s %s < %s;", file->path,
			    file->before.there ? file->before.bytes : "-",
			    file->after.there ? file->after.bytes : "-");
		}
	}
	assert_string_equal(buf_str(&text), want);
	buf_free(&text);
	replaced_done(&replaced);
}

static void
each_file_is_what_it_was_before_the_first_change(void **state)
{
	write_down(*state, &(struct change){ "apply", "chrony", "", CONF, "stock", OURS });
	write_down(*state, &(struct change){ "apply", "chrony", "", CONF, OURS, OURS "2" });
	write_down(*state, &(struct change){ "apply", "chrony", "", "/a", NULL, OURS });
	assert_purge(*state, "chrony of : " CONF " stock < " OURS "2; /a - < " OURS ";");
}

static void
the_daemon_is_the_one_of_before_the_first_migration(void **state)
{
	write_down(
	    *state, &(struct change){ "apply", "ntp", "systemd-timesyncd", "/n", "s", OURS });
	write_down(*state, &(struct change){ "apply", "chrony", "ntp", CONF, "stock", OURS });
	assert_purge(
	    *state, "chrony of systemd-timesyncd: /n s < " OURS "; " CONF " stock < " OURS ";");
}

static void
where_the_agent_alone_came_nothing_is_given_back(void **state)
{
	write_down(*state, &(struct change){ "agent install", "chrony", "", "/agent", NULL, OURS });
	assert_purge(*state, "");
}

static void
what_a_release_left_is_not_what_was_before(void **state)
{
	write_down(*state, &(struct change){ "apply", "chrony", "", CONF, "stock", OURS });
	write_down(*state, &(struct change){ "release files", "chrony", "", CONF, OURS, LEFT });
	write_down(*state, &(struct change){ "apply", "chrony", "", CONF, LEFT, OURS });
	assert_purge(*state, "chrony of : " CONF " stock < " OURS ";");
}

static void
after_a_purge_it_comes_anew(void **state)
{
	write_down(*state, &(struct change){ "apply", "chrony", "", CONF, "stock", OURS });
	write_down(*state, &(struct change){ "release files", "chrony", "", CONF, OURS, "stock" });
	write_down(*state, &(struct change){ "apply", "chrony", "", CONF, "by hand", OURS });
	assert_purge(*state, "chrony of : " CONF " by hand < " OURS ";");
}

static void
a_journal_that_does_not_reach_back_is_told(void **state)
{
	write_down(*state, &(struct change){ "apply", "chrony", "", CONF, OURS, OURS "2" });
	assert_purge(*state,
	    "host web1: the journal does not reach back to what " CONF
	    " was before timetier came: put that file there by hand, from a backup, and release "
	    "the host without --purge");
}

static void
the_first_change_is_kept_however_many_runs_there_are(void **state)
{
	struct journal_run *runs;
	struct arena arena = { .blocks = NULL };
	struct error err;
	size_t count;

	write_down(*state, &(struct change){ "apply", "chrony", "", CONF, "stock", OURS });
	for (int i = 0; i < JOURNAL_KEEP_RUNS + 3; i++) {
		write_down(*state, &(struct change){ "apply", "chrony", "", CONF, OURS, OURS });
	}
	assert_int_equal(journal_list(*state, 1000, &arena, &runs, &count, &err), 0);
	assert_int_equal(count, JOURNAL_KEEP_RUNS + 1);
	arena_free(&arena);
	assert_purge(*state, "chrony of : " CONF " stock < " OURS ";");
}

/* What forget_hosts() says; "": it was done. */
static void
assert_forgets(struct journal *journal, const char *name, const char *want)
{
	struct run_record record = { .journal = journal };
	struct diags diags = { .errors = 0 };
	struct error err = { .text = "" };
	char site[FAKE_JOURNAL_BYTES + 16], word[16], *words[] = { word };
	struct topology now;
	FILE *file;

	snprintf(site, sizeof(site), "%s/site.yaml", folder);
	snprintf(word, sizeof(word), "%s", name);
	file = fopen(site, "w");
	assert_non_null(file);
	fputs(SITE, file);
	fclose(file);
	assert_int_equal(topology_load(&now, site, &diags), 0);
	assert_int_equal(forget_hosts(&record, &now, words, 1, "root@ops", &err), *want ? -1 : 0);
	if (!strstr(err.text, want)) {
		fail_msg("%s", err.text);
	}
	remove(site);
	topology_free(&now);
	diags_free(&diags);
	arena_free(&record.arena);
}

static void
who_is_gone_for_good_is_managed_no_more(void **state)
{
	struct journal *journal = *state;
	struct journal_run run;
	struct arena arena = { .blocks = NULL };
	struct error err;
	int64_t id;

	assert_forgets(journal, "web1", "web1 is no host that left the site");
	write_down(journal, &(struct change){ "apply", "chrony", "", CONF, "stock", OURS });
	assert_forgets(journal, "time1", "time1 is a host of ");
	assert_int_equal(journal_kept(journal, "web1", &id, &err), 0);
	assert_int_equal(id, 1);
	assert_forgets(journal, "web1", "");
	assert_int_equal(journal_kept(journal, "web1", &id, &err), 0);
	assert_int_equal(id, 0);
	assert_int_equal(journal_read(journal, 2, false, &arena, &run, &err), 1);
	assert_string_equal(run.kind, "release --forget");
	assert_string_equal(run.words, "web1");
	assert_int_equal(run.host_count, 1);
	assert_string_equal(run.hosts[0].outcome, "done");
	arena_free(&arena);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(each_file_is_what_it_was_before_the_first_change),
		TEST(the_daemon_is_the_one_of_before_the_first_migration),
		TEST(where_the_agent_alone_came_nothing_is_given_back),
		TEST(what_a_release_left_is_not_what_was_before),
		TEST(after_a_purge_it_comes_anew),
		TEST(a_journal_that_does_not_reach_back_is_told),
		TEST(the_first_change_is_kept_however_many_runs_there_are),
		TEST(who_is_gone_for_good_is_managed_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
