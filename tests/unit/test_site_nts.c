/* NTS within the site: who asks whom by it, under which name, and what proves a clock at boot. */
#include "orchestrator/topology/nts.h"

#include "common/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NTS "{certificate: /c.pem, key: /k.pem, ca: /ca.pem}"

static struct topology topology;

static void
load(const char *tier, const char *daemon, const char *client)
{
	struct diags diags = { 0 };
	char yaml[2048];

	snprintf(yaml, sizeof(yaml),
	    "site: x\n"
	    "upstreams: [{name: a, address: 192.0.2.101}]\n"
	    "tiers:\n"
	    "  - name: core\n"
	    "    upstreams: all\n"
	    "    %s\n"
	    "    servers:\n"
	    "      - {name: time1, address: [192.0.2.1, time1.x], daemon: %s}\n"
	    "      - {name: time2, address: 192.0.2.2, daemon: chrony}\n"
	    "clients:\n"
	    "  - {name: web, from: core, hosts: w1, daemon: %s, restart: {limit: 1s}}\n",
	    tier, daemon, client);
	if (topology_load_text(&topology, "site.yaml", yaml, strlen(yaml), &diags) != 0) {
		diags_print(&diags, stderr, false);
		fail_msg("the site does not load:\n%s", yaml);
	}
	diags_free(&diags);
}

static void
hosts_ask_by_nts_where_both_ends_are_known_to_be_able(void **state UNUSED)
{
	static const struct {
		const char *tier, *server, *client;
		bool asks;
	} rows[] = {
		{ "nts: " NTS, "chrony", "chrony", true },
		{ "nts: " NTS, "ntpsec", "ntpd-rs", true },
		{ "nts: " NTS, "ntpsec", "auto", true },
		{ "nts: " NTS, "auto", "chrony", false },
		{ "nts: " NTS, "ntp", "chrony", false },
		{ "nts: " NTS, "chrony", "ntp", false },
		{ "nts: " NTS, "chrony", "openntpd", false },
		{ "nts: " NTS, "chrony", "systemd-timesyncd", false },
		{ "quorum: 1", "chrony", "chrony", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		load(rows[i].tier, rows[i].server, rows[i].client);
		if (host_asks_by_nts(topology_host(&topology, "w1"),
			topology_host(&topology, "time1")) != rows[i].asks) {
			fail_msg("%s: %s asks %s", rows[i].tier, rows[i].client, rows[i].server);
		}
		topology_free(&topology);
	}
}

static void
peers_have_no_nts(void **state UNUSED)
{
	load("nts: " NTS, "chrony", "chrony");
	assert_true(host_asks_by_nts(&topology.hosts[0], &topology.hosts[1]));
	topology_free(&topology);
	load("nts: " NTS "\n    peering: symmetric", "chrony", "chrony");
	assert_false(host_asks_by_nts(&topology.hosts[0], &topology.hosts[1]));
	topology_free(&topology);
}

static void
a_server_is_asked_by_its_first_name(void **state UNUSED)
{
	load("nts: " NTS, "chrony", "chrony");
	assert_string_equal(host_nts_name(topology_host(&topology, "time1")), "time1.x");
	assert_null(host_nts_name(topology_host(&topology, "time2")));
	topology_free(&topology);
}

static void
who_has_nts_and_no_key_is_not_proved_at_boot(void **state UNUSED)
{
	load("nts: " NTS, "chrony", "chrony");
	assert_true(host_proves_by_nts(&topology, topology_host(&topology, "w1")));
	topology_free(&topology);
	load("nts: " NTS, "ntp", "chrony");
	assert_false(host_proves_by_nts(&topology, topology_host(&topology, "w1")));
	topology_free(&topology);
}

static void
wrong_paths_are_refused(void **state UNUSED)
{
	static const struct {
		const char *nts, *says;
	} rows[] = {
		{ "{certificate: c.pem, key: /k.pem}", "`certificate` is \"c.pem\", not a path" },
		{ "{certificate: /c.pem, key: \"/a k\"}", "`key` is \"/a k\", not a path" },
		{ "{certificate: /c.pem, key: /k.pem, ca: /a;b}", "`ca` is \"/a;b\", not a path" },
		{ "{certificate: /c.pem}", "`nts` needs `key`" },
		{ "/c.pem", "`nts` takes a map" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct diags diags = { 0 };
		struct buf text = { 0 };
		char yaml[512];

		snprintf(yaml, sizeof(yaml),
		    "site: x\n"
		    "upstreams: [{name: a, address: 192.0.2.101}]\n"
		    "tiers:\n"
		    "  - {name: core, upstreams: all, servers: [{name: t, address: 192.0.2.1, nts: "
		    "%s}]}\n",
		    rows[i].nts);
		if (topology_load_text(&topology, "site.yaml", yaml, strlen(yaml), &diags) == 0) {
			fail_msg("%s is taken", rows[i].nts);
		}
		for (size_t k = 0; k < diags.count; k++) {
			buf_printf(&text, "%s\n", diags.list[k].text);
		}
		if (!strstr(buf_str(&text), rows[i].says)) {
			fail_msg("%s: %s", rows[i].nts, buf_str(&text));
		}
		topology_free(&topology);
		buf_free(&text);
		diags_free(&diags);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_ask_by_nts_where_both_ends_are_known_to_be_able),
		cmocka_unit_test(peers_have_no_nts),
		cmocka_unit_test(a_server_is_asked_by_its_first_name),
		cmocka_unit_test(who_has_nts_and_no_key_is_not_proved_at_boot),
		cmocka_unit_test(wrong_paths_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
