/* What a sound site.yaml becomes; what an unsound one is told: test_topology_findings.c. */
#include "common/file.h"
#include "orchestrator/topology/topology.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct topology site;
static struct diags diags;

static int
forget(void **state UNUSED)
{
	topology_free(&site);
	diags_free(&diags);
	return 0;
}

static void
load(const char *text)
{
	if (topology_load_text(&site, "site.yaml", text, strlen(text), &diags) < 0) {
		diags_print(&diags, stderr, false);
		fail_msg("the site is called unsound");
	}
}

#define CORE                                                                                       \
	"site: s\n"                                                                                \
	"upstreams: [{name: u1, address: 192.0.2.101}, {name: u2, address: 192.0.2.102}]\n"        \
	"tiers:\n"                                                                                 \
	"  - {name: core, upstreams: all, servers: [{name: t1, address: 192.0.2.1},\n"             \
	"     {name: t2, address: 192.0.2.2}, {name: t3, address: 192.0.2.3}]}\n"

static const struct host *
host(const char *name)
{
	const struct host *found = topology_host(&site, name);

	if (!found) {
		fail_msg("there is no host %s", name);
	}
	return found;
}

/* The sample of the design, whole. */
static const char sample[] =
    "site: example-corp\n"
    "upstreams:\n"
    "  - name: ptb1\n"
    "    address: ptbtime1.ptb.de\n"
    "    operator: PTB\n"
    "    stratum: 1\n"
    "    nts: true\n"
    "    smear: linear-24h\n"
    "    minpoll: 7\n"
    "    burst: true\n"
    "  - {name: ptb2, address: [192.0.2.100, '2001:db8::100'], country: DE,\n"
    "     permission: \"asked on 2026-03-01\"}\n"
    "tiers:\n"
    "  - name: core\n"
    "    upstreams: all\n"
    "    peering: symmetric\n"
    "    servers:\n"
    "      - name: time1\n"
    "        address: 192.0.2.1\n"
    "        ssh: root@time1:2222\n"
    "        daemon: chrony\n"
    "        pool: true\n"
    "      - {name: time2, address: [192.0.2.2, '2001:db8::2'], daemon: ntpsec, link: isp-a}\n"
    "  - name: branch-berlin\n"
    "    from: core\n"
    "    quorum: 2\n"
    "    servers: [{name: b1, address: 192.0.2.11, daemon: ntp}]\n"
    "clients:\n"
    "  - name: web\n"
    "    from: core\n"
    "    hosts: web[001-120].example.net\n"
    "    daemon: auto\n"
    "    ssh: {user: deploy, sudo: true}\n"
    "serve: [192.0.2.0/24, '2001:db8::/64']\n"
    "monitors: [192.0.2.9]\n"
    "collectors: ['https://192.0.2.254:8123/', 'https://[2001:db8::9]:8123']\n"
    "budget: {offset: 5ms, error_bound: 50ms}\n"
    "restart: {limit: 0.5s}\n"
    "rollout: {batch: 10%, confirm_within: 120s, max_failures: 0}\n"
    "accept:\n"
    "  - {rule: few-operators, on: core, because: \"no route\"}\n";

static void
every_value_of_the_sample_stands_in_its_member(void **state UNUSED)
{
	const struct upstream *upstream;
	char text[IP_TEXT_BYTES];

	load(sample);
	assert_string_equal(site.site, "example-corp");
	assert_int_equal(site.upstream_count, 2);
	upstream = &site.upstreams[0];
	assert_string_equal(upstream->name, "ptb1");
	assert_int_equal(upstream->pos.line, 3);
	assert_int_equal(upstream->pos.column, 11);
	assert_string_equal(upstream->addresses.list[0].text, "ptbtime1.ptb.de");
	assert_int_equal(upstream->addresses.list[0].ip.family, IP_NONE);
	assert_string_equal(upstream->operator_name, "PTB");
	assert_int_equal(upstream->stratum, 1);
	assert_true(upstream->nts && upstream->iburst && upstream->burst);
	assert_int_equal(upstream->smear, SMEAR_LINEAR_24H);
	assert_int_equal(upstream->minpoll, 7);
	assert_int_equal(upstream->maxpoll, 10);
	assert_int_equal(upstream->minpoll_pos.line, 9);
	assert_int_equal(upstream->maxpoll_pos.line, 0);
	upstream = &site.upstreams[1];
	assert_int_equal(upstream->addresses.count, 2);
	assert_string_equal(ip_text(&upstream->addresses.list[1].ip, text), "2001:db8::100");
	assert_int_equal(upstream->minpoll, 6);
	assert_null(upstream->operator_name);
	assert_string_equal(upstream->country, "DE");
	assert_string_equal(upstream->permission, "asked on 2026-03-01");
	assert_null(site.upstreams[0].country);
	assert_null(site.upstreams[0].permission);
	assert_null(site.hosts[0].link);
	assert_string_equal(site.hosts[1].link, "isp-a");
	assert_int_equal(site.serve_count, 2);
	assert_string_equal(network_text(&site.serve[1].network, text), "2001:db8::/64");
	assert_string_equal(ip_text(&site.monitors[0].ip, text), "192.0.2.9");
	assert_int_equal(site.collector_count, 2);
	assert_string_equal(site.collectors[0], "https://192.0.2.254:8123");
	assert_int_equal(site.restart.limit_ns, 500 * NS_PER_MS);
	assert_int_equal(site.rollout.batch, 10);
	assert_true(site.rollout.batch_percent);
	assert_int_equal(site.rollout.confirm_within_ns, 120 * NS_PER_S);
	assert_string_equal(site.accepts[0].because, "no route");
	assert_string_equal(site.accepts[0].on, "core");
}

static void
tiers_and_clients_of_the_sample_are_linked(void **state UNUSED)
{
	const struct host *found;

	load(sample);
	assert_int_equal(site.host_count, 123);
	assert_int_equal(site.server_count, 3);
	found = host("time1");
	assert_ptr_equal(found, &site.hosts[0]);
	assert_string_equal(found->daemon, "chrony");
	assert_string_equal(found->ssh.user, "root");
	assert_string_equal(found->ssh.host, "time1");
	assert_int_equal(found->ssh.port, 2222);
	assert_true(found->pool);
	assert_ptr_equal(found->tier, &site.tiers[0]);
	assert_int_equal(found->tier->peering, PEERING_SYMMETRIC);
	assert_int_equal(host_sources(found)->count, 2);
	assert_ptr_equal(host_sources(found)->list[1].upstream, &site.upstreams[1]);
	assert_int_equal(host_sources(found)->list[1].pos.line, 15);
	assert_int_equal(host("time2")->addresses.count, 2);
	found = host("b1");
	assert_int_equal(host_sources(found)->count, 2);
	assert_ptr_equal(host_sources(found)->list[0].server, host("time1"));
	found = host("web007.example.net");
	assert_int_equal(found->role, HOST_CLIENT);
	assert_int_equal(found->pos.line, 31);
	assert_string_equal(found->group->name, "web");
	assert_ptr_equal(found->group->hosts[6], found);
	assert_string_equal(found->addresses.list[0].text, "web007.example.net");
	assert_true(found->ssh.sudo);
	assert_string_equal(found->ssh.user, "deploy");
	assert_int_equal(host_sources(found)->count, 2);
	assert_null(topology_host(&site, "web121.example.net"));
	assert_null(topology_host(&site, ""));
}

static void
what_a_site_leaves_out_has_its_default(void **state UNUSED)
{
	load(CORE);
	assert_int_equal(site.budget.offset_ns, 5 * NS_PER_MS);
	assert_int_equal(site.budget.error_bound_ns, 50 * NS_PER_MS);
	assert_int_equal(site.restart.limit_ns, 500 * NS_PER_MS);
	assert_int_equal(site.rollout.batch, 10);
	assert_true(site.rollout.batch_percent);
	assert_int_equal(site.tiers[0].orphan_stratum, 10);
	assert_int_equal(site.tiers[0].peering, PEERING_MESH);
	assert_int_equal(site.tiers[0].peering_pos.line, site.tiers[0].pos.line);
	assert_string_equal(host("t1")->daemon, "auto");
	assert_null(host("t1")->ssh.user);
	assert_null(site.keys_file);
}

static void
a_final_dot_belongs_to_no_name_but_one_of_a_single_label(void **state UNUSED)
{
	load("site: s\n"
	     "tiers: [{name: core, isolated: true, servers: [{name: t1,\n"
	     "  address: [time.a.example., NTP.b.example, ntp.]}]}]\n");
	assert_string_equal(host("t1")->addresses.list[0].text, "time.a.example");
	assert_string_equal(host("t1")->addresses.list[1].text, "NTP.b.example");
	assert_string_equal(host("t1")->addresses.list[2].text, "ntp.");
}

static void
a_budget_is_inherited_number_by_number(void **state UNUSED)
{
	load("site: s\n"
	     "tiers:\n"
	     "  - {name: core, isolated: true, budget: {offset: 1ms},\n"
	     "     servers: [{name: t1, address: 192.0.2.1}]}\n"
	     "clients:\n"
	     "  - {name: web, from: core, hosts: w1, budget: {error_bound: 1s}}\n"
	     "  - {name: db, from: core, hosts: d1}\n"
	     "budget: {offset: 2ms, error_bound: 20ms}\n");
	assert_int_equal(host_budget(host("t1"))->offset_ns, NS_PER_MS);
	assert_int_equal(host_budget(host("t1"))->error_bound_ns, 20 * NS_PER_MS);
	assert_int_equal(host_budget(host("w1"))->offset_ns, 2 * NS_PER_MS);
	assert_int_equal(host_budget(host("w1"))->error_bound_ns, NS_PER_S);
	assert_int_equal(host_budget(host("d1"))->offset_ns, 2 * NS_PER_MS);
}

static void
clients_step_at_their_first_start_unless_their_group_has_a_limit(void **state UNUSED)
{
	load("site: s\n"
	     "tiers:\n"
	     "  - {name: core, isolated: true, servers: [{name: t1, address: 192.0.2.1}]}\n"
	     "  - {name: edge, from: core, restart: {limit: 1s},\n"
	     "     servers: [{name: e1, address: 192.0.2.2}]}\n"
	     "clients:\n"
	     "  - {name: web, from: core, hosts: w1}\n"
	     "  - {name: db, from: core, hosts: d1, restart: {limit: 2s}}\n"
	     "restart: {limit: 128ms}\n");
	assert_true(host_never_steps(host("t1")));
	assert_int_equal(topology_limit_ns(&site, host("t1")), 128 * NS_PER_MS);
	assert_int_equal(topology_limit_ns(&site, host("e1")), NS_PER_S);
	assert_false(host_never_steps(host("w1")));
	assert_int_equal(topology_limit_ns(&site, host("w1")), 128 * NS_PER_MS);
	assert_true(host_never_steps(host("d1")));
	assert_int_equal(topology_limit_ns(&site, host("d1")), 2 * NS_PER_S);
}

static void
ssh_of_the_host_wins_over_the_group_and_that_over_the_site(void **state UNUSED)
{
	load("site: s\n"
	     "tiers:\n"
	     "  - {name: core, isolated: true, servers: [\n"
	     "      {name: t1, address: 192.0.2.1, ssh: {sudo: false, transport: auto}},\n"
	     "      {name: t2, address: 192.0.2.2, ssh: '[2001:db8::2]:22'},\n"
	     "      {name: t3, address: 192.0.2.3, ssh: '2001:db8::3'}]}\n"
	     "clients:\n"
	     "  - {name: web, from: core, ssh: {user: group}, daemon: chrony, hosts: [w1,\n"
	     "      {name: w2, address: 192.0.2.8, daemon: ntp, ssh: {user: own, port: 1}}]}\n"
	     "ssh: {user: site, port: 99, sudo: true, identity: id, transport: libssh2}\n");
	assert_string_equal(host("t1")->ssh.user, "site");
	assert_false(host("t1")->ssh.sudo);
	assert_int_equal(host("t1")->ssh.transport, SSH_TRANSPORT_AUTO);
	assert_string_equal(host("t2")->ssh.host, "2001:db8::2");
	assert_int_equal(host("t2")->ssh.port, 22);
	assert_int_equal(host("t2")->ssh.transport, SSH_TRANSPORT_LIBSSH2);
	assert_string_equal(host("t3")->ssh.host, "2001:db8::3");
	assert_int_equal(host("t3")->ssh.port, 99);
	assert_string_equal(host("w1")->ssh.user, "group");
	assert_true(host("w1")->ssh.sudo);
	assert_string_equal(host("w1")->ssh.identity, "id");
	assert_string_equal(host("w2")->ssh.user, "own");
	assert_int_equal(host("w2")->ssh.port, 1);
	assert_true(host("w2")->ssh.sudo);
	assert_string_equal(host("w2")->daemon, "ntp");
	assert_string_equal(host("w2")->addresses.list[0].text, "192.0.2.8");
	assert_string_equal(host("w1")->daemon, "chrony");
}

static void
a_merge_fills_gaps_and_the_first_of_two_wins(void **state UNUSED)
{
	load("site: s\n"
	     "upstreams:\n"
	     "  - &a {name: u1, address: 192.0.2.101, operator: A, minpoll: 7}\n"
	     "  - &b {name: u2, <<: *a, operator: B}\n"
	     "  - {<<: [{stratum: 2}, *b, {stratum: 3, nts: true}], name: u3}\n"
	     "tiers: [{name: core, upstreams: [u1, u2, u3],\n"
	     "  servers: [{name: &n t1, address: 192.0.2.1}]}]\n"
	     "clients: [{name: *n, from: core, hosts: w1}]\n");
	assert_string_equal(site.upstreams[1].operator_name, "B");
	assert_int_equal(site.upstreams[1].minpoll, 7);
	assert_string_equal(site.upstreams[2].operator_name, "B");
	assert_int_equal(site.upstreams[2].minpoll, 7);
	assert_int_equal(site.upstreams[2].stratum, 2);
	assert_true(site.upstreams[2].nts);
	assert_string_equal(site.groups[0].name, "t1");
}

static void
a_text_of_many_lines_becomes_one(void **state UNUSED)
{
	load(CORE "accept:\n"
		  "  - rule: few-sources\n"
		  "    because: |\n"
		  "      two lines\n"
		  "      of reason\n");
	assert_string_equal(site.accepts[0].because, "two lines of reason");
	assert_null(site.accepts[0].on);
}

static void
a_quorum_is_as_written_or_follows_the_sources(void **state UNUSED)
{
	struct source sources[9] = { 0 };
	struct tier tier = { .sources = { sources, 4 } };

	assert_int_equal(tier_quorum(&tier), 3);
	tier.sources.count = 5;
	assert_int_equal(tier_quorum(&tier), 3);
	tier.sources.count = 9;
	assert_int_equal(tier_quorum(&tier), 3);
	tier.sources.count = 1;
	assert_int_equal(tier_quorum(&tier), 1);
	tier.sources.count = 0;
	assert_int_equal(tier_quorum(&tier), 1);
	tier = (struct tier){ .sources = { sources, 8 }, .isolated = true };
	assert_int_equal(tier_quorum(&tier), 1);
	tier.quorum = 4;
	assert_int_equal(tier_quorum(&tier), 4);
}

static void
write_file(const char *folder, const char *name, const char *text, mode_t mode)
{
	char path[PATH_MAX];
	struct error err;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (file_replace(path, text, strlen(text), mode, &err) < 0) {
		fail_msg("%s", err.text);
	}
}

static int
load_beside(const char *folder, const char *keys, mode_t mode)
{
	char path[PATH_MAX];

	write_file(folder, "site.yaml", CORE "keys: keys.yaml\n", 0644);
	write_file(folder, "keys.yaml", keys, mode);
	snprintf(path, sizeof(path), "%s/site.yaml", folder);
	return topology_load(&site, path, &diags);
}

static void
empty_folder(const char *folder)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/site.yaml", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/keys.yaml", folder);
	unlink(path);
	rmdir(folder);
}

static void
a_key_is_found_by_the_two_hosts_that_share_it(void **state UNUSED)
{
	char folder[] = "/tmp/topology.XXXXXX";

	assert_non_null(mkdtemp(folder));
	assert_int_equal(
	    load_beside(folder,
		"keys:\n"
		"  - {id: 1, type: AES128CMAC, secret: 000102030405060708090A0b0C0d0e0f,\n"
		"     between: [t1, t2]}\n"
		"  - {id: 65535, type: SHA1, secret: "
		"\"0001020304050607080900010203040506070809\",\n"
		"     between: [t3, t1]}\n",
		0600),
	    0);
	empty_folder(folder);
	assert_int_equal(site.key_count, 2);
	assert_string_equal(site.keys[0].secret_hex, "000102030405060708090a0b0c0d0e0f");
	assert_ptr_equal(topology_key(&site, host("t2"), host("t1")), &site.keys[0]);
	assert_ptr_equal(topology_key(&site, host("t1"), host("t3")), &site.keys[1]);
	assert_null(topology_key(&site, host("t2"), host("t3")));
	assert_int_equal(site.keys[1].type, KEY_TYPE_SHA1);
	assert_int_equal(topology_keys_of(&site, host("t1")).count, 2);
	assert_ptr_equal(topology_keys_of(&site, host("t1")).list[1], &site.keys[1]);
	assert_int_equal(topology_keys_of(&site, host("t3")).count, 1);
	assert_ptr_equal(topology_keys_of(&site, host("t3")).list[0], &site.keys[1]);
	site.key_count = 0;
	topology_index_keys(&site);
	assert_int_equal(topology_keys_of(&site, host("t1")).count, 0);
	assert_null(topology_key(&site, host("t1"), host("t2")));
}

static void
keys_that_others_can_read_are_not_read(void **state UNUSED)
{
	char folder[] = "/tmp/topology.XXXXXX";

	assert_non_null(mkdtemp(folder));
	assert_int_equal(load_beside(folder, "keys: []\n", 0640), -1);
	empty_folder(folder);
	assert_int_equal(diags.count, 1);
	assert_string_equal(diags.list[0].rule, "key-file-open");
	assert_non_null(strstr(diags.list[0].text, "chmod 600"));
	assert_int_equal(diags.list[0].pos.line, 6);
}

static void
a_wrong_key_is_told_without_its_secret(void **state UNUSED)
{
	static const char *const wanted[] = {
		"`secret` has 14 hexadecimal digits; a key of type AES128CMAC has 32",
		"`secret` is not hexadecimal: digits and a to f, nothing else",
		"`between` names one host; a key is shared by two",
		"key 7 is there twice (first at line 2)",
		"`type` is \"AES\", not AES128CMAC, SHA1, SHA256 or MD5",
		"`secret` takes a single value, not a list",
	};
	char folder[] = "/tmp/topology.XXXXXX";

	assert_non_null(mkdtemp(folder));
	assert_int_equal(
	    load_beside(folder,
		"keys:\n"
		"  - {id: 7, type: AES128CMAC, secret: 5ec4e75ec4e75e, between: [t1, t9]}\n"
		"  - {id: 8, type: SHA1, secret: 5ec4e7 5ec4e7 5ec4e7 nonono, between: [t1]}\n"
		"  - {id: 7, type: AES, secret: [5ec4e7], between: [t1, t2]}\n",
		0600),
	    -1);
	empty_folder(folder);
	for (size_t i = 0; i < diags.count; i++) {
		assert_null(strstr(diags.list[i].text, "5ec4e7"));
		assert_memory_equal(diags.list[i].text, wanted[i], strlen(wanted[i]));
	}
	assert_int_equal(diags.count, COUNT(wanted));
}

static void
the_keys_of_a_site_need_not_be_there_for_who_writes_them(void **state UNUSED)
{
	char folder[] = "/tmp/topology.XXXXXX", path[PATH_MAX];

	assert_non_null(mkdtemp(folder));
	write_file(folder, "site.yaml", CORE "keys: keys.yaml\n", 0644);
	snprintf(path, sizeof(path), "%s/site.yaml", folder);
	assert_int_equal(topology_load_keyless(&site, path, &diags), 0);
	snprintf(path, sizeof(path), "%s/keys.yaml", folder);
	assert_string_equal(site.keys_file, path);
	topology_free(&site);
	snprintf(path, sizeof(path), "%s/site.yaml", folder);
	assert_int_equal(topology_load(&site, path, &diags), -1);
	empty_folder(folder);
	assert_string_equal(diags.list[0].rule, "unreadable-file");
}

static void
a_topology_that_was_never_loaded_can_be_freed(void **state UNUSED)
{
	topology_free(NULL);
	assert_int_equal(topology_load(&site, "/nonexistent/site.yaml", &diags), -1);
	assert_string_equal(diags.list[0].rule, "unreadable-file");
	assert_null(topology_host(&site, "t1"));
}

#define TEST(name) cmocka_unit_test_teardown(name, forget)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_value_of_the_sample_stands_in_its_member),
		TEST(tiers_and_clients_of_the_sample_are_linked),
		TEST(what_a_site_leaves_out_has_its_default),
		TEST(a_final_dot_belongs_to_no_name_but_one_of_a_single_label),
		TEST(a_budget_is_inherited_number_by_number),
		TEST(clients_step_at_their_first_start_unless_their_group_has_a_limit),
		TEST(ssh_of_the_host_wins_over_the_group_and_that_over_the_site),
		TEST(a_merge_fills_gaps_and_the_first_of_two_wins),
		TEST(a_text_of_many_lines_becomes_one),
		TEST(a_quorum_is_as_written_or_follows_the_sources),
		TEST(a_key_is_found_by_the_two_hosts_that_share_it),
		TEST(keys_that_others_can_read_are_not_read),
		TEST(a_wrong_key_is_told_without_its_secret),
		TEST(the_keys_of_a_site_need_not_be_there_for_who_writes_them),
		TEST(a_topology_that_was_never_loaded_can_be_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
