/* What the servers of a tier are to each other. */
#include "common/diag.h"
#include "orchestrator/topology/siblings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Load a site of five upstreams, in which time1 is of a tier with @keys and @servers servers. */
static const struct host *
begin(struct topology *topology, unsigned upstreams, const char *upstream_keys, const char *keys,
    unsigned servers)
{
	struct diags diags = { 0 };
	char text[4096];
	int len = snprintf(text, sizeof(text), "site: x\nupstreams:\n");

	for (unsigned i = 1; i <= upstreams; i++) {
		len += snprintf(text + len, sizeof(text) - (size_t)len,
		    "  - {name: u%u, address: 192.0.2.10%u%s}\n", i, i,
		    i == 1 ? upstream_keys : "");
	}
	len += snprintf(text + len, sizeof(text) - (size_t)len,
	    "tiers:\n  - name: core\n    upstreams: all\n%s    servers:\n", keys);
	for (unsigned i = 1; i <= servers; i++) {
		len += snprintf(text + len, sizeof(text) - (size_t)len,
		    "      - {name: time%u, address: [192.0.2.%u, \"2001:db8::%u\"], daemon: "
		    "chrony}\n",
		    i, i, i);
	}
	len += snprintf(text + len, sizeof(text) - (size_t)len,
	    "  - name: edge\n    from: core\n    servers:\n"
	    "      - {name: edge1, address: 192.0.2.21}\n"
	    "clients:\n  - {name: web, from: core, hosts: web1}\n");
	if (topology_load_text(topology, "site.yaml", text, (size_t)len, &diags)) {
		diags_print(&diags, stderr, false);
		fail();
	}
	diags_free(&diags);
	return topology_host(topology, "time1");
}

static void
siblings_help_where_they_cannot_bar_sources_outside(void **state UNUSED)
{
	static const struct {
		unsigned upstreams;
		const char *upstream, *keys;
		unsigned servers;
		enum siblings_use ntpd, chrony;
	} cases[] = {
		{ 5, "", "", 4, SIBLINGS_HELP, SIBLINGS_HELP },
		{ 5, "", "", 1, SIBLINGS_NONE, SIBLINGS_NONE },
		{ 5, "", "    peering: none\n", 4, SIBLINGS_NONE, SIBLINGS_NONE },
		{ 5, "", "    peering: symmetric\n", 4, SIBLINGS_SYMMETRIC, SIBLINGS_SYMMETRIC },
		{ 5, "", "    isolated: true\n", 4, SIBLINGS_ORPHANS, SIBLINGS_ORPHANS },
		{ 4, "", "", 4, SIBLINGS_HELP, SIBLINGS_HELP },
		{ 7, "", "", 5, SIBLINGS_HELP, SIBLINGS_RING },
		{ 7, "", "    quorum: 4\n", 5, SIBLINGS_HELP, SIBLINGS_HELP },
		{ 4, "", "", 5, SIBLINGS_OUTVOTE, SIBLINGS_OUTVOTE },
		{ 5, ", nts: true", "", 4, SIBLINGS_HELP, SIBLINGS_UNEVEN },
		{ 1, ", nts: true", "", 2, SIBLINGS_OUTVOTE, SIBLINGS_OUTVOTE },
		{ 2, ", nts: true", "", 2, SIBLINGS_HELP, SIBLINGS_UNEVEN },
	};
	struct topology topology;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct host *host = begin(&topology, cases[i].upstreams, cases[i].upstream,
		    cases[i].keys, cases[i].servers);

		if (host_siblings_use(&topology, host, true, false) != cases[i].ntpd ||
		    host_siblings_use(&topology, host, false, true) != cases[i].chrony) {
			fail_msg("case %zu", i);
		}
		topology_free(&topology);
	}
}

static void
a_client_has_no_siblings(void **state UNUSED)
{
	struct topology topology;
	const struct host *web;

	begin(&topology, 5, "", "", 4);
	web = topology_host(&topology, "web1");
	assert_int_equal(host_siblings_use(&topology, web, true, false), SIBLINGS_NONE);
	assert_false(host_is_sibling(web, "192.0.2.1"));
	topology_free(&topology);
}

static void
the_ceiling_is_above_whoever_may_be_followed(void **state UNUSED)
{
	struct topology topology;
	const struct host *host = begin(&topology, 2, ", stratum: 4", "", 4);

	assert_int_equal(tier_ceiling(host->tier), 7);
	/* the tier below may have sources that follow siblings of siblings */
	assert_int_equal(tier_ceiling(topology_host(&topology, "edge1")->tier), 10);
	topology_free(&topology);
	/* what site.yaml does not tell may be as high as public servers are */
	host = begin(&topology, 2, ", stratum: 1", "", 4);
	assert_int_equal(tier_ceiling(host->tier), 6);
	topology_free(&topology);
	host = begin(&topology, 1, ", stratum: 1", "", 4);
	assert_int_equal(tier_ceiling(host->tier), 4);
	topology_free(&topology);
	host = begin(&topology, 1, ", stratum: 15", "", 4);
	assert_int_equal(tier_ceiling(host->tier), 15);
	topology_free(&topology);
}

static void
siblings_are_known_by_each_of_their_addresses(void **state UNUSED)
{
	struct topology topology;
	const struct host *host = begin(&topology, 5, "", "", 3);

	assert_true(host_is_sibling(host, "192.0.2.3"));
	assert_true(host_is_sibling(host, "2001:DB8:0::3"));
	assert_false(host_is_sibling(host, "192.0.2.1"));
	assert_false(host_is_sibling(host, "192.0.2.21"));
	assert_false(host_is_sibling(host, "192.0.2.101"));
	assert_false(host_is_sibling(host, "time2"));
	assert_false(host_is_sibling(host, ""));
	topology_free(&topology);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siblings_help_where_they_cannot_bar_sources_outside),
		cmocka_unit_test(a_client_has_no_siblings),
		cmocka_unit_test(the_ceiling_is_above_whoever_may_be_followed),
		cmocka_unit_test(siblings_are_known_by_each_of_their_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
