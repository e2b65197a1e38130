/* Hosts page by page, and as a difference; and that what is written straight is what a tree says.
 */
#include "common/json_write.h"
#include "orchestrator/publish/rows.h"
#include "orchestrator/topology/topology.h"
#include "verdict/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW (1000000 * NS_PER_S)

static const char site_yaml[] =
    "site: test\n"
    "upstreams:\n"
    "  - {name: u1, address: 192.0.2.101}\n"
    "tiers:\n"
    "  - {name: core, upstreams: all, servers: [{name: time1, address: 192.0.2.1}]}\n"
    "clients:\n"
    "  - {name: web, from: core, hosts: \"web[1-6]\"}\n"
    "budget: {offset: 5ms, error_bound: 50ms}\n";

static struct topology topology;
static struct fleet fleet;
static struct names names;

static int
set_up(void **state UNUSED)
{
	struct diags diags = { 0 };

	assert_int_equal(
	    topology_load_text(&topology, "site.yaml", site_yaml, strlen(site_yaml), &diags), 0);
	diags_free(&diags);
	fleet_init(&fleet, &topology, NOW);
	names_init(&names, &topology);
	return 0;
}

static int
tear_down(void **state UNUSED)
{
	names_done(&names);
	fleet_done(&fleet);
	topology_free(&topology);
	return 0;
}

static struct report
report_of(const char *host, uint64_t seq, int64_t offset_ns)
{
	struct report report = {
		.boot_id = "b",
		.session_id = "s",
		.seq = seq,
		.boot_ns = (int64_t)seq * NS_PER_S,
		.interval_ns = 16 * NS_PER_S,
		.answered = true,
		.daemon = "chrony",
		.status = { .stratum = 3, .offset_ns = offset_ns, .frequency_ppm = -12.5 },
		.rtc_offset_ns = INT64_MAX,
	};

	snprintf(report.host, sizeof(report.host), "%s", host);
	report.status.source_count = 1;
	report.status.sources[0] = (struct source_status){
		.address = "192.0.2.1", .state = SOURCE_SELECTED, .reach = 0377, .age_ns = -1
	};
	return report;
}

static void
take(const char *host, uint64_t seq, int64_t offset_ns)
{
	struct report report = report_of(host, seq, offset_ns);
	struct fleet_host *row;
	int64_t read_ns;

	assert_int_equal(fleet_take(&fleet, &report, NOW + (int64_t)seq * NS_PER_S, &row, &read_ns),
	    FLEET_LATEST);
}

#define FOUND_BYTES 256

/* Asks, and adds the names of the hosts to @found; the caller frees what the answer was. */
static json_t *
ask(const struct rows_query *query, char found[FOUND_BYTES])
{
	struct buf out = { 0 };
	struct error err;
	json_t *json, *host;
	size_t i;

	json_begin(&out, NULL, '{');
	assert_int_equal(rows_write(&fleet, &names, query, NOW, &out, &err), 0);
	json_end(&out, '}');
	json_done(&out);
	json = json_loads(buf_str(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	json_array_foreach(json_object_get(json, "hosts"), i, host)
	{
		size_t len = strlen(found);

		snprintf(found + len, FOUND_BYTES - len, "%s ",
		    json_string_value(json_object_get(host, "name")));
	}
	buf_free(&out);
	return json;
}

static void
pages_in_turn_have_every_host_once_the_worst_first(void **state UNUSED)
{
	struct rows_query query = { .limit = 2 };
	json_t *json = NULL;
	char found[FOUND_BYTES] = "";

	take("time1", 1, 1000);
	take("web3", 1, 20 * NS_PER_MS);
	do {
		json_t *next = ask(&query, found);

		json_decref(json);
		json = next;
		query.after = json_string_value(json_object_get(json, "next"));
	} while (query.after);
	json_decref(json);
	assert_string_equal(found, "web3 web1 web2 web4 web5 web6 time1 ");
	query = (struct rows_query){ .limit = SIZE_MAX, .order = ROWS_SITE };
	found[0] = '\0';
	json_decref(ask(&query, found));
	assert_string_equal(found, "time1 web1 web2 web3 web4 web5 web6 ");
}

static void
a_page_is_not_lost_where_its_last_host_has_moved(void **state UNUSED)
{
	struct rows_query query = { .limit = 1 };
	char found[FOUND_BYTES] = "";
	json_t *json;

	take("time1", 1, 1000);
	take("web3", 1, 20 * NS_PER_MS);
	json = ask(&query, found);
	query.after = json_string_value(json_object_get(json, "next"));
	query.limit = SIZE_MAX;
	take("web3", 2, 1000);
	json_decref(ask(&query, found));
	json_decref(json);
	assert_string_equal(found, "web3 web1 web2 web4 web5 web6 time1 web3 ");
}

static void
a_difference_has_what_changed_last_and_nothing_else(void **state UNUSED)
{
	char revision[ROWS_REVISION_BYTES], found[FOUND_BYTES] = "";
	struct rows_query query = { .limit = SIZE_MAX, .since = revision };

	take("time1", 1, 1000);
	take("web1", 1, 1000);
	rows_revision(&fleet, revision);
	take("web2", 1, 1000);
	take("web4", 1, 1000);
	take("web2", 2, 2000);
	assert_true(rows_are_difference(&fleet, &query));
	json_decref(ask(&query, found));
	assert_string_equal(found, "web2 web4 ");
	rows_revision(&fleet, revision);
	found[0] = '\0';
	json_decref(ask(&query, found));
	assert_string_equal(found, "");
	fleet_judge(&fleet, NOW + 1000 * NS_PER_S); /* all that were heard fall silent */
	json_decref(ask(&query, found));
	assert_string_equal(found, "web4 web2 web1 time1 ");
}

static void
a_site_read_again_is_told_as_a_whole(void **state UNUSED)
{
	char revision[ROWS_REVISION_BYTES], found[FOUND_BYTES] = "";
	struct rows_query query = { .limit = SIZE_MAX, .since = revision, .order = ROWS_SITE };

	take("web1", 1, 1000);
	rows_revision(&fleet, revision);
	fleet_replace(&fleet, &fleet, &topology, NOW);
	assert_false(rows_are_difference(&fleet, &query));
	json_decref(ask(&query, found));
	assert_string_equal(found, "time1 web1 web2 web3 web4 web5 web6 ");
	rows_revision(&fleet, revision);
	take("web1", 2, 1000);
	found[0] = '\0';
	json_decref(ask(&query, found));
	assert_string_equal(found, "web1 ");
}

static void
what_is_no_cursor_or_revision_is_refused_or_told_all(void **state UNUSED)
{
	static const char *const wrong[] = { "", "x", "1.2.3", "1.2.3.4x" };
	struct rows_query query = { .limit = SIZE_MAX };
	struct buf out = { 0 };
	struct error err;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		query.after = wrong[i];
		assert_int_equal(rows_write(&fleet, &names, &query, NOW, &out, &err), -1);
		query.since = wrong[i];
		assert_false(rows_are_difference(&fleet, &query));
	}
	query.since = "ffffffffffffffffffffffff-1";
	assert_false(rows_are_difference(&fleet, &query));
	assert_int_equal(out.len, 0);
}

/* Both ways write the members of a table; @text is what the straight one made of them. */
static void
assert_same(const struct field *fields, const void *object)
{
	json_t *tree = fields_encode(fields, object), *json;
	struct buf out = { 0 };

	json_begin(&out, NULL, '{');
	json_add_fields(&out, fields, object, NULL);
	json_end(&out, '}');
	json_done(&out);
	json = json_loads(buf_str(&out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	assert_true(json_equal(json, tree));
	json_decref(json);
	json_decref(tree);
	buf_free(&out);
}

static void
what_is_written_straight_is_what_a_tree_says(void **state UNUSED)
{
	struct report report = report_of("web1", 1, INT64_MIN);

	assert_same(daemon_status_fields, &report.status);
	report.status.frequency_ppm = 3;
	snprintf(report.status.version, sizeof(report.status.version), "4\x1b\"\\\n\xff\xc3\xa9");
	assert_same(daemon_status_fields, &report.status);
	assert_same(source_status_fields, &report.status.sources[0]);
	report.steps =
	    (struct step_record){ .count = UINT64_MAX, .last_ns = -1, .last_real_ns = 7 };
	assert_same(step_record_fields, &report.steps);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(pages_in_turn_have_every_host_once_the_worst_first),
		TEST(a_page_is_not_lost_where_its_last_host_has_moved),
		TEST(a_difference_has_what_changed_last_and_nothing_else),
		TEST(a_site_read_again_is_told_as_a_whole),
		TEST(what_is_no_cursor_or_revision_is_refused_or_told_all),
		TEST(what_is_written_straight_is_what_a_tree_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
