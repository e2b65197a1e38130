/* The hardware clocks of servers: what they count, how they are named, when one is lost. */
#include "orchestrator/topology/nts.h"
#include "orchestrator/topology/refclocks.h"

#include "daemons/daemon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                                       \
	"site: x\n"                                                                                \
	"upstreams:\n"                                                                             \
	"  - {name: a, address: 192.0.2.101}\n"                                                    \
	"  - {name: b, address: 192.0.2.102}\n"                                                    \
	"tiers:\n"                                                                                 \
	"  - name: core\n"                                                                         \
	"    upstreams: all\n"                                                                     \
	"    servers:\n"

static struct topology topology;

static void
load(const char *clocks, const char *others)
{
	struct diags diags = { 0 };
	char yaml[2048];

	snprintf(yaml, sizeof(yaml),
	    HEAD "      - {name: time1, address: 192.0.2.1, refclocks: [%s]}\n%s", clocks, others);
	if (topology_load_text(&topology, "site.yaml", yaml, strlen(yaml), &diags) != 0) {
		diags_print(&diags, stderr, false);
		fail_msg("the site does not load:\n%s", yaml);
	}
	diags_free(&diags);
}

static void
a_pps_and_what_numbers_it_have_one_vote_together(void **state UNUSED)
{
	static const struct {
		const char *clocks;
		unsigned votes;
	} rows[] = {
		{ "{name: GPS, type: shm}", 1 },
		{ "{name: GPS, type: shm}, {name: PPS, type: pps, lock: GPS}", 1 },
		{ "{name: PPS, type: pps, lock: GPS}, {name: GPS, type: nmea}", 1 },
		{ "{name: PPS, type: pps}", 0 },
		{ "{name: GPS, type: shm, noselect: true}", 0 },
		{ "{name: GPS, type: shm}, {name: PHC, type: phc, device: /dev/ptp0}", 2 },
		{ "{name: GPS, type: shm}, {name: PPS, type: pps, lock: GPS, noselect: true}", 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		load(rows[i].clocks, "");
		if (host_clock_votes(&topology.hosts[0]) != rows[i].votes) {
			fail_msg(
			    "%s: %u votes", rows[i].clocks, host_clock_votes(&topology.hosts[0]));
		}
		assert_int_equal(tier_source_count(&topology.tiers[0]), 2 + rows[i].votes);
		topology_free(&topology);
	}
}

static void
a_tier_counts_the_clocks_that_each_of_its_servers_has(void **state UNUSED)
{
	load("{name: GPS, type: shm}", "      - {name: time2, address: 192.0.2.2}\n");
	assert_int_equal(tier_clock_votes(&topology.tiers[0]), 0);
	assert_int_equal(tier_quorum(&topology.tiers[0]), 2);
	topology_free(&topology);
	load("{name: GPS, type: shm}, {name: X, type: shm, unit: 1}",
	    "      - {name: time2, address: 192.0.2.2, refclocks: [{name: GPS, type: shm}]}\n");
	assert_int_equal(tier_clock_votes(&topology.tiers[0]), 1);
	assert_int_equal(tier_source_count(&topology.tiers[0]), 3);
	topology_free(&topology);
}

static void
a_source_that_is_measured_only_has_no_vote(void **state UNUSED)
{
	static const char yaml[] =
	    "site: x\n"
	    "upstreams:\n"
	    "  - {name: a, address: 192.0.2.101}\n"
	    "  - {name: b, address: 192.0.2.102}\n"
	    "  - {name: c, address: 192.0.2.103, noselect: true}\n"
	    "  - {name: d, address: 192.0.2.104, noselect: true, nts: true}\n"
	    "tiers: [{name: core, upstreams: all, servers: [{name: t, address: 192.0.2.1}]}]\n";
	struct diags diags = { 0 };

	assert_int_equal(
	    topology_load_text(&topology, "s.yaml", yaml, sizeof(yaml) - 1, &diags), 0);
	assert_int_equal(topology.tiers[0].sources.count, 4);
	assert_int_equal(source_votes(&topology.tiers[0].sources), 2);
	assert_int_equal(tier_source_count(&topology.tiers[0]), 2);
	assert_int_equal(tier_quorum(&topology.tiers[0]), 2);
	assert_false(host_proves_by_nts(&topology, &topology.hosts[0]));
	topology_free(&topology);
	diags_free(&diags);
}

static void
each_daemon_follows_the_one_of_a_pair_that_it_can(void **state UNUSED)
{
	const struct host *host;
	const struct refclock *clocks;

	load("{name: GPS, type: shm}, {name: PPS, type: pps, lock: GPS}", "");
	host = &topology.hosts[0];
	clocks = host->refclocks.list;
	assert_true(refclock_numbers(host, &clocks[0]));
	assert_false(refclock_numbers(host, &clocks[1]));
	assert_false(refclock_is_followed(host, &clocks[0], true));
	assert_true(refclock_is_followed(host, &clocks[1], true));
	assert_true(refclock_is_followed(host, &clocks[0], false));
	topology_free(&topology);
}

static void
a_clock_is_known_by_its_name_and_by_that_of_the_ntpds(void **state UNUSED)
{
	const struct host *host;

	load("{name: GPS, type: shm, unit: 1}, {name: PPS, type: pps, unit: 3, lock: GPS}, "
	     "{name: CARD, type: phc, device: /dev/ptp0}",
	    "");
	host = &topology.hosts[0];
	assert_ptr_equal(host_refclock(host, "GPS"), &host->refclocks.list[0]);
	assert_ptr_equal(host_refclock(host, "127.127.28.1"), &host->refclocks.list[0]);
	assert_ptr_equal(host_refclock(host, "127.127.22.3"), &host->refclocks.list[1]);
	assert_ptr_equal(host_refclock(host, "CARD"), &host->refclocks.list[2]);
	assert_null(host_refclock(host, "127.127.28.0"));
	assert_null(host_refclock(host, "127.127.0.0"));
	assert_null(host_refclock(host, "192.0.2.101"));
	topology_free(&topology);
}

static void
a_lost_clock_is_the_first_that_is_silent_or_outvoted(void **state UNUSED)
{
	struct daemon_status status = { .source_count = 2 };
	const struct host *host;
	bool outvoted;

	load("{name: GPS, type: shm}, {name: PPS, type: pps, lock: GPS}, "
	     "{name: T, type: shm, unit: 1, noselect: true}",
	    "");
	host = &topology.hosts[0];
	snprintf(status.sources[0].address, SOURCE_NAME_BYTES, "GPS");
	snprintf(status.sources[1].address, SOURCE_NAME_BYTES, "PPS");
	status.sources[0].state = SOURCE_REJECTED;
	status.sources[1].state = SOURCE_SELECTED;
	status.sources[0].reach = status.sources[1].reach = 0377;
	assert_null(host_lost_clock(host, &status, -1, &outvoted));
	status.sources[1].state = SOURCE_FALSETICKER;
	assert_ptr_equal(host_lost_clock(host, &status, -1, &outvoted), &host->refclocks.list[1]);
	assert_true(outvoted);
	status.sources[0].reach = 0;
	assert_ptr_equal(host_lost_clock(host, &status, -1, &outvoted), &host->refclocks.list[0]);
	assert_false(outvoted);
	/* what was heard before the start is remembered, and no sign of life */
	status.sources[0].reach = 0377;
	status.sources[1].state = SOURCE_SELECTED;
	status.sources[0].age_ns = 3 * NS_PER_S;
	assert_null(host_lost_clock(host, &status, 4 * NS_PER_S, &outvoted));
	assert_ptr_equal(
	    host_lost_clock(host, &status, 2 * NS_PER_S, &outvoted), &host->refclocks.list[0]);
	status.sources[0].age_ns = -1;
	assert_ptr_equal(host_lost_clock(host, &status, -1, &outvoted), &host->refclocks.list[0]);
	status.source_count = 0;
	assert_ptr_equal(host_lost_clock(host, &status, -1, &outvoted), &host->refclocks.list[0]);
	topology_free(&topology);
}

static void
what_a_daemon_cannot_read_is_told(void **state UNUSED)
{
	static const struct {
		const char *clock, *daemon, *words; /* words NULL: it can */
	} rows[] = {
		{ "{name: G, type: shm, delay: 1ms, poll: 0}", "chrony", NULL },
		{ "{name: G, type: sock, device: /run/x.sock}", "chrony", NULL },
		{ "{name: P, type: pps, device: /dev/pps7}", "chrony", NULL },
		{ "{name: G, type: nmea}", "chrony", "reads no serial line" },
		{ "{name: G, type: nmea, device: /dev/ttyS0}", "ntpsec", NULL },
		{ "{name: G, type: nmea, device: /dev/ttyS0}", "ntp",
		    "opens /dev/gps0 for unit 0" },
		{ "{name: G, type: nmea, device: /dev/gps0}", "ntp", NULL },
		{ "{name: G, type: shm, poll: 2}", "ntpsec", NULL },
		{ "{name: G, type: shm, poll: 2}", "ntp", "every 8 s at most" },
		{ "{name: G, type: sock, device: /run/x.sock}", "ntpsec", "no driver for a clock" },
		{ "{name: G, type: phc, device: /dev/ptp0}", "ntp", "no driver for a clock" },
		{ "{name: P, type: pps}", "ntpsec", "only beside a clock that numbers" },
		{ "{name: G, type: shm, delay: 1ms}", "ntp", "the `delay` of a clock" },
		{ "{name: G, type: shm, precision: 1us}", "ntpsec", "the `precision` of a clock" },
		{ "{name: G, type: shm}", "openntpd", "no hardware clock" },
	};
	struct arena arena = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct daemon_driver *driver = daemon_find(rows[i].daemon);
		const char *words;

		load(rows[i].clock, "");
		words = refclock_unfit(&arena, topology.hosts[0].refclocks.list, driver);
		if (!words != !rows[i].words || (words && !strstr(words, rows[i].words))) {
			fail_msg("%s, %s: %s", rows[i].daemon, rows[i].clock, words);
		}
		topology_free(&topology);
	}
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pps_and_what_numbers_it_have_one_vote_together),
		cmocka_unit_test(a_tier_counts_the_clocks_that_each_of_its_servers_has),
		cmocka_unit_test(a_source_that_is_measured_only_has_no_vote),
		cmocka_unit_test(each_daemon_follows_the_one_of_a_pair_that_it_can),
		cmocka_unit_test(a_clock_is_known_by_its_name_and_by_that_of_the_ntpds),
		cmocka_unit_test(a_lost_clock_is_the_first_that_is_silent_or_outvoted),
		cmocka_unit_test(what_a_daemon_cannot_read_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
