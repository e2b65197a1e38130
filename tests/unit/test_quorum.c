/* Whether a site can do without a server for a moment. */
#include "orchestrator/rollout/health/quorum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/diag.h"

#define SERVERS_MAX 6

struct bed {
	struct topology topology;
	struct quorum_view views[QUORUM_HOSTS_MAX];
	size_t count;
	char words[QUORUM_WORDS_BYTES];
};

/* A tier of @servers, and what stands in @more. */
static void
begin(struct bed *bed, unsigned servers, const char *more)
{
	struct diags diags = { 0 };
	char text[4096];
	size_t len;

	memset(bed, 0, sizeof(*bed));
	len = (size_t)snprintf(text, sizeof(text),
	    "site: x\nupstreams:\n  - {name: u1, address: 192.0.2.101}\n"
	    "  - {name: u2, address: 192.0.2.102}\n  - {name: u3, address: 192.0.2.103}\n"
	    "tiers:\n  - name: core\n    upstreams: all\n    servers:\n");
	for (unsigned i = 1; i <= servers; i++) {
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "      - {name: t%u, address: 192.0.2.%u}\n", i, i);
	}
	len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", more);
	if (topology_load_text(&bed->topology, "site.yaml", text, len, &diags)) {
		diags_print(&diags, stderr, false);
		fail();
	}
	diags_free(&diags);
}

/* Who decides about @name; all are healthy. */
static const struct host *
look_at(struct bed *bed, const char *name)
{
	const struct host *host = topology_host(&bed->topology, name), *list[QUORUM_HOSTS_MAX];

	assert_non_null(host);
	bed->count = quorum_hosts(&bed->topology, host, list, QUORUM_HOSTS_MAX);
	for (size_t i = 0; i < bed->count; i++) {
		bed->views[i] = (struct quorum_view){ .host = list[i], .healthy = true };
	}
	return host;
}

static void
set_ill(struct bed *bed, const char *name)
{
	for (size_t i = 0; i < bed->count; i++) {
		if (strcmp(bed->views[i].host->name, name) == 0) {
			bed->views[i].healthy = false;
			snprintf(
			    bed->views[i].words, sizeof(bed->views[i].words), "unsynchronised");
			return;
		}
	}
	fail_msg("%s is not asked", name);
}

static bool
allows(struct bed *bed, const char *name)
{
	return quorum_allows(&bed->topology, topology_host(&bed->topology, name), bed->views,
	    bed->count, false, bed->words);
}

static void
a_tier_in_which_all_are_well_can_do_without_one(void **state UNUSED)
{
	for (unsigned servers = 1; servers <= SERVERS_MAX; servers++) {
		struct bed bed;

		begin(&bed, servers, "");
		look_at(&bed, "t1");
		assert_int_equal(bed.count, servers);
		assert_true(allows(&bed, "t1"));
		topology_free(&bed.topology);
	}
}

static void
a_tier_of_four_needs_the_three_that_stay(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 4, "");
	look_at(&bed, "t1");
	set_ill(&bed, "t3");
	assert_false(allows(&bed, "t1"));
	assert_string_equal(bed.words,
	    "tier core would be left with 2 healthy servers of 3, and needs 3: t3 unsynchronised");
	topology_free(&bed.topology);
}

static void
a_tier_of_six_can_do_without_one_more(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 6, "");
	look_at(&bed, "t1");
	set_ill(&bed, "t3");
	assert_true(allows(&bed, "t1"));
	set_ill(&bed, "t4");
	assert_false(allows(&bed, "t1"));
	topology_free(&bed.topology);
}

static void
who_is_not_well_may_be_restarted_whatever_the_others_are(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 4, "");
	look_at(&bed, "t1");
	set_ill(&bed, "t1");
	set_ill(&bed, "t2");
	set_ill(&bed, "t3");
	assert_true(allows(&bed, "t1"));
	topology_free(&bed.topology);
}

static void
clients_of_two_tiers_keep_their_quorum_of_both(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 3,
	    "  - name: edge\n    upstreams: all\n    servers:\n"
	    "      - {name: e1, address: 192.0.2.21}\n      - {name: e2, address: 192.0.2.22}\n"
	    "      - {name: e3, address: 192.0.2.23}\n"
	    "clients:\n  - {name: web, from: [core, edge], hosts: [w1]}\n");
	look_at(&bed, "t1");
	assert_int_equal(bed.count, 6);
	set_ill(&bed, "e1");
	assert_true(allows(&bed, "t1"));
	set_ill(&bed, "e2");
	assert_false(allows(&bed, "t1"));
	assert_non_null(strstr(bed.words, "left with 3 healthy servers of 5, and needs 4: e1"));
	topology_free(&bed.topology);
}

static void
a_lower_tier_keeps_its_quorum_too(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 3,
	    "  - name: leaf\n    from: core\n    servers:\n"
	    "      - {name: l1, address: 192.0.2.11}\n");
	look_at(&bed, "t1");
	assert_true(allows(&bed, "t1"));
	look_at(&bed, "l1");
	assert_int_equal(bed.count, 1); /* nobody takes time from it */
	assert_true(allows(&bed, "l1"));
	topology_free(&bed.topology);
}

static void
who_cannot_tell_counts_where_no_agent_is_there_yet(void **state UNUSED)
{
	struct bed bed;
	const struct host *host;

	begin(&bed, 4, "");
	host = look_at(&bed, "t1");
	set_ill(&bed, "t3");
	for (size_t i = 0; i < bed.count; i++) {
		bed.views[i].mute = !bed.views[i].healthy;
	}
	assert_true(quorum_allows(&bed.topology, host, bed.views, bed.count, true, bed.words));
	assert_false(quorum_allows(&bed.topology, host, bed.views, bed.count, false, bed.words));
	topology_free(&bed.topology);
}

/* A first rollout: the clock of a server that was changed before is still on its way. */
static void
who_got_its_agent_in_this_rollout_counts_while_its_clock_is_on_its_way(void **state UNUSED)
{
	const struct host *host;
	struct bed bed;

	begin(&bed, 3, "");
	host = look_at(&bed, "t3");
	for (size_t i = 0; i < bed.count; i++) {
		bed.views[i].healthy = false;
		bed.views[i].mute = strcmp(bed.views[i].host->name, "t1") != 0;
		bed.views[i].over = !bed.views[i].mute;
	}
	assert_false(quorum_allows(&bed.topology, host, bed.views, bed.count, true, bed.words));
	for (size_t i = 0; i < bed.count; i++) {
		bed.views[i].fresh = !bed.views[i].mute;
	}
	assert_true(quorum_allows(&bed.topology, host, bed.views, bed.count, true, bed.words));
	/* not for a restart that is asked for */
	assert_false(quorum_allows(&bed.topology, host, bed.views, bed.count, false, bed.words));
	/* nor when it is worse: it follows nobody, or its daemon is down */
	for (size_t i = 0; i < bed.count; i++) {
		bed.views[i].over = false;
	}
	assert_false(quorum_allows(&bed.topology, host, bed.views, bed.count, true, bed.words));
	topology_free(&bed.topology);
}

static void
a_server_whose_bound_its_clients_would_reject_is_not_well(void **state UNUSED)
{
	struct report report = { .answered = true,
		.status = { .stratum = 2,
		    .selected = "192.0.2.101",
		    .root_dispersion_ns = 300 * NS_PER_MS,
		    .update_interval_ns = 64 * NS_PER_S } };
	struct quorum_view view;
	struct bed bed;

	begin(&bed, 3, "");
	view = (struct quorum_view){ .host = topology_host(&bed.topology, "t1") };
	quorum_look(&view, &report);
	assert_string_equal(view.words, "");
	assert_true(view.healthy);
	/* whom a sibling holds, falls with it */
	report.status.source_count = 1;
	report.status.sources[0] =
	    (struct source_status){ .address = "192.0.2.2", .state = SOURCE_SELECTED, .reach = 1 };
	quorum_look(&view, &report);
	assert_false(view.healthy);
	assert_string_equal(view.words, "follows siblings only");
	report.status.source_count = 0;
	report.status.root_dispersion_ns = 1200 * NS_PER_MS;
	quorum_look(&view, &report);
	assert_false(view.healthy);
	report.answered = false;
	snprintf(report.error, sizeof(report.error), "no answer");
	quorum_look(&view, &report);
	assert_string_equal(view.words, "no answer");
	quorum_look(&view, NULL);
	assert_string_equal(view.words, "tells nothing");
	topology_free(&bed.topology);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tier_in_which_all_are_well_can_do_without_one),
		cmocka_unit_test(a_tier_of_four_needs_the_three_that_stay),
		cmocka_unit_test(a_tier_of_six_can_do_without_one_more),
		cmocka_unit_test(who_is_not_well_may_be_restarted_whatever_the_others_are),
		cmocka_unit_test(clients_of_two_tiers_keep_their_quorum_of_both),
		cmocka_unit_test(a_lower_tier_keeps_its_quorum_too),
		cmocka_unit_test(who_cannot_tell_counts_where_no_agent_is_there_yet),
		cmocka_unit_test(
		    who_got_its_agent_in_this_rollout_counts_while_its_clock_is_on_its_way),
		cmocka_unit_test(a_server_whose_bound_its_clients_would_reject_is_not_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
