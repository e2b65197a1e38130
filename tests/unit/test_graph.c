/*
 * What is left when parts of a site go, held against brute force on random small sites, and what
 * wrong sources do, held against the selection of real daemons.  SEED=N repeats a run.
 * Long, because each site is judged twice, once without the fake_graph.
 */
#include "common/buf.h"
#include "common/ntp/select.h"
#include "orchestrator/graph/names.h"
#include "orchestrator/graph/words.h"
#include "tests/fake_graph.h"

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
	unsigned country_of[UPSTREAMS_MAX];   /* COUNTRIES: none is known */
	unsigned reference_of[UPSTREAMS_MAX]; /* one of `references`, or SOURCE_0 and an upstream */
	bool probed[UPSTREAMS_MAX];
	struct {
		bool asks_upstream[UPSTREAMS_MAX], asks_tier[TIERS_MAX];
		unsigned servers, quorum;                         /* quorum 0: not written */
		unsigned link[SERVERS_MAX], network[SERVERS_MAX]; /* link 0: none */
	} tier[TIERS_MAX];
};

/* What is lost, by its kind and its number. */
struct gone {
	enum graph_kind kind;
	unsigned number, tier;         /* tier: of a server */
	const struct graph_part *part; /* NULL: nothing is lost with it, or not looked for */
};

#define COUNTRIES 3
static const char *const countries[COUNTRIES] = { "DE", "FR", "SE" };
#define SOURCE_0 2
static const char *const references[SOURCE_0] = { "GPS", "10.9.9.9" };

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
		plan->country_of[u] = pick(COUNTRIES + 1);
		plan->probed[u] = pick(4) > 0;
		plan->reference_of[u] = pick(SOURCE_0 + plan->upstreams);
		buf_printf(out, "  - {name: u%u, address: 10.1.%u.%u, operator: o%u", u,
		    plan->network_of[u], 100 + u, plan->operator_of[u]);
		if (plan->country_of[u] < COUNTRIES) {
			buf_printf(out, ", country: %s", countries[plan->country_of[u]]);
		}
		buf_text(out, "}\n");
	}
	buf_text(out, "tiers:\n");
	for (unsigned t = 0; t < plan->tiers; t++) {
		draw_tier(plan, t);
		write_tier(plan, t, out);
	}
}

/* What was seen of the upstreams of @plan; @texts: memory for their addresses */
static void
see(const struct plan *plan, char texts[][16], struct graph_seen *seen)
{
	for (unsigned u = 0; u < plan->upstreams; u++) {
		snprintf(texts[u], 16, "10.1.%u.%u", plan->network_of[u], 100 + u);
	}
	for (unsigned u = 0; u < plan->upstreams; u++) {
		unsigned reference = plan->reference_of[u];

		seen[u] = (struct graph_seen){ 0 };
		if (plan->probed[u]) {
			seen[u].address = texts[u];
			seen[u].reference = reference < SOURCE_0 ? references[reference]
								 : texts[reference - SOURCE_0];
		}
	}
}

/* Whether @u is, or follows, that reference. */
static bool
follows(const struct plan *plan, unsigned u, unsigned reference)
{
	return plan->probed[u] && (plan->reference_of[u] == reference || u + SOURCE_0 == reference);
}

static bool
upstream_gone(const struct plan *plan, unsigned u, const struct gone *gone, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if ((gone[i].kind == GRAPH_UPSTREAM && gone[i].number == u) ||
		    (gone[i].kind == GRAPH_OPERATOR && gone[i].number == plan->operator_of[u]) ||
		    (gone[i].kind == GRAPH_COUNTRY && gone[i].number == plan->country_of[u]) ||
		    (gone[i].kind == GRAPH_REFERENCE && follows(plan, u, gone[i].number)) ||
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
		list[count++] = (struct gone){ GRAPH_UPSTREAM, u, 0, NULL };
	}
	for (unsigned i = 0; i < 4; i++) {
		list[count++] = (struct gone){ GRAPH_OPERATOR, i, 0, NULL };
		list[count++] = (struct gone){ GRAPH_NETWORK, i, 0, NULL };
	}
	for (unsigned i = 0; i < COUNTRIES; i++) {
		list[count++] = (struct gone){ GRAPH_COUNTRY, i, 0, NULL };
	}
	for (unsigned i = 0; i < SOURCE_0 + plan->upstreams; i++) {
		list[count++] = (struct gone){ GRAPH_REFERENCE, i, 0, NULL };
	}
	list[count++] = (struct gone){ GRAPH_LINK, 1, 0, NULL };
	list[count++] = (struct gone){ GRAPH_LINK, 2, 0, NULL };
	for (unsigned t = 0; t < plan->tiers; t++) {
		for (unsigned s = 0; s < plan->tier[t].servers; s++) {
			list[count++] = (struct gone){ GRAPH_SERVER, s, t, NULL };
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

	for (size_t i = 0; i < fake_graph.part_count; i++) {
		if (is_part(plan, &fake_graph.parts[i], gone)) {
			assert_null(found); /* parts that take the same are one part */
			found = &fake_graph.parts[i];
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
		parts[used] = gone[i].part;
		used += parts[used] != NULL;
	}
	graph_lose(&fake_graph, parts, used, left);
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
		taken[t] = right.effect >= GRAPH_BELOW && right.effect > fake_graph.tiers[t].now;
	}
}

/* Whether @gone may be one of a pair: an operator of which all sources stand in one country may. */
static bool
is_of_pairs(const struct gone *gone)
{
	return gone->part->kind != GRAPH_COUNTRY && gone->part->kind != GRAPH_REFERENCE;
}

/* Lose each part, then each pair of parts, and count what takes a tier. */
static void
compare_all(const struct plan *plan)
{
	struct gone all[64], pair[2];
	bool alone[64][TIERS_MAX], both[TIERS_MAX];
	size_t total = list_gone(plan, all), count = 0, found[2][TIERS_MAX] = { { 0 } };

	for (size_t i = 0; i < total; i++) {
		bool again;

		all[i].part = part_of(plan, &all[i]);
		again = all[i].part == NULL;
		for (size_t k = 0; k < count && !again; k++) {
			again = all[k].part == all[i].part;
		}
		compare(plan, &all[i], 1, both);
		if (!again) {
			memcpy(alone[count], both, sizeof(both));
			all[count++] = all[i];
		}
	}
	assert_int_equal(count, fake_graph.part_count);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = i + 1; k < count; k++) {
			pair[0] = all[i];
			pair[1] = all[k];
			compare(plan, pair, 2, both);
			if (!is_of_pairs(&pair[0]) || !is_of_pairs(&pair[1])) {
				continue;
			}
			for (unsigned t = 0; t < plan->tiers; t++) {
				found[1][t] += both[t] && !alone[i][t] && !alone[k][t];
			}
		}
		for (unsigned t = 0; t < plan->tiers; t++) {
			found[0][t] += alone[i][t];
		}
	}
	for (unsigned t = 0; t < plan->tiers; t++) {
		assert_int_equal(fake_graph.tiers[t].losses[0].count, found[0][t]);
		assert_int_equal(fake_graph.tiers[t].losses[1].count, found[1][t]);
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
		struct graph_seen seen[UPSTREAMS_MAX];
		char texts[UPSTREAMS_MAX][16];
		struct buf text = { 0 };
		struct plan plan;

		seed = number;
		draw(&plan, &text);
		see(&plan, texts, seen);
		graph_load(buf_str(&text), seen);
		assert_int_equal(fake_graph.examined[1], fake_graph.part_count);
		for (unsigned t = 0; t < plan.tiers; t++) {
			assert_int_equal(fake_graph.tiers[t].sources, sources_of(&plan, t));
			assert_int_equal(fake_graph.tiers[t].quorum, quorum_of(&plan, t));
		}
		compare_all(&plan);
		graph_unload();
		buf_free(&text);
		seed = first;
	}
}

static void
a_network_of_the_internet_is_told_from_one_inside(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool is_public;
	} cases[] = { { "0.0.0.0/0", true }, { "::/0", true }, { "8.8.8.0/24", true },
		{ "10.0.0.0/8", false }, { "10.1.2.0/24", false }, { "8.0.0.0/5", true },
		{ "172.16.0.0/12", false }, { "172.32.0.0/16", true }, { "192.0.2.7/32", false },
		{ "224.0.1.0/24", false }, { "2001:db8:1::/48", false }, { "2000::/3", true },
		{ "2001:67c::/32", true }, { "fd00::/8", false }, { "fe80::/64", false } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct network network;

		assert_int_equal(network_parse(cases[i].text, &network, NULL), 0);
		if (network_is_public(&network) != cases[i].is_public) {
			fail_msg("%s", cases[i].text);
		}
	}
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
	graph_load(buf_str(&text), NULL);
	assert_int_equal(fake_graph.tiers[49].sources, 1000);
	assert_int_equal(fake_graph.tiers[49].operators, 500);
	assert_int_equal(fake_graph.tiers[49].liars, 499);
	assert_int_equal(fake_graph.examined[0], fake_graph.part_count);
	assert_true(fake_graph.examined[1] >= 50 && fake_graph.examined[1] < 1000);
	assert_int_equal(fake_graph.tiers[49].losses[0].count, 2); /* its server, and its network */
	graph_unload();
	buf_free(&text);
}

static const struct graph_part *
clock_of(const char *server)
{
	for (size_t i = 0; i < fake_graph.part_count; i++) {
		if (fake_graph.parts[i].kind == GRAPH_CLOCK &&
		    strcmp(fake_graph.parts[i].name, server) == 0) {
			return &fake_graph.parts[i];
		}
	}
	fail_msg("no part is the clock of %s", server);
	return NULL;
}

static void
the_clocks_of_a_server_are_sources_and_a_part_of_their_own(void **state UNUSED)
{
	const struct graph_part *lost[2];
	struct graph_loss left[2];
	struct buf words = { 0 };

	graph_load("site: x\n"
		   "upstreams: [{name: a, address: 10.0.0.1}, {name: b, address: 10.0.1.1}]\n"
		   "tiers:\n"
		   "  - name: roof\n"
		   "    upstreams: all\n"
		   "    quorum: 3\n"
		   "    servers:\n"
		   "      - {name: s1, address: 10.1.0.1, refclocks: [{name: GPS, type: shm}]}\n"
		   "      - {name: s2, address: 10.1.1.1, refclocks: [{name: GPS, type: shm}]}\n"
		   "  - {name: low, from: roof, servers: [{name: s3, address: 10.1.2.1}]}\n",
	    NULL);
	assert_int_equal(fake_graph.tiers[0].sources, 3);
	assert_int_equal(fake_graph.tiers[0].clocks, 1);
	assert_int_equal(fake_graph.tiers[0].stratum, 1);
	assert_int_equal(fake_graph.tiers[1].stratum, 2);
	lost[0] = clock_of("s1");
	lost[1] = clock_of("s2");
	graph_lose(&fake_graph, lost, 0, left);
	assert_int_equal(left[0].effect, GRAPH_KEPT);
	graph_lose(&fake_graph, lost, 1, left);
	assert_int_equal(left[0].effect, GRAPH_PARTLY);
	assert_int_equal(left[0].left, 3);
	graph_lose(&fake_graph, lost, 2, left);
	assert_int_equal(left[0].effect, GRAPH_BELOW);
	assert_int_equal(left[0].left, 2);
	assert_int_equal(left[1].effect, GRAPH_BELOW);
	assert_true(left[1].above);
	words_tier(&fake_graph.tiers[0], &words);
	assert_string_equal(buf_str(&words),
	    "2 servers, each with 2 sources outside the site, of 2 operators, and 1 hardware clock "
	    "of their own; 3 of these 3 must agree.");
	buf_reset(&words);
	words_part(lost[0], &words);
	assert_string_equal(buf_str(&words), "clock of s1");
	buf_free(&words);
	graph_unload();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clocks_of_a_server_are_sources_and_a_part_of_their_own),
		cmocka_unit_test(wrong_sources_do_what_they_do_to_a_real_selection),
		cmocka_unit_test(the_day_of_usno_is_what_real_daemons_made_of_it),
		cmocka_unit_test(random_sites_lose_what_brute_force_loses),
		cmocka_unit_test(a_network_of_the_internet_is_told_from_one_inside),
		cmocka_unit_test(a_very_large_site_is_answered_in_bounded_work),
	};
	const char *given = getenv("SEED");

	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	print_message("SEED=%llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
