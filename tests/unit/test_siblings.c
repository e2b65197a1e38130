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
		{ 5, "", "", 4, SIBLINGS_COMBINED, SIBLINGS_HELP },
		{ 5, "", "", 1, SIBLINGS_NONE, SIBLINGS_NONE },
		{ 5, "", "    peering: none\n", 4, SIBLINGS_NONE, SIBLINGS_NONE },
		{ 5, "", "    peering: symmetric\n", 4, SIBLINGS_SYMMETRIC, SIBLINGS_SYMMETRIC },
		{ 5, "", "    isolated: true\n", 4, SIBLINGS_ORPHANS, SIBLINGS_ORPHANS },
		{ 4, "", "", 4, SIBLINGS_COMBINED, SIBLINGS_HELP },
		{ 7, "", "", 5, SIBLINGS_COMBINED, SIBLINGS_HELP },
		{ 7, "", "    quorum: 4\n", 5, SIBLINGS_COMBINED, SIBLINGS_HELP },
		{ 7, "", "", 3, SIBLINGS_COMBINED, SIBLINGS_HELP },
		{ 4, "", "", 5, SIBLINGS_COMBINED, SIBLINGS_OUTVOTE },
		{ 5, ", nts: true", "", 4, SIBLINGS_COMBINED, SIBLINGS_UNEVEN },
		{ 1, ", nts: true", "", 2, SIBLINGS_COMBINED, SIBLINGS_OUTVOTE },
		{ 2, ", nts: true", "", 2, SIBLINGS_COMBINED, SIBLINGS_UNEVEN },
		{ 5, ", prefer: true", "", 4, SIBLINGS_COMBINED, SIBLINGS_PREFERRED },
		{ 5, ", noselect: true", "", 4, SIBLINGS_COMBINED, SIBLINGS_HELP },
		{ 4, ", noselect: true", "", 4, SIBLINGS_COMBINED, SIBLINGS_OUTVOTE },
	};
	struct topology topology;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct host *host = begin(&topology, cases[i].upstreams, cases[i].upstream,
		    cases[i].keys, cases[i].servers);

		if (host_siblings_use(&topology, host, false, false) != cases[i].ntpd ||
		    host_siblings_use(&topology, host, true, true) != cases[i].chrony) {
			fail_msg("case %zu", i);
		}
		topology_free(&topology);
	}
}

static void
nobody_follows_in_a_ring(void **state UNUSED)
{
	/* whom each server of a tier may follow, as bits */
	static const struct {
		const char *keys;
		unsigned servers, follows[6];
	} cases[] = {
		{ "", 3, { 06, 05, 03 } },
		{ "", 4, { 06, 05, 03, 07 } },
		{ "", 5, { 06, 05, 03, 07, 017 } },
		{ "    quorum: 4\n", 4, { 016, 015, 013, 07 } },
		{ "    quorum: 2\n", 4, { 02, 01, 03, 07 } },
	};
	struct topology topology;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct tier *tier =
		    begin(&topology, 7, "", cases[i].keys, cases[i].servers)->tier;

		for (size_t s = 0; s < tier->server_count; s++) {
			unsigned follows = 0;

			for (size_t k = 0; k < tier->server_count; k++) {
				follows |= (unsigned)(k != s &&
					       host_may_follow(tier->servers[s], tier->servers[k]))
				    << k;
			}
			if (follows != cases[i].follows[s]) {
				fail_msg("case %zu, server %zu: %#o", i, s, follows);
			}
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
keys_of_siblings_do_not_set_them_above_sources_without(void **state UNUSED)
{
	static const struct {
		const char *upstream, *keys;
		unsigned servers;
		bool ignores;
	} cases[] = {
		{ "", "", 4, true },
		{ "", "", 1, false },
		{ "", "    isolated: true\n", 4, true },
		{ "", "    peering: none\n", 4, false },
		/* they are only watched there, and chronyd does not rank whom it only watches */
		{ ", nts: true", "", 4, false },
		/* the upstream with NTS stands beside them, and above the others, as it should */
		{ ", nts: true", "    isolated: true\n", 4, false },
	};
	struct topology topology;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct host *host =
		    begin(&topology, 5, cases[i].upstream, cases[i].keys, cases[i].servers);

		if (host_ignores_proof(&topology, host) != cases[i].ignores) {
			fail_msg("case %zu", i);
		}
		topology_free(&topology);
	}
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
		cmocka_unit_test(nobody_follows_in_a_ring),
		cmocka_unit_test(a_client_has_no_siblings),
		cmocka_unit_test(keys_of_siblings_do_not_set_them_above_sources_without),
		cmocka_unit_test(siblings_are_known_by_each_of_their_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
