#include "orchestrator/topology/pick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char site[] = "site: t\n"
			   "upstreams:\n"
			   "  - {name: u1, address: 192.0.2.101}\n"
			   "tiers:\n"
			   "  - name: core\n"
			   "    upstreams: all\n"
			   "    servers:\n"
			   "      - {name: time1, address: 192.0.2.1}\n"
			   "      - {name: time2, address: 192.0.2.2}\n"
			   "  - name: db\n"
			   "    from: core\n"
			   "    servers:\n"
			   "      - {name: time3, address: 192.0.2.3}\n"
			   "clients:\n"
			   "  - {name: web, from: core, hosts: \"web[01-03].example.net\"}\n"
			   "  - {name: db, from: core, hosts: \"db[1-2],db\"}\n";

static struct topology topology;

static int
load(void **state UNUSED)
{
	struct diags diags = { 0 };
	int status = topology_load_text(&topology, "site.yaml", site, sizeof(site) - 1, &diags);

	diags_free(&diags);
	return status;
}

static int
unload(void **state UNUSED)
{
	topology_free(&topology);
	return 0;
}

/* The hosts that @word names with blanks between them, or "error: ...". */
static const char *
picked(const char *word)
{
	static char out[4096];
	bool marks[16] = { false };
	struct error err;
	size_t len = 0;

	out[0] = '\0';
	if (topology_pick(&topology, word, marks, &err)) {
		snprintf(out, sizeof(out), "error: %s", err.text);
		return out;
	}
	for (size_t i = 0; i < topology.host_count; i++) {
		if (marks[i]) {
			len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s",
			    len > 0 ? " " : "", topology.hosts[i].name);
		}
	}
	return out;
}

static void
a_host_a_tier_and_a_group_are_named_by_their_names(void **state UNUSED)
{
	assert_string_equal(picked("time3"), "time3");
	assert_string_equal(picked("core"), "time1 time2");
	assert_string_equal(picked("web"), "web01.example.net web02.example.net web03.example.net");
}

static void
a_list_may_mix_them_and_names_each_host_once(void **state UNUSED)
{
	assert_string_equal(picked("time3,core,time1"), "time1 time2 time3");
	assert_string_equal(picked("time[1-2],db2"), "time1 time2 db2");
}

static void
a_range_is_of_names_that_the_site_has(void **state UNUSED)
{
	assert_string_equal(
	    picked("web[01,03].example.net"), "web01.example.net web03.example.net");
	assert_string_equal(picked("time[2-9]"),
	    "error: no host, tier or client group \"time4\" in the site; is \"time1\" meant?");
	assert_string_equal(picked("time[2-"),
	    "error: \"time[2-\": \"[2-\" is not a range: numbers as 1,3-5 or 001-120 or 1-9/2, "
	    "closed by ]");
}

static void
a_name_that_is_none_is_told_with_the_nearest_one(void **state UNUSED)
{
	assert_string_equal(picked("cor"),
	    "error: no host, tier or client group \"cor\" in the site; is \"core\" meant?");
	assert_string_equal(picked("core,timee1"),
	    "error: no host, tier or client group \"timee1\" in the site; is \"time1\" meant?");
	assert_string_equal(picked("web[01-02]"),
	    "error: no host, tier or client group \"web01\" in the site; is "
	    "\"web01.example.net\" meant?");
	assert_string_equal(picked("nothing-like-it"),
	    "error: no host, tier or client group \"nothing-like-it\" in the site");
	assert_string_equal(picked(""), "error: \"\" names no host");
	assert_string_equal(picked("time1,"), "error: \"\": a comma without a host name");
}

static void
a_name_of_two_things_is_not_guessed(void **state UNUSED)
{
	assert_string_equal(picked("db"),
	    "error: \"db\" is more than one thing in the site: write host:db or tier:db or "
	    "group:db");
	assert_string_equal(picked("host:db"), "db");
	assert_string_equal(picked("tier:db"), "time3");
	assert_string_equal(picked("group:db"), "db1 db2 db");
	assert_string_equal(picked("tier:time1"), "error: no tier \"time1\" in the site");
	assert_string_equal(
	    picked("group:wep"), "error: no client group \"wep\" in the site; is \"web\" meant?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_a_tier_and_a_group_are_named_by_their_names),
		cmocka_unit_test(a_list_may_mix_them_and_names_each_host_once),
		cmocka_unit_test(a_range_is_of_names_that_the_site_has),
		cmocka_unit_test(a_name_that_is_none_is_told_with_the_nearest_one),
		cmocka_unit_test(a_name_of_two_things_is_not_guessed),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
