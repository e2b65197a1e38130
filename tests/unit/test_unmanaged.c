/* What a site makes of hosts that nobody may log in to. */
#include "orchestrator/cli/site.h"
#include "orchestrator/rollout/health/quorum.h"
#include "orchestrator/topology/growth.h"
#include "orchestrator/topology/rotation.h"
#include "orchestrator/topology/siblings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct topology site;

static const char text[] =
    "site: x\n"
    "upstreams:\n"
    "  - {name: a, address: 192.0.2.101}\n"
    "  - {name: b, address: 192.0.2.102}\n"
    "  - {name: c, address: 192.0.2.103}\n"
    "tiers:\n"
    "  - name: core\n"
    "    upstreams: all\n"
    "    servers:\n"
    "      - {name: t1, address: 192.0.2.1}\n"
    "      - {name: t2, address: 192.0.2.2, manage: true}\n"
    "      - {name: box, address: 192.0.2.3, manage: false}\n"
    "clients:\n"
    "  - {name: web, from: core, hosts: [w1, {name: w2, manage: false}, {name: w3, manage: "
    "watch}]}\n"
    "  - {name: net, from: core, hosts: ['sw[1-2]', {name: pc, manage: true}], manage: false}\n";

static int
load(void **state UNUSED)
{
	struct diags diags = { 0 };
	int status = topology_load_text(&site, "site.yaml", text, strlen(text), &diags);

	diags_print(&diags, stderr, false);
	diags_free(&diags);
	return status;
}

static int
unload(void **state UNUSED)
{
	topology_free(&site);
	return 0;
}

static void
a_host_is_managed_unless_it_or_its_group_says_otherwise(void **state UNUSED)
{
	static const struct {
		const char *name;
		enum manage manage;
	} rows[] = { { "t1", MANAGE_TRUE }, { "t2", MANAGE_TRUE }, { "box", MANAGE_FALSE },
		{ "w1", MANAGE_TRUE }, { "w2", MANAGE_FALSE }, { "w3", MANAGE_WATCH },
		{ "sw1", MANAGE_FALSE }, { "sw2", MANAGE_FALSE }, { "pc", MANAGE_TRUE } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct host *host = topology_host(&site, rows[i].name);

		if (host->manage != rows[i].manage ||
		    host_unmanaged(host) != (rows[i].manage == MANAGE_FALSE)) {
			fail_msg("%s", rows[i].name);
		}
	}
}

static void
they_are_taken_out_of_a_choice_of_hosts(void **state UNUSED)
{
	const struct host *hosts[] = { topology_host(&site, "box"), topology_host(&site, "t1"),
		topology_host(&site, "sw1"), topology_host(&site, "pc") };
	size_t count = COUNT(hosts);

	assert_int_equal(site_leave_unmanaged("test", true, hosts, &count), 2);
	assert_int_equal(count, 2);
	assert_string_equal(hosts[0]->name, "t1");
	assert_string_equal(hosts[1]->name, "pc");
	assert_string_equal(hosts[2]->name, "box");
	assert_string_equal(hosts[3]->name, "sw1");
}

static int
zeros(void *bytes, size_t len)
{
	memset(bytes, 0, len);
	return 0;
}

static void
no_key_is_made_for_them(void **state UNUSED)
{
	struct key_change change = { .count = 0 };
	struct error err;

	assert_int_equal(keys_grow(&site, zeros, &change, &err), 0);
	assert_int_equal(change.count, 1);
	assert_non_null(strstr(buf_str(&change.words), "t1, t2"));
	key_change_done(&change);
}

static void
they_are_measured_by_their_siblings_and_never_followed(void **state UNUSED)
{
	const struct host *own = topology_host(&site, "t1");

	assert_true(host_may_follow(own, topology_host(&site, "t2")));
	assert_false(host_may_follow(own, topology_host(&site, "box")));
}

static void
one_counts_as_staying_while_another_server_restarts(void **state UNUSED)
{
	const struct host *own = topology_host(&site, "t1");
	struct quorum_view views[] = { { .host = own, .healthy = true },
		{ .host = topology_host(&site, "t2"), .healthy = true } };
	char words[QUORUM_WORDS_BYTES];

	assert_true(quorum_allows(&site, own, views, COUNT(views), false, words));
	views[1].healthy = false;
	assert_false(quorum_allows(&site, own, views, COUNT(views), false, words));
}

static void
nobody_knows_what_their_start_does(void **state UNUSED)
{
	assert_true(host_never_steps(topology_host(&site, "t1")));
	assert_false(host_never_steps(topology_host(&site, "box")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_is_managed_unless_it_or_its_group_says_otherwise),
		cmocka_unit_test(they_are_taken_out_of_a_choice_of_hosts),
		cmocka_unit_test(no_key_is_made_for_them),
		cmocka_unit_test(they_are_measured_by_their_siblings_and_never_followed),
		cmocka_unit_test(one_counts_as_staying_while_another_server_restarts),
		cmocka_unit_test(nobody_knows_what_their_start_does),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
