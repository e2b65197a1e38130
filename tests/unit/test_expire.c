/* What a site says until a day is gone after that day. */
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
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
	topology_expire(&site, END_NS + DAY_NS);
	assert_int_equal(site.verify_count, 0);
	topology_free(&site);
	diags_free(&diags);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proof_of_membership_ends_with_its_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
