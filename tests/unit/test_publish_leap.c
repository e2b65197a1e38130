/* What the hosts of a site say together of a leap second to come. */
#include "orchestrator/publish/summary.h"
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW (1000000 * NS_PER_S)
#define COMING "a leap second will be inserted at 2016-12-31 23:59:60 UTC: "
#define HOSTS 7

/* Two servers of a tier that gets plain time, one of a tier that gets smeared time, four clients.
 */
struct site {
	struct upstream upstreams[2];
	struct source plain[1], smeared[1];
	struct tier tiers[2];
	struct client_group group;
	struct host hosts[HOSTS];
	struct topology topology;
	struct fleet fleet;
	struct arena arena;
};

static void
begin(struct site *site)
{
	static const char *const names[HOSTS] = { "time1", "time2", "time3", "web1", "web2", "web3",
		"web4" };

	*site = (struct site){ .upstreams = { { .name = "up1" },
				   { .name = "up2", .smear = SMEAR_LINEAR_24H } } };
	site->plain[0].upstream = &site->upstreams[0];
	site->smeared[0].upstream = &site->upstreams[1];
	site->tiers[0].sources = (struct source_list){ site->plain, 1 };
	site->tiers[1].sources = (struct source_list){ site->smeared, 1 };
	site->group.sources = (struct source_list){ site->plain, 1 };
	for (size_t i = 0; i < HOSTS; i++) {
		site->hosts[i].name = names[i];
		site->hosts[i].role = i < 3 ? HOST_SERVER : HOST_CLIENT;
		site->hosts[i].tier = i < 3 ? &site->tiers[i == 2] : NULL;
		site->hosts[i].group = i < 3 ? NULL : &site->group;
	}
	site->topology.hosts = site->hosts;
	site->topology.host_count = HOSTS;
	index_init(&site->topology.index, &site->arena, HOSTS);
	for (size_t i = 0; i < HOSTS; i++) {
		index_add(&site->topology.index, site->hosts, sizeof(*site->hosts), i);
	}
	fleet_init(&site->fleet, &site->topology, NOW);
}

static void
finish(struct site *site)
{
	fleet_done(&site->fleet);
	arena_free(&site->arena);
}

static void
tell(struct site *site, size_t host, enum leap leap)
{
	struct report report = { .boot_id = "b",
		.session_id = "s",
		.seq = 1,
		.boot_ns = NS_PER_S,
		.interval_ns = 16 * NS_PER_S,
		.answered = true,
		.real_ns = INT64_C(1483228800) * NS_PER_S - 3600 * NS_PER_S,
		.status = { .leap = leap, .stratum = 2 } };
	struct fleet_host *row;
	int64_t read_ns;

	snprintf(report.host, sizeof(report.host), "%s", site->hosts[host].name);
	assert_int_equal(fleet_take(&site->fleet, &report, NOW, &row, &read_ns), FLEET_LATEST);
}

static void
assert_told(struct site *site, enum leap leap, const char *text)
{
	struct leap_view view;

	summarise_leap(&site->fleet, &site->arena, &view);
	assert_int_equal(view.leap, leap);
	assert_string_equal(view.text, text);
}

static void
nothing_is_told_where_nobody_announces_one(void **state UNUSED)
{
	struct site site;

	begin(&site);
	assert_told(&site, LEAP_NONE, "");
	tell(&site, 0, LEAP_NONE);
	tell(&site, 1, LEAP_UNSYNC);
	assert_told(&site, LEAP_NONE, "");
	finish(&site);
}

static void
who_knows_it_and_who_does_not_is_told(void **state UNUSED)
{
	struct site site;

	begin(&site);
	tell(&site, 0, LEAP_INSERT);
	assert_told(&site, LEAP_INSERT, COMING "1 host knows it");
	tell(&site, 1, LEAP_INSERT);
	tell(&site, 3, LEAP_UNSYNC); /* it follows nobody, and cannot tell */
	assert_told(&site, LEAP_INSERT, COMING "2 hosts know it");
	tell(&site, 4, LEAP_NONE);
	assert_told(&site, LEAP_INSERT, COMING "2 hosts know it; web2 does not");
	tell(&site, 5, LEAP_DELETE); /* most announce the other */
	assert_told(&site, LEAP_INSERT, COMING "2 hosts know it; web2, web3 do not");
	finish(&site);
}

static void
a_host_that_gets_it_smeared_rightly_announces_none(void **state UNUSED)
{
	struct site site;

	begin(&site);
	tell(&site, 0, LEAP_INSERT);
	tell(&site, 2, LEAP_NONE);
	assert_told(&site, LEAP_INSERT, COMING "1 host knows it; 1 gets it smeared");
	finish(&site);
}

static void
of_many_that_do_not_know_it_three_are_named(void **state UNUSED)
{
	struct site site;

	begin(&site);
	tell(&site, 0, LEAP_DELETE);
	for (size_t i = 3; i < HOSTS; i++) {
		tell(&site, i, LEAP_NONE);
	}
	assert_told(&site, LEAP_DELETE,
	    "a leap second will be left out: there will be no 2016-12-31 23:59:59 UTC: 1 host "
	    "knows "
	    "it; web1, web2, web3 and 1 more do not");
	finish(&site);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_told_where_nobody_announces_one),
		cmocka_unit_test(who_knows_it_and_who_does_not_is_told),
		cmocka_unit_test(a_host_that_gets_it_smeared_rightly_announces_none),
		cmocka_unit_test(of_many_that_do_not_know_it_three_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
