/* Summary, JSON, metrics, routes of a fleet.  Long, because each state of one has its words. */
#include "common/buf.h"
#include "orchestrator/publish/api.h"
#include "orchestrator/publish/metrics.h"
#include "orchestrator/publish/routes.h"
#include "orchestrator/publish/summary.h"
#include "tests/fake_fleet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW FAKE_FLEET_NOW

static void
take_good(struct fake_fleet *world, const char *host)
{
	struct report report = fake_fleet_report(host);

	fake_fleet_take(world, &report);
}

static struct headline
headline_of(struct fake_fleet *world, struct arena *arena)
{
	struct headline headline;

	summarise(&world->collector.fleet, arena, &headline);
	return headline;
}

static void
take_all_good(struct fake_fleet *world)
{
	static const char *const hosts[] = { "time1", "time2", "web1", "web2" };

	for (size_t i = 0; i < COUNT(hosts); i++) {
		take_good(world, hosts[i]);
	}
}

static void
before_any_report_nothing_is_known(void **state)
{
	struct arena arena = { 0 };
	struct headline headline = headline_of(*state, &arena);

	assert_int_equal(headline.state, SITE_UNKNOWN);
	assert_string_equal(headline.text, "No host has reported yet");
	assert_string_equal(headline.restart_text, "Not known: no host is heard");
	arena_free(&arena);
}

static void
all_good_is_good(void **state)
{
	struct arena arena = { 0 };
	struct headline headline;

	take_all_good(*state);
	headline = headline_of(*state, &arena);
	assert_int_equal(headline.state, SITE_GOOD);
	assert_null(headline.worst);
	assert_string_equal(headline.restart_text, "Yes, a restart is safe on all 4 hosts");
	arena_free(&arena);
}

static void
a_site_of_one_host_is_no_crowd(void **state)
{
	struct fake_fleet *world = *state;
	struct arena arena = { 0 };
	struct headline headline;
	size_t count = world->collector.fleet.count;

	world->collector.fleet.count = 1;
	world->topology.tier_count = 0;
	take_good(world, "time1");
	headline = headline_of(world, &arena);
	assert_string_equal(headline.detail,
	    "The only host, time1, is within budget, and within 2.50 us of true time");
	assert_string_equal(headline.restart_text, "Yes, a restart is safe");
	fleet_judge(&world->collector.fleet, NOW + 3600 * NS_PER_S);
	assert_string_equal(headline_of(world, &arena).text, "Nothing is known of 1 of 1 host");
	world->collector.fleet.count = count;
	arena_free(&arena);
}

/* What is said where all others are good, and web2 sends @report. */
static struct headline
beside_good_hosts(void *world, struct report *report, struct arena *arena)
{
	take_good(world, "time1");
	take_good(world, "time2");
	take_good(world, "web1");
	fake_fleet_take(world, report);
	return headline_of(world, arena);
}

static void
one_bad_client_degrades_the_site_and_is_named(void **state)
{
	struct report report = fake_fleet_report("web2");
	struct arena arena = { 0 };
	struct headline headline;

	report.status.offset_ns = 20 * NS_PER_MS;
	headline = beside_good_hosts(*state, &report, &arena);
	assert_int_equal(headline.state, SITE_DEGRADED);
	assert_string_equal(headline.text, "Time is good on 3 of 4 hosts");
	assert_string_equal(
	    headline.detail, "web2 is over budget: the offset, 20.0 ms, is beyond 5.00 ms");
	arena_free(&arena);
}

static void
a_tier_without_a_good_server_is_bad(void **state)
{
	struct report first = fake_fleet_report("time1"), second = fake_fleet_report("time2");
	struct arena arena = { 0 };
	struct headline headline;

	first.status.stratum = second.status.stratum = 16;
	fake_fleet_take(*state, &first);
	fake_fleet_take(*state, &second);
	take_good(*state, "web1");
	take_good(*state, "web2");
	headline = headline_of(*state, &arena);
	assert_int_equal(headline.state, SITE_BAD);
	assert_string_equal(headline.text, "No server of core has good time");
	arena_free(&arena);
}

static void
a_tier_that_has_nobody_but_itself_is_degraded_and_says_so(void **state)
{
	struct arena arena = { 0 };

	for (size_t i = 0; i < 2; i++) {
		struct report report = fake_fleet_report(i == 0 ? "time1" : "time2");
		report.status.source_count = 0;
		fake_fleet_add_source(
		    &report, i == 0 ? "2001:db8::2" : "192.0.2.1", SOURCE_SELECTED);
		report.status.sources[0].reach = 1;
		fake_fleet_take(*state, &report);
	}
	assert_string_equal(
	    headline_of(*state, &arena).text, "No server of core follows a source outside it");
	arena_free(&arena);
}

static void
daemons_that_have_just_begun_settle_and_are_not_bad(void **state)
{
	static const char *const hosts[] = { "time1", "time2", "web1", "web2" };
	struct report mute = fake_fleet_report("web2");
	struct arena arena = { 0 };
	struct headline headline;

	for (size_t i = 0; i < COUNT(hosts); i++) {
		struct report report = fake_fleet_report(hosts[i]);

		report.status.root_dispersion_ns = 200 * NS_PER_MS;
		report.boot_ns = 100 * NS_PER_S;
		report.proof =
		    (struct proof){ .state = PROOF_WATCHING, .started_boot_ns = 70 * NS_PER_S };
		fake_fleet_take(*state, &report);
	}
	headline = headline_of(*state, &arena);
	assert_int_equal(headline.state, SITE_DEGRADED);
	assert_string_equal(headline.text, "Time settles on 4 of 4 hosts");
	assert_string_equal(headline.detail,
	    "time1 is settling: the daemon started 30.0 s ago; its error bound, 200 ms, is still "
	    "beyond 50.0 ms, which may last for 570 s more");
	mute.seq = 2;
	mute.answered = false;
	mute.runs = true;
	fake_fleet_take(*state, &mute);
	assert_string_equal(headline_of(*state, &arena).text, "Time settles on 3 of 4 hosts");
	arena_free(&arena);
}

static void
a_daemon_that_gives_no_answer_is_named_with_the_reason(void **state)
{
	struct report report = fake_fleet_report("web2");
	struct arena arena = { 0 };
	struct headline headline;

	report.answered = false;
	report.runs = true;
	snprintf(report.error, sizeof(report.error), "only root may ask OpenNTPD");
	headline = beside_good_hosts(*state, &report, &arena);
	assert_int_equal(headline.state, SITE_DEGRADED);
	assert_string_equal(headline.detail, "web2 gives no answer: only root may ask OpenNTPD");
	arena_free(&arena);
}

static void
silence_of_most_hosts_is_not_good(void **state)
{
	struct fake_fleet *world = *state;
	struct arena arena = { 0 };
	struct headline headline;

	take_all_good(world);
	fleet_judge(&world->collector.fleet, NOW + 3600 * NS_PER_S);
	headline = headline_of(world, &arena);
	assert_int_equal(headline.state, SITE_UNKNOWN);
	assert_string_equal(headline.text, "Nothing is known of 4 of 4 hosts");
	assert_int_equal(headline.verdicts[VERDICT_SAFE], 0);
	arena_free(&arena);
}

static void
a_step_is_worth_more_words_than_a_verdict_that_is_not_known(void **state)
{
	struct report step = fake_fleet_report("time2"), unknown = fake_fleet_report("web1");
	struct arena arena = { 0 };
	struct headline headline;

	take_good(*state, "time1");
	take_good(*state, "web2");
	step.verdict.kind = VERDICT_STEP;
	step.verdict.amount_ns = -200 * NS_PER_MS;
	unknown.verdict.kind = VERDICT_UNKNOWN;
	fake_fleet_take(*state, &unknown);
	fake_fleet_take(*state, &step);
	headline = headline_of(*state, &arena);
	assert_string_equal(
	    headline.restart_text, "Safe on 2 of 4 hosts; time2 would step by -200 ms");
	step.seq++;
	step.verdict = (struct verdict){ .kind = VERDICT_STEP,
		.reasons = { "offset 22 ms, with its error of 490 ms perhaps beyond 128 ms it "
			     "steps" },
		.reason_count = 1 };
	fake_fleet_take(*state, &step);
	assert_string_equal(headline_of(*state, &arena).restart_text,
	    "Safe on 2 of 4 hosts; time2 may step: offset 22 ms, with its error of 490 ms perhaps "
	    "beyond 128 ms it steps");
	arena_free(&arena);
}

static const char *
restart_text(struct fake_fleet *world, struct arena *arena)
{
	return headline_of(world, arena).restart_text;
}

static void
who_would_follow_nobody_is_told_with_every_verdict(void **state)
{
	struct report slew = fake_fleet_report("time2"), safe = fake_fleet_report("web1");
	struct arena arena = { 0 };

	take_good(*state, "time1");
	take_good(*state, "web2");
	slew.verdict =
	    (struct verdict){ .kind = VERDICT_SLEW, .degraded = true, .amount_ns = 30 * NS_PER_MS };
	fake_fleet_take(*state, &slew);
	fake_fleet_take(*state, &safe);
	assert_string_equal(restart_text(*state, &arena),
	    "Safe on 3 of 4 hosts; time2 would slew by 30.0 ms and follow no source");
	safe.seq++;
	safe.verdict.degraded = true;
	fake_fleet_take(*state, &safe);
	assert_string_equal(restart_text(*state, &arena),
	    "Safe on 2 of 4 hosts; time2 would slew by 30.0 ms; 2 would follow no source, as web1");
	slew.seq++;
	slew.verdict = (struct verdict){ .kind = VERDICT_SLEW,
		.reasons = { "no drift file: the frequency is measured anew", "besides" },
		.reason_count = 2 };
	fake_fleet_take(*state, &slew);
	assert_string_equal(restart_text(*state, &arena),
	    "Safe on 2 of 4 hosts; time2 would slew: no drift file: the frequency is measured "
	    "anew; 1 would follow no source, as web1");
	arena_free(&arena);
}

static void
a_host_that_was_not_heard_yet_is_said_to_be_just_that(void **state)
{
	struct report report = fake_fleet_report("time1");
	struct arena arena = { 0 };
	struct headline headline;

	report.status.stratum = 16;
	take_good(*state, "web1");
	take_good(*state, "web2");
	take_good(*state, "time1");
	headline = headline_of(*state, &arena);
	assert_string_equal(headline.detail,
	    "Nothing was heard from time2 yet: no report has come since the collector began");
	report.seq++;
	fake_fleet_take(*state, &report);
	headline = headline_of(*state, &arena);
	assert_string_equal(headline.text, "No server of core is known to have good time");
	report.seq++;
	report.answered = false;
	fake_fleet_take(*state, &report);
	assert_string_equal(
	    restart_text(*state, &arena), "Safe on 2 of 4 hosts; time1 cannot be judged");
	arena_free(&arena);
}

static char *
fleet_text(const struct fake_fleet *world, bool brief, int64_t now_ns)
{
	struct rows_query query = { .brief = brief, .limit = SIZE_MAX };
	struct error err;
	char *text = api_fleet(&world->collector, &query, now_ns, &err);

	assert_non_null(text);
	return text;
}

/* Where a host does not tell, as chronyd does not, site.yaml does. */
static void
a_sibling_that_is_measured_only_is_what_was_declared(void **state)
{
	struct fake_fleet *world = *state;
	struct report report = fake_fleet_report("time1");
	struct source_status *sibling = &report.status.sources[report.status.source_count];
	struct arena arena = { 0 };
	struct edge_list edges;
	struct buf out = { 0 };
	char *text;

	fake_fleet_add_source(&report, "2001:db8::2", SOURCE_REJECTED);
	sibling->noselect = true;
	sibling->stratum = 2;
	sibling->declared_auth = AUTH_KEY;
	fake_fleet_take(world, &report);
	text = fleet_text(world, false, NOW);
	assert_non_null(strstr(
	    text, "\"address\":\"2001:db8::2\",\"auth\":\"unknown\",\"declared_auth\":\"key\""));
	assert_non_null(
	    strstr(text, "\"state\":\"measured\",\"auth_words\":\"key (as declared)\""));
	assert_non_null(strstr(text, "\"auth_words\":\"key (as declared)\",\"name\":\"time2\""));
	assert_non_null(strstr(text, "\"auth_words\":\"none\",\"name\":\"alder\""));
	assert_null(strstr(text, "rejected"));
	free(text);
	metrics_write(&world->collector, METRICS_ALL, NOW, &out);
	assert_non_null(strstr(buf_str(&out), "{host=\"time1\",state=\"measured\"} 1\n"));
	assert_non_null(strstr(buf_str(&out), "{host=\"time1\",state=\"rejected\"} 0\n"));
	buf_free(&out);
	summarise_edges(&world->collector.fleet, &world->collector.names, &arena, &edges);
	assert_int_equal(edges.list[0].auth, AUTH_NONE);
	arena_free(&arena);
}

static void
upstreams_are_what_most_hosts_make_of_them(void **state)
{
	struct fake_fleet *world = *state;
	struct arena arena = { 0 };
	struct upstream_view *views;

	take_good(world, "time1");
	take_good(world, "time2");
	views = summarise_upstreams(&world->collector.fleet, &world->collector.names, &arena);
	assert_int_equal(views[0].state, SOURCE_SELECTED);
	assert_int_equal(views[1].state, SOURCE_FALSETICKER);
	assert_int_equal(views[1].by[SOURCE_FALSETICKER], 2);
	assert_int_equal(views[1].offsets[0], 2 * NS_PER_S);
	assert_int_equal(views[2].state, SOURCE_SILENT);
	assert_int_equal(views[2].offset_count, 0);
	assert_int_equal(views[2].declared, 2);
	arena_free(&arena);
}

static const struct edge *
find_edge(const struct edge_list *edges, const char *from, const char *to)
{
	for (size_t i = 0; i < edges->count; i++) {
		if (strcmp(edges->list[i].from, from) == 0 && strcmp(edges->list[i].to, to) == 0) {
			return &edges->list[i];
		}
	}
	return NULL;
}

static void
edges_hold_the_declared_against_the_seen(void **state)
{
	struct fake_fleet *world = *state;
	struct report report = fake_fleet_report("time1"), client = fake_fleet_report("web1");
	struct arena arena = { 0 };
	struct edge_list edges;

	fake_fleet_add_source(
	    &report, "2001:db8:0::2", SOURCE_OUTLIER); /* time2, spelt another way */
	fake_fleet_add_source(&report, "203.0.113.9", SOURCE_COMBINED);
	fake_fleet_take(world, &report);
	client.status.source_count = 0;
	fake_fleet_add_source(&client, "192.0.2.1", SOURCE_SELECTED);
	fake_fleet_take(world, &client);
	summarise_edges(&world->collector.fleet, &world->collector.names, &arena, &edges);
	assert_int_equal(find_edge(&edges, "alder", "time1")->seen, 1);
	assert_int_equal(find_edge(&edges, "alder", "time2")->seen, 0);
	assert_int_equal(find_edge(&edges, "time2", "time1")->seen, 1);
	assert_int_equal(find_edge(&edges, "time2", "time1")->declared, 1);
	assert_int_equal(find_edge(&edges, "203.0.113.9", "time1")->declared, 0);
	assert_int_equal(find_edge(&edges, "time1", "web")->declared, 2);
	assert_int_equal(find_edge(&edges, "time1", "web")->selected, 1);
	arena_free(&arena);
}

static void
the_fleet_as_json_begins_with_the_worst_host(void **state)
{
	struct fake_fleet *world = *state;
	struct report report = fake_fleet_report("web2");
	const char *name, *source;
	char *text;
	json_t *json;

	take_good(world, "time1");
	report.status.offset_ns = 20 * NS_PER_MS;
	fake_fleet_take(world, &report);
	text = fleet_text(world, true, NOW + 3 * NS_PER_S);
	json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	assert_int_equal(json_unpack(json, "{s:[{s:s, s:{s:s}}]}", "hosts", "name", &name, "source",
			     "name", &source),
	    0);
	assert_string_equal(name, "web2");
	assert_string_equal(source, "alder");
	assert_int_equal(json_integer_value(json_object_get(
			     json_array_get(json_object_get(json, "hosts"), 0), "report_age_ns")),
	    3 * NS_PER_S);
	/* brief: a client's sources are left out */
	assert_null(json_object_get(json_array_get(json_object_get(json, "hosts"), 0), "sources"));
	json_decref(json);
	free(text);
}

static void
metrics_are_in_seconds_and_escaped(void **state)
{
	struct fake_fleet *world = *state;
	static const struct finding lost = { STATE_WARN, "why", true };
	struct buf out = { 0 };

	take_good(world, "time1");
	conditions_judge(&world->collector.watch.conditions, 1, CONDITION_CLOCK_LOST, &lost, NOW);
	metrics_write(&world->collector, METRICS_ALL, NOW + NS_PER_S, &out);
	assert_non_null(strstr(buf_str(&out),
	    "timetier_host_offset_seconds{host=\"time1\",role=\"server\",tier=\"core\"} "
	    "-1.5e-06\n"));
	assert_non_null(strstr(buf_str(&out), "timetier_hosts{health=\"not heard yet\"} 3\n"));
	assert_non_null(strstr(buf_str(&out),
	    "timetier_condition{code=\"clock-lost\",scope="
	    "\"host\",subject=\"time2\",state=\"warn\"} 1\n"));
	assert_non_null(strstr(
	    buf_str(&out), "timetier_upstream_users{upstream=\"cedar\",state=\"silent\"} 1\n"));
	/* What is not known is not told. */
	assert_null(strstr(buf_str(&out), "timetier_host_offset_seconds{host=\"time2\""));
	buf_reset(&out);
	metrics_write(&world->collector, METRICS_BAD, NOW + NS_PER_S, &out);
	assert_null(strstr(buf_str(&out), "host=\"time1\""));
	assert_non_null(strstr(buf_str(&out), "timetier_host_healthy{host=\"time2\""));
	buf_reset(&out);
	metrics_write(&world->collector, METRICS_NONE, NOW + NS_PER_S, &out);
	assert_null(strstr(buf_str(&out), "{host=\""));
	assert_non_null(strstr(buf_str(&out), "timetier_site_good 0\n"));
	buf_free(&out);
}

static const char *arguments[2];

static const char *
argument(void *context UNUSED, const char *name)
{
	return arguments[0] && strcmp(arguments[0], name) == 0 ? arguments[1] : NULL;
}

static unsigned
code_of(struct fake_fleet *world, const char *path)
{
	struct page page = route(&world->collector, path, argument, NULL);
	unsigned code = page.code;

	page_done(&page);
	return code;
}

static void
every_path_has_its_answer(void **state)
{
	static const struct {
		const char *path;
		unsigned code;
	} paths[] = {
		{ "/", 200 },
		{ "/app.js", 200 },
		{ "/dygraph.min.js", 200 },
		{ "/nothing", 404 },
		{ "/../secret", 404 },
		{ "/healthz", 200 },
		{ "/metrics", 200 },
		{ "/api/v1/fleet", 200 },
		{ "/api/v1/fleet/", 404 },
		{ "/api/v1/events", 200 },
		{ "/api/v1/steps", 200 },
		{ "/api/v1/health", 200 },
		{ "/api/v1/host/time1", 200 },
		{ "/api/v1/host/time1/history", 200 },
		{ "/api/v1/host/nobody", 404 },
		{ "/api/v1/host/", 404 },
		{ "/api/v1/host//history", 404 },
	};

	memset(arguments, 0, sizeof(arguments));
	for (size_t i = 0; i < COUNT(paths); i++) {
		assert_int_equal(code_of(*state, paths[i].path), paths[i].code);
	}
}

static void
a_wrong_question_is_answered_with_what_is_right(void **state)
{
	static const char *const wrong[][2] = {
		{ "points", "0" },
		{ "points", "5001" },
		{ "points", "-1" },
		{ "points", "many" },
		{ "last", "6" },
		{ "last", "6hh" },
		{ "last", "-6h" },
		{ "last", "1000000d" },
		{ "from", "yesterday" },
		{ "to", "2026-13-01T00:00:00Z" },
		{ "from", "2100-01-01T00:00:00Z" },
		{ "from", "1900-01-01T00:00:00Z" },
	};

	memset(arguments, 0, sizeof(arguments));
	for (size_t i = 0; i < COUNT(wrong); i++) {
		memcpy(arguments, wrong[i], sizeof(wrong[i]));
		assert_int_equal(code_of(*state, "/api/v1/host/time1/history"), 400);
	}
}

static void
pages_of_the_fleet_are_asked_for_by_order_limit_and_cursor(void **state)
{
	static const char *const good[] = { "limit", "0", "order", "site", "since", "x" };
	static const char *const bad[] = { "limit", "-1", "order", "name", "after", "x" };

	memset(arguments, 0, sizeof(arguments));
	for (size_t i = 0; i < COUNT(good); i += 2) {
		memcpy(arguments, &good[i], 2 * sizeof(*good));
		assert_int_equal(code_of(*state, "/api/v1/fleet"), 200);
		memcpy(arguments, &bad[i], 2 * sizeof(*bad));
		assert_int_equal(code_of(*state, "/api/v1/fleet"), 400);
	}
}

static void
steps_are_asked_for_by_host_cause_age_and_number(void **state)
{
	static const char *const good[] = { "host", "time1", "cause", "by hand", "last", "7d" };
	static const char *const bad[] = { "cause", "boredom", "limit", "501", "last", "6" };

	memset(arguments, 0, sizeof(arguments));
	for (size_t i = 0; i < COUNT(good); i += 2) {
		memcpy(arguments, &good[i], 2 * sizeof(*good));
		assert_int_equal(code_of(*state, "/api/v1/steps"), 200);
		memcpy(arguments, &bad[i], 2 * sizeof(*bad));
		assert_int_equal(code_of(*state, "/api/v1/steps"), 400);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_fleet_set_up, fake_fleet_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(before_any_report_nothing_is_known),
		TEST(all_good_is_good),
		TEST(a_site_of_one_host_is_no_crowd),
		TEST(one_bad_client_degrades_the_site_and_is_named),
		TEST(a_tier_without_a_good_server_is_bad),
		TEST(a_tier_that_has_nobody_but_itself_is_degraded_and_says_so),
		TEST(daemons_that_have_just_begun_settle_and_are_not_bad),
		TEST(a_daemon_that_gives_no_answer_is_named_with_the_reason),
		TEST(silence_of_most_hosts_is_not_good),
		TEST(a_step_is_worth_more_words_than_a_verdict_that_is_not_known),
		TEST(who_would_follow_nobody_is_told_with_every_verdict),
		TEST(a_host_that_was_not_heard_yet_is_said_to_be_just_that),
		TEST(a_sibling_that_is_measured_only_is_what_was_declared),
		TEST(upstreams_are_what_most_hosts_make_of_them),
		TEST(edges_hold_the_declared_against_the_seen),
		TEST(the_fleet_as_json_begins_with_the_worst_host),
		TEST(metrics_are_in_seconds_and_escaped),
		TEST(every_path_has_its_answer),
		TEST(a_wrong_question_is_answered_with_what_is_right),
		TEST(pages_of_the_fleet_are_asked_for_by_order_limit_and_cursor),
		TEST(steps_are_asked_for_by_host_cause_age_and_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
