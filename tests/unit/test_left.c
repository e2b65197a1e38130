#include "orchestrator/runs/left.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake_journal.h"

#define SITE                                                                                       \
	"site: lab\nupstreams: [{name: up1, address: 192.0.2.101}]\ntiers: [{name: core, "         \
	"upstreams: all, servers: [{name: time1, address: 192.0.2.1}]}]\n"
#define WITH(hosts) SITE "clients: [{name: web, from: core, hosts: [" hosts "]}]\n"
#define THEN WITH("{name: web1, address: 192.0.2.11}")

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

/* A run that was carried out on one host: its file became @after; NULL: it went. */
static int64_t
change(struct journal *journal, const char *kind, const char *site, const char *host,
    const char *after)
{
	struct journal_file file = { .path = "/etc/timetier/agent.conf",
		.of_agent = true,
		.after = fake_journal_bytes(after) };
	struct journal_host entry = { .host = host,
		.daemon = "chrony",
		.outcome = "changes",
		.failed_at = "",
		.error = "",
		.note = "",
		.files = &file,
		.file_count = 1 };
	struct journal_run run = { .kind = kind,
		.who = "root@ops",
		.words = "",
		.site = "lab",
		.site_file = "site.yaml",
		.site_text = site,
		.begun_ns = NS_PER_S };
	struct error err;

	assert_int_equal(journal_begin(journal, &run, &err), 0);
	assert_int_equal(journal_add_hosts(journal, run.id, &entry, 1, &err), 0);
	assert_int_equal(journal_host_begun(journal, entry.id, NS_PER_S, &err), 0);
	entry.ended_ns = 2 * NS_PER_S;
	entry.outcome = "done";
	assert_int_equal(journal_host_ended(journal, &entry, &err), 0);
	assert_int_equal(journal_end(journal, run.id, 0, 3 * NS_PER_S, &err), 0);
	return run.id;
}

static void
load(struct topology *topology, const char *text)
{
	struct diags diags = { .errors = 0 };

	if (topology_load_text(topology, "site.yaml", text, strlen(text), &diags) < 0) {
		fail_msg("%s", diags.list[0].text);
	}
	diags_free(&diags);
}

/* Who has left a site; of one, his line as JSON would have it. */
static void
assert_left(struct journal *journal, const char *now, const char *want)
{
	struct left left = { .list = NULL };
	struct topology topology;
	struct error err;
	char text[200] = "";

	load(&topology, now);
	assert_int_equal(left_find(journal, &topology, &left, &err), 0);
	for (size_t i = 0; i < left.count; i++) {
		size_t used = strlen(text);

		snprintf(text + used, sizeof(text) - used, "%s%s %s %s", used ? ", " : "",
		    left.list[i].name, left.list[i].address ? left.list[i].address : "-",
		    left.list[i].renamed ? left.list[i].renamed : "-");
	}
	assert_string_equal(text, want);
	left_done(&left);
	topology_free(&topology);
}

static void
who_is_no_host_any_more_has_left(void **state)
{
	change(*state, "apply", THEN, "web1", "conf");
	assert_left(*state, THEN, "");
	assert_left(*state, SITE, "web1 192.0.2.11 -");
}

static void
who_was_renamed_has_left_until_the_next_apply(void **state)
{
	static const char now[] = WITH("{name: shop1, address: 192.0.2.11}");

	change(*state, "apply", THEN, "web1", "conf");
	assert_left(*state, now, "web1 192.0.2.11 shop1");
	change(*state, "apply", now, "shop1", "conf");
	assert_left(*state, now, "");
}

static void
who_was_let_go_has_not_left(void **state)
{
	change(*state, "apply", THEN, "web1", "conf");
	change(*state, "release files", THEN, "web1", "plain");
	assert_left(*state, SITE, "web1 192.0.2.11 -");
	change(*state, "release", THEN, "web1", NULL);
	assert_left(*state, SITE, "");
	/* and may come back */
	change(*state, "apply", THEN, "web1", "conf");
	assert_left(*state, SITE, "web1 192.0.2.11 -");
}

static void
who_has_nothing_of_ours_has_not_left(void **state)
{
	change(*state, "agent install", THEN, "web1", "conf");
	change(*state, "agent remove", THEN, "web1", NULL);
	assert_left(*state, SITE, "");
	change(*state, "apply", THEN, "web1", "conf");
	change(*state, "rollback", THEN, "web1", "what was before");
	assert_left(*state, SITE, "");
}

static void
a_site_that_cannot_be_read_any_more_hides_nobody(void **state)
{
	change(*state, "apply", "no: site\n", "web1", "conf");
	assert_left(*state, SITE, "web1 - -");
}

static int
load_site(struct journal *journal, char **words, int count, struct topology *then)
{
	struct topology now;
	struct error err;
	int status;

	load(&now, SITE);
	status = left_site(journal, &now, words, count, then, &err);
	topology_free(&now);
	return status;
}

static void
who_left_is_reached_by_the_site_of_then(void **state)
{
	char *left[] = { (char[]){ "web1" } }, *both[] = { (char[]){ "time1" }, left[0] },
	     *none[] = { both[0] }, *mixed[] = { left[0], (char[]){ "web2" } };
	struct topology then;

	change(*state, "apply", WITH("{name: web2, address: 192.0.2.12}"), "web2", "conf");
	change(*state, "apply", THEN, "web1", "conf");
	assert_int_equal(load_site(*state, none, 1, &then), 0);
	assert_int_equal(load_site(*state, left, 1, &then), 1);
	assert_string_equal(topology_host(&then, "web1")->addresses.list[0].text, "192.0.2.11");
	topology_free(&then);
	assert_int_equal(load_site(*state, both, 2, &then), 1);
	topology_free(&then);
	/* they never stood in one site */
	assert_int_equal(load_site(*state, mixed, 2, &then), -1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(who_is_no_host_any_more_has_left),
		TEST(who_was_renamed_has_left_until_the_next_apply),
		TEST(who_was_let_go_has_not_left),
		TEST(who_has_nothing_of_ours_has_not_left),
		TEST(a_site_that_cannot_be_read_any_more_hides_nobody),
		TEST(who_left_is_reached_by_the_site_of_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
