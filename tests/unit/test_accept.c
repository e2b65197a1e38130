/* The engine: what a site accepts, what findings look like, how work grows with a site. */
#include "orchestrator/lint/lint.h"
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define NOW_NS (1796083200 * NS_PER_S) /* 2026-12-01 */

#define AT(n)                                                                                      \
	{                                                                                          \
		"site.yaml", n, 1                                                                  \
	}

/* A tier of one server with three sources: too few, and else without fault. */
struct site {
	struct topology topology;
	struct upstream upstreams[3];
	struct address addresses[3];
	struct source sources[3];
	struct tier tier;
	struct host server;
	struct host *servers[1];
	struct network_entry serve;
	struct monitor monitor;
	struct accept accepts[3];
};

static void
make_site(struct site *site)
{
	static const char *const names[] = { "a.example", "b.example", "c.example" };

	*site = (struct site){ .server = { .name = "time1", .daemon = "chrony" } };
	for (size_t i = 0; i < COUNT(site->upstreams); i++) {
		site->addresses[i] = (struct address){ .text = names[i] };
		site->upstreams[i] = (struct upstream){ .name = names[i],
			.addresses = { &site->addresses[i], 1 },
			.minpoll = 6,
			.maxpoll = 10,
			.iburst = true };
		site->sources[i] = (struct source){ .upstream = &site->upstreams[i] };
	}
	site->servers[0] = &site->server;
	site->tier = (struct tier){ .name = "core",
		.pos = AT(7),
		.sources = { site->sources, 3 },
		.peering = PEERING_NONE,
		.orphan_stratum = 10,
		.servers = site->servers,
		.server_count = 1 };
	site->server.tier = &site->tier;
	site->topology.upstreams = site->upstreams;
	site->topology.upstream_count = 3;
	site->topology.tiers = &site->tier;
	site->topology.tier_count = 1;
	site->topology.hosts = &site->server;
	site->topology.host_count = site->topology.server_count = 1;
	site->serve.network = (struct network){ { IP_V4, { 192, 0, 2 } }, 24 };
	site->topology.serve = &site->serve;
	site->topology.serve_count = 1;
	site->topology.monitors = &site->monitor;
	site->topology.monitor_count = 1;
	site->monitor.ip = (struct ip){ IP_V4, { 192, 0, 2, 9 } };
	site->topology.accepts = site->accepts;
	site->topology.file = "site.yaml";
	site->topology.resolved = true;
}

static void
add_accept(struct site *site, const char *rule, const char *on, const char *because)
{
	size_t at = site->topology.accept_count++;

	site->accepts[at] = (struct accept){
		.rule = rule, .on = on, .because = because, .pos = AT((unsigned)(20 + at))
	};
}

/* What `check` prints for @site, of which one page is enough here. */
static const char *
text_of(const struct site *site, struct diags *diags)
{
	static char text[8192];
	FILE *out;

	*diags = (struct diags){ 0 };
	lint_run(&site->topology, NOW_NS, diags);
	diags_sort(diags);
	memset(text, 0, sizeof(text));
	out = fmemopen(text, sizeof(text) - 1, "w");
	assert_non_null(out);
	diags_print(diags, out, false);
	fclose(out);
	return text;
}

#define FEW                                                                                        \
	"tier \"core\" takes time from 3 sources; it needs 4 to outvote one that is wrong and "    \
	"still survive an outage"

static void
a_finding_is_an_error_at_its_place(void **state UNUSED)
{
	struct diags diags;
	struct site site;

	make_site(&site);
	assert_string_equal(
	    text_of(&site, &diags), "site.yaml:7:1: error: " FEW " [few-sources]\n");
	assert_int_equal(diags.errors, 1);
	diags_free(&diags);
}

static void
an_accepted_finding_is_a_note_with_its_reason(void **state UNUSED)
{
	struct diags diags;
	struct site site;

	make_site(&site);
	add_accept(&site, "few-sources", "core", "one line to the plant");
	assert_string_equal(text_of(&site, &diags),
	    "site.yaml:7:1: note: accepted: " FEW " (one line to the plant) [few-sources]\n");
	assert_int_equal(diags.errors, 0);
	assert_int_equal(diags.accepted, 1);
	diags_free(&diags);
}

static void
a_rule_may_be_accepted_by_its_number_and_everywhere(void **state UNUSED)
{
	struct diags diags;
	struct site site;

	make_site(&site);
	add_accept(&site, "src001", NULL, "one line to the plant");
	assert_non_null(strstr(text_of(&site, &diags), "note: accepted: " FEW));
	assert_int_equal(diags.count, 1);
	diags_free(&diags);
}

static void
of_two_that_match_the_one_that_names_the_place_is_used(void **state UNUSED)
{
	struct diags diags;
	struct site site;
	const char *text;

	make_site(&site);
	add_accept(&site, "few-sources", NULL, "everywhere");
	add_accept(&site, "few-sources", "core", "here");
	text = text_of(&site, &diags);
	assert_non_null(strstr(text, "(here) [few-sources]"));
	assert_non_null(strstr(text,
	    "site.yaml:20:1: warning: rule few-sources has no finding on the whole site: there is "
	    "nothing to accept [unused-accept]"));
	assert_int_equal(diags.count, 2);
	diags_free(&diags);
}

static void
what_is_accepted_elsewhere_or_for_another_rule_stays_an_error(void **state UNUSED)
{
	struct diags diags;
	struct site site;
	const char *text;

	make_site(&site);
	add_accept(&site, "few-sources", "branch", "gone");
	add_accept(&site, "burst", "core", "gone");
	text = text_of(&site, &diags);
	assert_non_null(strstr(text, "error: " FEW));
	assert_non_null(strstr(text, "warning: rule few-sources has no finding on branch"));
	assert_non_null(strstr(text, "warning: rule burst has no finding on core"));
	assert_int_equal(diags.count, 3);
	diags_free(&diags);
}

static void
a_rule_that_does_not_exist_is_an_error_that_names_the_nearest(void **state UNUSED)
{
	struct diags diags;
	struct site site;

	make_site(&site);
	add_accept(&site, "few-suorces", "core", "slip of the pen");
	assert_non_null(strstr(text_of(&site, &diags),
	    "site.yaml:20:1: error: no rule is called \"few-suorces\"; did you mean "
	    "\"few-sources\"? [unknown-accept]"));
	assert_int_equal(diags.errors, 2);
	diags_free(&diags);
}

static void
a_finding_about_a_key_is_accepted_on_any_host_that_has_it(void **state UNUSED)
{
	struct host other = { .name = "time2" };
	struct diags diags;
	struct site site;
	const struct host *between[] = { &site.server, &other };
	struct symmetric_key key = { .id = 7,
		.type = KEY_TYPE_MD5,
		.secret_hex = "00",
		.hosts = between,
		.host_count = 2,
		.pos = { "keys.yaml", 2, 1 } };

	make_site(&site);
	other.role = HOST_CLIENT;
	site.topology.keys = &key;
	site.topology.key_count = 1;
	add_accept(&site, "weak-key", "time2", "it knows no other");
	assert_non_null(strstr(text_of(&site, &diags),
	    "keys.yaml:2:1: note: accepted: key 7 is of type MD5, which no longer proves who sent "
	    "a "
	    "packet (it knows no other) [weak-key]"));
	assert_int_equal(diags.accepted, 1);
	diags_free(&diags);
}

static void
a_finding_is_one_line_whatever_a_name_holds(void **state UNUSED)
{
	struct diags diags;
	struct site site;
	const char *text;

	make_site(&site);
	site.tier.name = "co\033[31mre\nx";
	text = text_of(&site, &diags);
	assert_null(strchr(text, '\033'));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	diags_free(&diags);
}

static void
tiers_that_feed_each_other_end_the_walk_through_them(void **state UNUSED)
{
	struct diags diags;
	struct site site;

	make_site(&site);
	site.sources[1] = (struct source){ .server = &site.server }; /* itself */
	assert_non_null(strstr(text_of(&site, &diags), "[few-sources]"));
	diags_free(&diags);
}

/* `until` is a last day: it counts to its end, in UTC; then the finding is back, and says so. */
static void
an_accepted_finding_is_back_after_its_day(void **state UNUSED)
{
	static const struct {
		int64_t late_ns;
		bool accepted;
	} cases[] = { { -1, true }, { 0, false }, { NS_PER_S, false } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct diags diags;
		struct site site;
		const char *text;

		make_site(&site);
		add_accept(&site, "few-sources", "core", "there are no more");
		site.accepts[0].until_ns = NOW_NS - cases[i].late_ns;
		text = text_of(&site, &diags);
		assert_int_equal(strstr(text, "accepted: ") != NULL, cases[i].accepted);
		assert_int_equal(strstr(text, "[past-accept]") != NULL, !cases[i].accepted);
		assert_null(strstr(text, "[unused-accept]"));
		diags_free(&diags);
	}
}

static void
a_number_that_was_another_rule_s_is_refused(void **state UNUSED)
{
	struct diags diags;
	struct site site;

	make_site(&site);
	add_accept(&site, "RST005", NULL, "why not");
	assert_non_null(
	    strstr(text_of(&site, &diags), "RST005 was nts-alone, which is NTS001 now"));
	diags_free(&diags);
	for (size_t i = 0; i < lint_rule_count(); i++) {
		const struct lint_rule *rule = lint_rule_at(i);

		assert_ptr_equal(lint_rule_find(rule->number, NULL), rule);
		if (rule->once) {
			assert_ptr_equal(lint_rule_once(rule->once), rule);
		}
	}
}

static void
an_empty_site_has_no_findings(void **state UNUSED)
{
	struct topology topology = { .file = "site.yaml", .resolved = true };
	struct diags diags = { 0 };

	lint_run(&topology, NOW_NS, &diags);
	assert_int_equal(diags.count, 0);
	diags_free(&diags);
}

#define MANY 100000

/* A chain of tiers, each under the one behind it, with a network per client. */
static void
make_many(struct topology *topology, struct arena *arena, const struct tier *like, size_t many)
{
	struct client_group *group = arena_alloc(arena, sizeof(*group));

	topology->groups = group;
	topology->group_count = 1;
	topology->tiers = arena_alloc(arena, many * sizeof(*topology->tiers));
	topology->tier_count = many;
	topology->hosts = arena_alloc(arena, 2 * many * sizeof(*topology->hosts));
	topology->host_count = 2 * many;
	topology->server_count = many;
	topology->serve = arena_alloc(arena, many * sizeof(*topology->serve));
	topology->serve_count = many;
	*group = (struct client_group){ .name = "many", .host_count = many };
	group->hosts = arena_alloc(arena, many * sizeof(*group->hosts));
	for (unsigned i = 0; i < many; i++) {
		struct address *addresses = arena_alloc(arena, 2 * sizeof(*addresses));
		struct source *source = arena_alloc(arena, sizeof(*source));
		struct host *server = &topology->hosts[i], *client = &topology->hosts[many + i];
		struct tier *tier = &topology->tiers[i];
		struct ip ip = { IP_V4, { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i } };

		addresses[0] = addresses[1] = (struct address){ .text = "10.x", .ip = ip };
		addresses[1].ip.bytes[0] = 11;
		*server = (struct host){ .name = "s", .daemon = "auto", .tier = tier };
		*client = (struct host){
			.name = "c", .role = HOST_CLIENT, .daemon = "auto", .group = group
		};
		client->addresses = (struct address_list){ &addresses[0], 1 };
		server->addresses = (struct address_list){ &addresses[1], 1 };
		group->hosts[i] = client;
		topology->serve[i].network = (struct network){ ip, 32 };
		*tier = *like;
		tier->servers = arena_alloc(arena, sizeof(*tier->servers));
		tier->servers[0] = server;
		if (i + 1 < many) {
			source->server = server + 1;
			tier->sources = (struct source_list){ source, 1 };
		}
	}
	group->sources = topology->tiers[0].sources;
}

/* Check so many of each; returns the processor time that it takes, in seconds. */
static double
seconds_of(size_t many)
{
	struct arena arena = { 0 };
	struct diags diags = { 0 };
	clock_t start = clock();
	struct site site;

	make_site(&site);
	make_many(&site.topology, &arena, &site.tier, many);
	lint_run(&site.topology, NOW_NS, &diags);
	assert_int_equal(diags.errors, many); /* each tier has too few sources */
	assert_int_equal(diags.count, DIAGS_MAX);
	diags_free(&diags);
	arena_free(&arena);
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/* By how it grows, and not by the clock: quadratic work over ten times as many takes 100 times as
 * long. */
static void
a_hundred_thousand_clients_networks_and_tiers_are_checked_at_once(void **state UNUSED)
{
	double few = seconds_of(MANY / 10), many = seconds_of(MANY);

	assert_true(many < 40 * few + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_is_an_error_at_its_place),
		cmocka_unit_test(an_accepted_finding_is_a_note_with_its_reason),
		cmocka_unit_test(a_rule_may_be_accepted_by_its_number_and_everywhere),
		cmocka_unit_test(of_two_that_match_the_one_that_names_the_place_is_used),
		cmocka_unit_test(what_is_accepted_elsewhere_or_for_another_rule_stays_an_error),
		cmocka_unit_test(a_rule_that_does_not_exist_is_an_error_that_names_the_nearest),
		cmocka_unit_test(a_finding_about_a_key_is_accepted_on_any_host_that_has_it),
		cmocka_unit_test(a_finding_is_one_line_whatever_a_name_holds),
		cmocka_unit_test(tiers_that_feed_each_other_end_the_walk_through_them),
		cmocka_unit_test(an_accepted_finding_is_back_after_its_day),
		cmocka_unit_test(a_number_that_was_another_rule_s_is_refused),
		cmocka_unit_test(an_empty_site_has_no_findings),
		cmocka_unit_test(a_hundred_thousand_clients_networks_and_tiers_are_checked_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
