/* What the graph says, in the words that a reader of `check --what-if` and of the review gets. */
#include "common/buf.h"
#include "orchestrator/graph/words.h"
#include "tests/fake_graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
assert_words(void (*words)(const struct graph_tier *, struct buf *), const char *expected)
{
	struct buf text = { 0 };

	words(&fake_graph.tiers[0], &text);
	assert_string_equal(buf_str(&text), expected);
	buf_free(&text);
}

static void
assert_losses(unsigned tier, unsigned parts, const char *expected)
{
	struct buf text = { 0 };

	words_losses(&fake_graph, &fake_graph.tiers[tier], parts, &text);
	assert_string_equal(buf_str(&text), expected);
	buf_free(&text);
}

static void
a_good_site_is_told_in_words(void **state UNUSED)
{
	graph_load("site: a\n"
		   "upstreams:\n"
		   "  - {name: ptb1, address: ptbtime1.ptb.de, operator: PTB}\n"
		   "  - {name: ptb2, address: ptbtime2.ptb.de}\n"
		   "  - {name: netnod, address: sth1.ntp.se}\n"
		   "  - {name: inrim, address: ntp1.inrim.it}\n"
		   "  - {name: gum, address: tempus1.gum.gov.pl}\n"
		   "tiers:\n"
		   "  - name: core\n"
		   "    upstreams: all\n"
		   "    servers:\n"
		   "      - {name: time1, address: 192.0.2.1, link: a}\n"
		   "      - {name: time2, address: 198.51.100.1, link: a}\n"
		   "      - {name: time3, address: 203.0.113.1, link: b}\n"
		   "  - name: branch\n"
		   "    from: core\n"
		   "    servers: [{name: b1, address: 10.0.0.1}]\n",
	    NULL);
	assert_words(words_tier,
	    "3 servers, each with 5 sources outside the site, of 4 operators; 3 of these 5 must "
	    "agree.");
	assert_words(
	    words_liars, "Up to 2 of its 5 sources may be wrong at once: the others outvote them.");
	assert_words(words_spare, "Up to 2 of its 5 sources may be silent.");
	assert_words(words_day,
	    "With all sources of PTB wrong by 12 years (2 of 5), the other 3 outvote them: the "
	    "time stays right, also of a server that starts just then.");
	assert_losses(0, 1, "No single loss takes its time.");
	assert_losses(0, 2,
	    "Any two of its 3 servers: clients need 2. operator PTB (2 sources) and source netnod, "
	    "source inrim or source gum: 2 of 5 sources are left, and 3 must agree. link a (2 "
	    "servers) and link b (1 server) or server time3: 0 of 5 sources are left, and 3 must "
	    "agree.");
	assert_int_equal(fake_graph.tiers[1].depth, 2);
	assert_int_equal(fake_graph.tiers[1].losses[0].count, 2); /* link a, and its server */
	graph_unload();
}

static void
a_site_of_one_link_loses_its_time_with_it(void **state UNUSED)
{
	graph_load("site: a\n"
		   "upstreams:\n"
		   "  - {name: a, address: ntp.a.example, operator: A}\n"
		   "  - {name: b, address: ntp.b.example, operator: A}\n"
		   "  - {name: c, address: ntp.c.example, operator: A}\n"
		   "  - {name: d, address: ntp.d.example, operator: B}\n"
		   "tiers:\n"
		   "  - name: core\n"
		   "    upstreams: all\n"
		   "    servers:\n"
		   "      - {name: time1, address: 192.0.2.1, link: isp}\n"
		   "      - {name: time2, address: 192.0.2.2, link: isp}\n"
		   "      - {name: time3, address: 192.0.2.3, link: isp}\n",
	    NULL);
	assert_losses(0, 1,
	    "operator A (3 sources): 1 of 4 sources is left, and 3 must agree. link isp (3 "
	    "servers): 0 of 4 sources are left, and 3 must agree. network 192.0.2.0/24 (3 "
	    "servers): all its servers are gone.");
	assert_words(
	    words_liars, "Up to 1 of its 4 sources may be wrong at once: the others outvote it.");
	assert_words(words_day,
	    "With all sources of A wrong by 12 years (3 of 4), they outvote the other 1. No clock "
	    "that runs follows, because the correction is beyond the limit: servers run on by "
	    "their own clocks, and an ntpd ends. A server that starts just then has no right "
	    "time.");
	graph_unload();
}

static void
what_stands_in_one_country_or_follows_one_reference_goes_together(void **state UNUSED)
{
	static const struct graph_seen seen[] = { { "ntp.a.example", "GPS" },
		{ "192.0.2.200", "GPS" }, { "ntp.c.example", "192.0.2.200" },
		{ "ntp.d.example", "GPS" } };

	graph_load("site: a\n"
		   "upstreams:\n"
		   "  - {name: a, address: ntp.a.example, country: DE}\n"
		   "  - {name: b, address: 192.0.2.200, country: DE}\n"
		   "  - {name: c, address: ntp.c.example, country: DE}\n"
		   "  - {name: d, address: ntp.d.example, operator: B}\n"
		   "tiers:\n"
		   "  - name: core\n"
		   "    upstreams: all\n"
		   "    servers: [{name: time1, address: 198.51.100.1}]\n",
	    seen);
	assert_losses(0, 1,
	    "country DE (3 sources): 1 of 4 sources is left, and 3 must agree. reference GPS (3 "
	    "sources): 1 of 4 sources is left, and 3 must agree. reference 192.0.2.200 (2 "
	    "sources): "
	    "2 of 4 sources are left, and 3 must agree. And 1 more.");
	graph_unload();
}

static void
one_server_of_one_source_has_no_two_to_lose(void **state UNUSED)
{
	graph_load(
	    "site: a\nupstreams: [{name: a, address: ntp.a.example}]\n"
	    "tiers: [{name: core, upstreams: all, servers: [{name: s, address: 192.0.2.1}]}]\n",
	    NULL);
	assert_losses(0, 2, "No two losses at once take its time.");
	graph_unload();
}

/* A tier that is alone by design is not below anything. */
static void
an_isolated_tier_has_nothing_to_lose_but_its_servers(void **state UNUSED)
{
	graph_load("site: a\n"
		   "tiers:\n"
		   "  - name: core\n"
		   "    isolated: true\n"
		   "    servers:\n"
		   "      - {name: time1, address: 192.0.2.1}\n"
		   "      - {name: time2, address: 192.0.2.2}\n"
		   "      - {name: time3, address: 192.0.2.3}\n",
	    NULL);
	assert_words(words_tier, "3 servers, without any source: they keep a time of their own.");
	assert_int_equal(fake_graph.tiers[0].now, GRAPH_BELOW);
	assert_losses(0, 1, "It has no time from outside as it is.");
	assert_losses(0, 2, "It has no time from outside as it is.");
	assert_int_equal(fake_graph.tiers[0].losses[0].count, 1); /* the network */
	assert_int_equal(fake_graph.tiers[0].losses[1].count, 3); /* any two servers */
	graph_unload();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_site_is_told_in_words),
		cmocka_unit_test(a_site_of_one_link_loses_its_time_with_it),
		cmocka_unit_test(what_stands_in_one_country_or_follows_one_reference_goes_together),
		cmocka_unit_test(one_server_of_one_source_has_no_two_to_lose),
		cmocka_unit_test(an_isolated_tier_has_nothing_to_lose_but_its_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
