/* What a site says until a day: what follows from it till then, and nothing after that day. */
#include "orchestrator/rollout/health/access.h"
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DAY_NS (86400 * NS_PER_S)
#define END_NS ((int64_t)1814400000 * NS_PER_S) /* 2027-07-01 */

static const char text[] =
    "site: s\n"
    "upstreams: [{name: u, address: 192.0.2.101}]\n"
    "tiers:\n"
    "  - {name: pool, upstreams: all, servers: [{name: p, address: 192.0.2.9, pool: true}]}\n"
    "verify:\n"
    "  - {server: p, way: association, by: v.example, until: 2027-07-01}\n"
    "  - {server: p, way: status, by: 203.0.113.9, until: 2027-06-30}\n"
    "  - {server: p, way: version, by: 203.0.113.10, until: 2027-07-01}\n";

/* The last day counts to its end, in UTC; the other entries stay, in their order. */
static void
a_proof_of_membership_ends_with_its_day(void **state UNUSED)
{
	struct diags diags = { 0 };
	struct topology site;

	assert_int_equal(topology_load_text(&site, "site.yaml", text, strlen(text), &diags), 0);
	assert_int_equal(site.verify_count, 3);
	assert_string_equal(site.verifies[1].host->name, "p");
	assert_int_equal(site.verifies[1].until_ns, END_NS);
	topology_expire(&site, END_NS - 1);
	assert_int_equal(site.verify_count, 3);
	topology_expire(&site, END_NS);
	assert_int_equal(site.verify_count, 2);
	assert_int_equal(site.verifies[0].way, VERIFY_ASSOCIATION);
	assert_int_equal(site.verifies[1].way, VERIFY_VERSION);
	assert_int_equal(
	    site.verify_past_count, 1); /* kept, for those who look whether it is gone */
	assert_int_equal(site.verifies[2].way, VERIFY_STATUS);
	topology_expire(&site, END_NS + DAY_NS);
	assert_int_equal(site.verify_count, 0);
	assert_int_equal(site.verify_past_count, 3);
	topology_free(&site);
	diags_free(&diags);
}

/* Who verifies is answered as the site says, and everybody else as before. */
static void
who_verifies_gets_what_the_way_needs(void **state UNUSED)
{
	static const char switched[] = "  - {server: p, way: switch, by: 203.0.113.8, answers: "
				       "false, until: 2027-07-01}\n"
				       "  - {server: p, way: switch, by: 203.0.113.7, until: "
				       "2027-07-01}\n";
	static const struct {
		const char *from;
		enum access_question question;
		enum access_rule wanted;
	} rows[] = {
		{ "203.0.113.9", ACCESS_STATUS, ACCESS_MUST },
		{ "203.0.113.10", ACCESS_STATUS, ACCESS_MUST_NOT },
		{ "203.0.113.9", ACCESS_TIME, ACCESS_MUST },
		{ "203.0.113.8", ACCESS_TIME, ACCESS_MUST_NOT },
		{ "203.0.113.7", ACCESS_TIME, ACCESS_MUST },
		{ "203.0.113.6", ACCESS_TIME, ACCESS_MUST },
	};
	char whole[sizeof(text) + sizeof(switched)];
	struct diags diags = { 0 };
	struct topology site;

	snprintf(whole, sizeof(whole), "%s%s", text, switched);
	assert_int_equal(topology_load_text(&site, "site.yaml", whole, strlen(whole), &diags), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ip ip;

		assert_true(ip_parse(rows[i].from, &ip));
		assert_int_equal(access_rule(&site, topology_host(&site, "p"),
				     daemon_find("ntpsec"), rows[i].question, &ip),
		    rows[i].wanted);
		assert_int_equal(access_rule(&site, topology_host(&site, "p"),
				     daemon_find("chrony"), ACCESS_STATUS, &ip),
		    ACCESS_MUST_NOT); /* chrony has no status for the network */
	}
	topology_free(&site);
	diags_free(&diags);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_verifies_gets_what_the_way_needs),
		cmocka_unit_test(a_proof_of_membership_ends_with_its_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
