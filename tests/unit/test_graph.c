/*
 * What is left when parts of a site go, held against brute force on random small sites, and what
 * wrong sources do, held against the selection of real daemons.  SEED=N repeats a run.
 * Long, because each site is judged twice, once without the graph.
 */
#include "common/buf.h"
#include "common/ntp/select.h"
#include "orchestrator/graph/graph.h"
#include "orchestrator/graph/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define SITES 2000
#define UPSTREAMS_MAX 8
#define TIERS_MAX 3
#define SERVERS_MAX 4 /* of one tier */
#define TWELVE_YEARS (INT64_C(378691200) * NS_PER_S)

static uint64_t seed, number;

static unsigned
pick(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

/* A site as the test itself knows it: what it writes to site.yaml, and nothing read from there. */
struct plan {
	unsigned upstreams, tiers;
	unsigned operator_of[UPSTREAMS_MAX], network_of[UPSTREAMS_MAX];
	struct {
		bool asks_upstream[UPSTREAMS_MAX], asks_tier[TIERS_MAX];
		unsigned servers, quorum;                         /* quorum 0: not written */
		unsigned link[SERVERS_MAX], network[SERVERS_MAX]; /* link 0: none */
	} tier[TIERS_MAX];
};

/* What is lost, by its kind and its number. */
struct gone {
	enum graph_kind kind;
	unsigned number, tier; /* tier: of a server */
};

static struct topology topology;
static struct graph graph;

static void
load(const char *text)
{
	struct diags diags = { 0 };

	if (topology_load_text(&topology, "site.yaml", text, strlen(text), &diags) != 0) {
		diags_print(&diags, stderr, false);
		fail_msg("the site does not load:\n%s", text);
	}
	diags_free(&diags);
	graph_make(&graph, &topology);
}

static void
unload(void)
{
	graph_free(&graph);
	topology_free(&topology);
}

static void
draw_tier(struct plan *plan, unsigned t)
{
	unsigned sources = 0;

	for (unsigned u = 0; u < plan->upstreams; u++) {
		plan->tier[t].asks_upstream[u] = t == 0 ? pick(4) > 0 : pick(6) == 0;
		sources += plan->tier[t].asks_upstream[u];
	}
	for (unsigned above = 0; above < t; above++) {
		plan->tier[t].asks_tier[above] = pick(2) == 0;
		sources += plan->tier[t].asks_tier[above] ? plan->tier[above].servers : 0;
	}
	if (sources == 0) {
		plan->tier[t].asks_upstream[0] = true;
	}
	plan->tier[t].servers = 1 + pick(SERVERS_MAX);
	plan->tier[t].quorum = pick(3) == 0 ? 1 + pick(5) : 0;
	for (unsigned s = 0; s < plan->tier[t].servers; s++) {
		plan->tier[t].link[s] = pick(3);
		plan->tier[t].network[s] = pick(4);
	}
}

/* Add `key: [names]`, of those that @plan has. */
static void
write_names(const char *key, char letter, const bool *asks, unsigned count, struct buf *out)
{
	bool any = false;

	for (unsigned i = 0; i < count; i++) {
		if (asks[i]) {
			if (any) {
				buf_text(out, ", ");
			} else {
				buf_printf(out, "    %s: [", key);
			}
			buf_printf(out, "%c%u", letter, i);
			any = true;
		}
	}
	buf_text(out, any ? "]\n" : "");
}

static void
write_tier(const struct plan *plan, unsigned t, struct buf *out)
{
	buf_printf(out, "  - name: t%u\n", t);
	write_names("upstreams", 'u', plan->tier[t].asks_upstream, plan->upstreams, out);
	write_names("from", 't', plan->tier[t].asks_tier, t, out);
	if (plan->tier[t].quorum > 0) {
		buf_printf(out, "    quorum: %u\n", plan->tier[t].quorum);
	}
	buf_text(out, "    servers:\n");
	for (unsigned s = 0; s < plan->tier[t].servers; s++) {
		buf_printf(out, "      - {name: s%u-%u, address: 10.1.%u.%u", t, s,
		    plan->tier[t].network[s], 10 * t + s + 1);
		if (plan->tier[t].link[s] > 0) {
			buf_printf(out, ", link: l%u", plan->tier[t].link[s]);
		}
		buf_text(out, "}\n");
	}
}

static void
draw(struct plan *plan, struct buf *out)
{
	*plan = (struct plan){ .upstreams = 1 + pick(UPSTREAMS_MAX), .tiers = 1 + pick(TIERS_MAX) };
	buf_text(out, "site: random\nupstreams:\n");
	for (unsigned u = 0; u < plan->upstreams; u++) {
		plan->operator_of[u] = pick(4);
		plan->network_of[u] = pick(4);
		buf_printf(out, "  - {name: u%u, address: 10.1.%u.%u, operator: o%u}\n", u,
		    plan->network_of[u], 100 + u, plan->operator_of[u]);
	}
	buf_text(out, "tiers:\n");
	for (unsigned t = 0; t < plan->tiers; t++) {
		draw_tier(plan, t);
		write_tier(plan, t, out);
	}
}

static bool
upstream_gone(const struct plan *plan, unsigned u, const struct gone *gone, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if ((gone[i].kind == GRAPH_UPSTREAM && gone[i].number == u) ||
		    (gone[i].kind == GRAPH_OPERATOR && gone[i].number == plan->operator_of[u]) ||
		    (gone[i].kind == GRAPH_NETWORK && gone[i].number == plan->network_of[u])) {
			return true;
		}
	}
	return false;
}

static bool
server_gone(const struct plan *plan, unsigned t, unsigned s, const struct gone *gone, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if ((gone[i].kind == GRAPH_SERVER && gone[i].tier == t && gone[i].number == s) ||
		    (gone[i].kind == GRAPH_NETWORK && gone[i].number == plan->tier[t].network[s])) {
			return true;
		}
	}
	return false;
}

static bool
link_gone(const struct plan *plan, unsigned t, unsigned s, const struct gone *gone, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (gone[i].kind == GRAPH_LINK && gone[i].number == plan->tier[t].link[s]) {
			return true;
		}
	}
	return false;
}

static unsigned
sources_of(const struct plan *plan, unsigned t)
{
	unsigned count = 0;

	for (unsigned u = 0; u < plan->upstreams; u++) {
		count += plan->tier[t].asks_upstream[u];
	}
	for (unsigned above = 0; above < t; above++) {
		count += plan->tier[t].asks_tier[above] ? plan->tier[above].servers : 0;
	}
	return count;
}

static unsigned
quorum_of(const struct plan *plan, unsigned t)
{
	unsigned count = sources_of(plan, t);

	return plan->tier[t].quorum > 0 ? plan->tier[t].quorum : count >= 5 ? 3 : count / 2 + 1;
}

/* How many sources server @s of tier @t can use: by recursion, one host after the other. */
static unsigned
usable(const struct plan *plan, unsigned t, unsigned s, const struct gone *gone, size_t count)
{
	unsigned found = 0;

	for (unsigned u = 0; u < plan->upstreams; u++) {
		found += plan->tier[t].asks_upstream[u] && !link_gone(plan, t, s, gone, count) &&
		    !upstream_gone(plan, u, gone, count);
	}
	for (unsigned above = 0; above < t; above++) {
		for (unsigned o = 0;
		     plan->tier[t].asks_tier[above] && o < plan->tier[above].servers; o++) {
			found += !server_gone(plan, above, o, gone, count) &&
			    usable(plan, above, o, gone, count) >= quorum_of(plan, above);
		}
	}
	return found;
}

/* What is left of tier @t, by brute force. */
static struct graph_loss
left_of(const struct plan *plan, unsigned t, const struct gone *gone, size_t count)
{
	struct graph_loss left = { .effect = GRAPH_KEPT };
	unsigned fed = 0;

	for (unsigned s = 0; s < plan->tier[t].servers; s++) {
		unsigned can = usable(plan, t, s, gone, count);

		if (!server_gone(plan, t, s, gone, count)) {
			left.servers++;
			left.left = can > left.left ? can : left.left;
			fed += can >= quorum_of(plan, t);
		}
	}
	if (left.servers == 0) {
		left.effect = GRAPH_GONE;
	} else if (2 * left.servers <= plan->tier[t].servers) {
		left.effect = GRAPH_FEW;
	} else if (fed == 0) {
		left.effect = GRAPH_BELOW;
	} else if (fed < left.servers) {
		left.effect = GRAPH_PARTLY;
	}
	return left;
}

/* Everything in @plan that can be lost. */
static size_t
list_gone(const struct plan *plan, struct gone list[64])
{
	size_t count = 0;

	for (unsigned u = 0; u < plan->upstreams; u++) {
		list[count++] = (struct gone){ GRAPH_UPSTREAM, u, 0 };
	}
	for (unsigned i = 0; i < 4; i++) {
		list[count++] = (struct gone){ GRAPH_OPERATOR, i, 0 };
		list[count++] = (struct gone){ GRAPH_NETWORK, i, 0 };
	}
	list[count++] = (struct gone){ GRAPH_LINK, 1, 0 };
	list[count++] = (struct gone){ GRAPH_LINK, 2, 0 };
	for (unsigned t = 0; t < plan->tiers; t++) {
		for (unsigned s = 0; s < plan->tier[t].servers; s++) {
			list[count++] = (struct gone){ GRAPH_SERVER, s, t };
		}
	}
	return count;
}

/* Whether @part takes the upstream, or the host, with the index @index. */
static bool
takes(const struct graph_part *part, bool host, size_t index)
{
	size_t from = host ? part->upstream_count : 0;
	size_t count = host ? part->server_count : part->upstream_count;

	for (size_t i = from; i < from + count; i++) {
		if (part->members[i] == index) {
			return true;
		}
	}
	return false;
}

/* Whether @part takes exactly what @gone does. */
static bool
is_part(const struct plan *plan, const struct graph_part *part, const struct gone *gone)
{
	bool link = gone->kind == GRAPH_LINK;
	size_t host = 0;

	if (link != (part->kind == GRAPH_LINK)) {
		return false;
	}
	for (unsigned u = 0; u < plan->upstreams; u++) {
		if (takes(part, false, u) != upstream_gone(plan, u, gone, 1)) {
			return false;
		}
	}
	for (unsigned t = 0; t < plan->tiers; t++) {
		for (unsigned s = 0; s < plan->tier[t].servers; s++) {
			if (takes(part, true, host++) !=
			    (link ? link_gone(plan, t, s, gone, 1)
				  : server_gone(plan, t, s, gone, 1))) {
				return false;
			}
		}
	}
	return true;
}

/* The part of the graph that takes what @gone does; NULL: nothing is lost with it. */
static const struct graph_part *
part_of(const struct plan *plan, const struct gone *gone)
{
	const struct graph_part *found = NULL;

	for (size_t i = 0; i < graph.part_count; i++) {
		if (is_part(plan, &graph.parts[i], gone)) {
			assert_null(found); /* parts that take the same are one part */
			found = &graph.parts[i];
		}
	}
	return found;
}

/* Lose @count of @gone, and compare each tier.  Counts tiers that this takes in @taken. */
static void
compare(const struct plan *plan, const struct gone *gone, size_t count, bool taken[TIERS_MAX])
{
	const struct graph_part *parts[2] = { NULL };
	struct graph_loss left[TIERS_MAX];
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		parts[used] = part_of(plan, &gone[i]);
		used += parts[used] != NULL;
	}
	graph_lose(&graph, parts, used, left);
	for (unsigned t = 0; t < plan->tiers; t++) {
		struct graph_loss right = left_of(plan, t, gone, count);

		if (left[t].effect != right.effect || left[t].left != right.left ||
		    left[t].servers != right.servers) {
			fail_msg("seed %llu: tier t%u without %s and %s: %s, %u sources, %u "
				 "servers; by brute force %s, %u, %u",
			    (unsigned long long)number, t, used > 0 ? parts[0]->name : "nothing",
			    used > 1 ? parts[1]->name : "nothing",
			    graph_effect_word(left[t].effect), left[t].left, left[t].servers,
			    graph_effect_word(right.effect), right.left, right.servers);
		}
		taken[t] = right.effect >= GRAPH_BELOW && right.effect > graph.tiers[t].now;
	}
}

/* Lose each part, then each pair of parts, and count what takes a tier. */
static void
compare_all(const struct plan *plan)
{
	struct gone all[64], pair[2];
	bool alone[64][TIERS_MAX], both[TIERS_MAX];
	size_t total = list_gone(plan, all), count = 0, found[2][TIERS_MAX] = { { 0 } };

	for (size_t i = 0; i < total; i++) {
		bool again = part_of(plan, &all[i]) == NULL;

		for (size_t k = 0; k < count && !again; k++) {
			again = part_of(plan, &all[k]) == part_of(plan, &all[i]);
		}
		compare(plan, &all[i], 1, both);
		if (!again) {
			memcpy(alone[count], both, sizeof(both));
			all[count++] = all[i];
		}
	}
	assert_int_equal(count, graph.part_count);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = i + 1; k < count; k++) {
			pair[0] = all[i];
			pair[1] = all[k];
			compare(plan, pair, 2, both);
			for (unsigned t = 0; t < plan->tiers; t++) {
				found[1][t] += both[t] && !alone[i][t] && !alone[k][t];
			}
		}
		for (unsigned t = 0; t < plan->tiers; t++) {
			found[0][t] += alone[i][t];
		}
	}
	for (unsigned t = 0; t < plan->tiers; t++) {
		assert_int_equal(graph.tiers[t].losses[0].count, found[0][t]);
		assert_int_equal(graph.tiers[t].losses[1].count, found[1][t]);
	}
}

/* Whether a chronyd with @quorum is right when @wrong of its @count sources are 12 years behind. */
static bool
is_right(unsigned count, unsigned quorum, unsigned wrong)
{
	struct select_source sources[SELECT_SOURCES_MAX] = { { 0 } };
	struct select_rules rules = select_chrony;
	struct select_result result;

	rules.min_survivors = quorum;
	for (unsigned i = 0; i < count; i++) {
		sources[i] = (struct select_source){ .fit = true,
			.stratum = 1,
			.offset_ns = (i < wrong ? -TWELVE_YEARS : 0) + (int64_t)i * NS_PER_US,
			.distance_ns = 10 * NS_PER_MS,
			.jitter_ns = NS_PER_MS };
	}
	ntp_select(&rules, sources, count, &result);
	return result.synced && llabs(result.offset_ns) < NS_PER_S;
}

static void
wrong_sources_do_what_they_do_to_a_real_selection(void **state UNUSED)
{
	for (unsigned count = 1; count <= 20; count++) {
		for (unsigned quorum = 1; quorum <= count; quorum++) {
			unsigned liars = graph_liars(count, quorum);

			for (unsigned wrong = 0; wrong <= count; wrong++) {
				enum graph_day day = graph_day_of(count, quorum, wrong);
				bool right = is_right(count, quorum, wrong);

				if (right != (day == GRAPH_RIGHT || day == GRAPH_IF_FIRST)) {
					fail_msg("%u of %u wrong, quorum %u: %s", wrong, count,
					    quorum, graph_day_word(day));
				}
				assert_true(wrong == 0 || right == (wrong <= liars));
			}
		}
	}
}

/* The rows of "The day of USNO" in doc/restart-scenarios.md, which real daemons made. */
static void
the_day_of_usno_is_what_real_daemons_made_of_it(void **state UNUSED)
{
	assert_int_equal(graph_day_of(5, 3, 5), GRAPH_WRONG);
	assert_int_equal(graph_day_of(5, 3, 3), GRAPH_WRONG);
	assert_int_equal(graph_day_of(5, 3, 2), GRAPH_RIGHT);
	assert_int_equal(graph_day_of(6, 3, 1), GRAPH_RIGHT);
	assert_int_equal(graph_day_of(4, 3, 2), GRAPH_STALEMATE);
	assert_int_equal(graph_day_of(8, 3, 3), GRAPH_IF_FIRST);
}

static void
random_sites_lose_what_brute_force_loses(void **state UNUSED)
{
	for (number = seed; number < seed + SITES; number++) {
		uint64_t first = seed;
		struct buf text = { 0 };
		struct plan plan;

		seed = number;
		draw(&plan, &text);
		load(buf_str(&text));
		assert_int_equal(graph.examined[1], graph.part_count);
		for (unsigned t = 0; t < plan.tiers; t++) {
			assert_int_equal(graph.tiers[t].sources, sources_of(&plan, t));
			assert_int_equal(graph.tiers[t].quorum, quorum_of(&plan, t));
		}
		compare_all(&plan);
		unload();
		buf_free(&text);
		seed = first;
	}
}

static void
assert_words(void (*words)(const struct graph_tier *, struct buf *), const char *expected)
{
	struct buf text = { 0 };

	words(&graph.tiers[0], &text);
	assert_string_equal(buf_str(&text), expected);
	buf_free(&text);
}

static void
assert_losses(unsigned tier, unsigned parts, const char *expected)
{
	struct buf text = { 0 };

	words_losses(&graph, &graph.tiers[tier], parts, &text);
	assert_string_equal(buf_str(&text), expected);
	buf_free(&text);
}

static void
a_good_site_is_told_in_words(void **state UNUSED)
{
	load("site: a\n"
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
	     "    servers: [{name: b1, address: 10.0.0.1}]\n");
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
	assert_int_equal(graph.tiers[1].depth, 2);
	assert_int_equal(graph.tiers[1].losses[0].count, 2); /* link a, and its server */
	unload();
}

static void
a_site_of_one_link_loses_its_time_with_it(void **state UNUSED)
{
	load("site: a\n"
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
	     "      - {name: time3, address: 192.0.2.3, link: isp}\n");
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
	unload();
}

/* A tier that is alone by design is not below anything. */
static void
an_isolated_tier_has_nothing_to_lose_but_its_servers(void **state UNUSED)
{
	load("site: a\n"
	     "tiers:\n"
	     "  - name: core\n"
	     "    isolated: true\n"
	     "    servers:\n"
	     "      - {name: time1, address: 192.0.2.1}\n"
	     "      - {name: time2, address: 192.0.2.2}\n"
	     "      - {name: time3, address: 192.0.2.3}\n");
	assert_words(words_tier, "3 servers, without any source: they keep a time of their own.");
	assert_int_equal(graph.tiers[0].now, GRAPH_BELOW);
	assert_losses(0, 1, "It has no time from outside as it is.");
	assert_int_equal(graph.tiers[0].losses[0].count, 1); /* the network */
	assert_int_equal(graph.tiers[0].losses[1].count, 3); /* any two servers */
	unload();
}

/* The work is bounded; that it is quick is for the bench. */
static void
a_very_large_site_is_answered_in_bounded_work(void **state UNUSED)
{
	struct buf text = { 0 };

	buf_text(&text, "site: a\nupstreams:\n");
	for (unsigned i = 0; i < 1000; i++) {
		buf_printf(&text, "  - {name: u%u, address: 10.%u.%u.1, operator: o%u}\n", i,
		    i / 250, i % 250, i / 2);
	}
	buf_text(&text, "tiers:\n");
	for (unsigned i = 0; i < 50; i++) {
		buf_printf(&text,
		    "  - {name: t%u, upstreams: all, servers: [{name: s%u, address: "
		    "192.0.2.%u}]}\n",
		    i, i, i + 1);
	}
	load(buf_str(&text));
	assert_int_equal(graph.tiers[49].sources, 1000);
	assert_int_equal(graph.tiers[49].operators, 500);
	assert_int_equal(graph.tiers[49].liars, 499);
	assert_int_equal(graph.examined[0], graph.part_count);
	assert_true(graph.examined[1] >= 50 && graph.examined[1] < 1000);
	assert_int_equal(graph.tiers[49].losses[0].count, 2); /* its server, and its network */
	unload();
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_sources_do_what_they_do_to_a_real_selection),
		cmocka_unit_test(the_day_of_usno_is_what_real_daemons_made_of_it),
		cmocka_unit_test(random_sites_lose_what_brute_force_loses),
		cmocka_unit_test(a_good_site_is_told_in_words),
		cmocka_unit_test(a_site_of_one_link_loses_its_time_with_it),
		cmocka_unit_test(an_isolated_tier_has_nothing_to_lose_but_its_servers),
		cmocka_unit_test(a_very_large_site_is_answered_in_bounded_work),
	};
	const char *given = getenv("SEED");

	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	print_message("SEED=%llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
