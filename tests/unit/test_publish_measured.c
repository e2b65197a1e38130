/* What the page says of a host whose agent measured what its daemon tells only root. */
#include "orchestrator/publish/api_host.h"
#include "orchestrator/publish/summary.h"
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW (1000000 * NS_PER_S)

static const char site_yaml[] =
    "site: x\n"
    "upstreams: [{name: a, address: 192.0.2.101}]\n"
    "tiers: [{name: core, upstreams: all, servers: [{name: t1, address: 192.0.2.1}]}]\n"
    "clients: [{name: web, from: core, hosts: web1}]\n"
    "budget: {offset: 5ms, error_bound: 50ms}\n";

static struct report
measured_report(void)
{
	struct report report = { .host = "web1",
		.boot_id = "b",
		.session_id = "s",
		.seq = 1,
		.boot_ns = NS_PER_S,
		.interval_ns = 64 * NS_PER_S,
		.daemon = "openntpd",
		.runs = true,
		.measured = true,
		.measured_age_ns = 90 * NS_PER_S,
		.error = "only root may ask OpenNTPD",
		.verdict = { .kind = VERDICT_SAFE },
		.rtc_offset_ns = INT64_MAX,
		.status = { .stratum = 3,
		    .offset_ns = -1500,
		    .root_dispersion_ns = 1000,
		    .update_age_ns = -1,
		    .source_count = 1 } };

	report.status.sources[0] = (struct source_status){
		.address = "192.0.2.1", .state = SOURCE_UNKNOWN, .auth = AUTH_NONE, .reach = 1
	};
	return report;
}

/* Its figures are shown, with the word whose they are; what only the daemon knows is not. */
static void
what_an_agent_measured_is_shown_as_measured(void **state UNUSED)
{
	struct report report = measured_report();
	struct fleet fleet;
	struct names names;
	struct topology topology;
	struct diags diags = { 0 };
	struct fleet_host *row;
	int64_t read_ns;
	struct buf out = { 0 };
	const char *text;

	assert_int_equal(
	    topology_load_text(&topology, "site.yaml", site_yaml, strlen(site_yaml), &diags), 0);
	diags_free(&diags);
	fleet_init(&fleet, &topology, NOW);
	names_init(&names, &topology);
	assert_int_equal(fleet_take(&fleet, &report, NOW, &row, &read_ns), FLEET_LATEST);
	assert_true(is_heard(row) && row->health == HEALTH_GOOD);

	api_host_full(&out, row, &names, NOW + NS_PER_S);
	text = buf_str(&out);
	assert_non_null(strstr(text,
	    "\"by_agent\":{\"age_ns\":91000000000,\"why\":\"only root may ask OpenNTPD\"},"
	    "\"offset_ns\":-1500,"));
	assert_non_null(strstr(text, "\"source\":null"));
	assert_non_null(strstr(text, "\"state\":\"measured\",\"auth_words\""));
	assert_non_null(strstr(text, "\"verdict\":{\"kind\":\"safe\""));
	buf_free(&out);
	names_done(&names);
	fleet_done(&fleet);
	topology_free(&topology);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_agent_measured_is_shown_as_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
