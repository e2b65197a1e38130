/* `deny`: whom the servers of a site do not answer, and what a rollout says of an answer. */
#include "orchestrator/rollout/health/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char site[] =
    "site: x\nupstreams:\n  - {name: u1, address: 192.0.2.101}\n"
    "tiers:\n  - name: core\n    upstreams: all\n    servers:\n"
    "      - {name: t1, address: 192.0.2.1, daemon: ntpsec}\n"
    "      - {name: p1, address: 192.0.2.2, pool: true}\n"
    "serve: [192.0.2.0/24, \"2001:db8::/64\", 10.9.1.0/24, 10.9.3.0/24]\n"
    "deny:\n  - {net: 10.9.0.0/16, because: noise}\n"
    "  - {net: [192.0.2.192/26, \"2001:db8::bad:0/112\"], because: more noise}\n"
    "  - {net: [10.9.1.64/26, 10.9.3.0/24], because: inside what is served inside}\n";

static void
load(struct topology *topology)
{
	struct diags diags = { 0 };

	if (topology_load_text(topology, "site.yaml", site, strlen(site), &diags)) {
		diags_print(&diags, stderr, false);
		fail();
	}
	diags_free(&diags);
}

static struct ip
ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

static enum access_rule
rule(const struct topology *topology, const char *host, const char *daemon, const struct ip *from)
{
	return access_rule(
	    topology, topology_host(topology, host), daemon_find(daemon), ACCESS_TIME, from);
}

/* As the daemons have it: chrony 4.3, NTPsec 1.2.2 and ntp 4.2.8p15 were asked. */
static void
the_narrowest_network_says_who_is_denied(void **state UNUSED)
{
	static const struct {
		const char *from, *network; /* NULL: not denied */
		const char *because;
	} rows[] = {
		{ "192.0.2.50", NULL, NULL },
		{ "192.0.2.200", "192.0.2.192/26", "more noise" },
		{ "192.0.2.191", NULL, NULL },
		{ "2001:db8::bad:1", "2001:db8::bad:0/112", "more noise" },
		{ "2001:db8::bae:1", NULL, NULL },
		{ "10.9.0.1", "10.9.0.0/16", "noise" },
		{ "10.9.1.1", NULL, NULL },
		{ "10.9.1.65", "10.9.1.64/26", "inside what is served inside" },
		{ "10.9.3.1", "10.9.3.0/24", "inside what is served inside" },
	};
	struct topology topology;

	load(&topology);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct deny *deny = NULL;
		struct ip ip = ip_of(rows[i].from);
		const struct network *network = topology_denied(&topology, &ip, &deny);
		enum access_rule wanted = network ? ACCESS_MUST_NOT : ACCESS_MUST;
		char text[IP_TEXT_BYTES];

		if (!network != !rows[i].network ||
		    (network && strcmp(network_text(network, text), rows[i].network) != 0) ||
		    (network && strcmp(deny->because, rows[i].because) != 0)) {
			fail_msg("%s: %s", rows[i].from, network ? text : "not denied");
		}
		assert_int_equal(rule(&topology, "t1", "chrony", &ip), wanted);
		assert_int_equal(rule(&topology, "p1", "ntp", &ip), wanted);
	}
	topology_free(&topology);
}

static void
an_answer_to_who_is_denied_is_told(void **state UNUSED)
{
	struct topology topology;
	struct access_seen now = { .to = ip_of("192.0.2.1"),
		.from = ip_of("192.0.2.200"),
		.answers = { ACCESS_ANSWERED, ACCESS_SILENT, ACCESS_SILENT } };
	struct access_case input = {
		.topology = &topology, .driver = daemon_find("ntpsec"), .now = &now, .now_count = 1
	};
	char words[ACCESS_WORDS_BYTES];

	load(&topology);
	now.host = input.host = topology_host(&topology, "t1");
	assert_int_equal(access_judge(&input, words), ACCESS_OPEN);
	assert_string_equal(
	    words, "192.0.2.1 tells the time to 192.0.2.200, which is in 192.0.2.192/26 of `deny`");
	topology_free(&topology);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_narrowest_network_says_who_is_denied),
		cmocka_unit_test(an_answer_to_who_is_denied_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
