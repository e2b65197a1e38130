/* What beginners write in YAML: each slip is told at its place, with what is to be written instead.
 */
#include "orchestrator/topology/load/remedies.h"
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct trap {
	const char *text;
	unsigned line, column;
	const char *said; /* a part of the finding */
} traps[] = {
	/* what begins or ends with a character of YAML's own */
	{ "upstreams:\n  - {name: a, address: ::1}\n", 2, 24,
	    "quote an address that begins with ::, as \"::1\"" },
	{ "monitors: [::1]\n", 1, 12, "quote an address that begins with ::" },
	{ "monitors: [2001:db8::]\n", 1, 21,
	    "quote an address that ends with ::, as \"2001:db8::\"" },
	{ "serve: *\n", 1, 9, "quote a text that begins with * or &" },
	{ "serve: [*]\n", 1, 10, "quote a text that begins with * or &" },
	{ "serve: &\n", 1, 9, "quote a text that begins with * or &" },
	{ "serve: *all\n", 1, 8, "no anchor &all stands above this alias" },
	{ "serve: @all\n", 1, 8, "quote a text that begins with this character" },
	{ "serve: %all\n", 1, 8, "quote a text that begins with this character" },
	{ "serve: `all`\n", 1, 8, "quote a text that begins with this character" },
	{ "site: x\n%YAML 1.1\n", 3, 1, "quote a text that begins with %" },
	/* blanks and tabs */
	{ "upstreams:\n\t- name: a\n", 2, 1, "indent by spaces, not by tabs" },
	{ "upstreams:\n  - name: a\n\taddress: b\n", 3, 1, "indent by spaces, not by tabs" },
	{ "upstreams:\n  - name: a\n   address: b\n", 3, 4, "look at the indentation" },
	{ "upstreams:\n  - {name:a, address: b}\n", 2, 6,
	    "an upstream has no key `name:a`; write a blank behind the colon: `name: a`" },
	{ "upstreams:\n  - name:a\n", 2, 5,
	    "not a text; write a blank behind the colon: `name: a`" },
	{ "site:x\n", 1, 1,
	    "a site is a map of keys, not a text; write a blank behind the colon: `site: x`" },
	{ "site: x\nkeys\nserve: []\n", 2, 1, "a key is followed by \": \"" },
	{ "\xc2\xa0site: x\n", 1, 1, "it has a no-break space in it, which is no blank" },
	{ "site: \xe2\x80\x9cx\xe2\x80\x9d\n", 1, 7,
	    "its quotes are those of a word processor: write \"" },
	{ "site: a\xe2\x80\x93z\n", 1, 7, "it has a dash in it, where - is meant" },
	/* what is open or closed */
	{ "keys: \"abc\nserve: [192.0.2.0/24]\n", 1, 7, "this quote is not closed" },
	{ "site: x\nkeys: 'abc\n", 2, 7, "this quote is not closed" },
	{ "site: \"x\"y\n", 1, 10, "nothing may follow a closing quote" },
	{ "keys: \"C:\\path\"\n", 1, 10, "write \\\\ for a \\, or take single quotes" },
	{ "serve: [192.0.2.0/24]]\n", 1, 22, "this closes nothing that is open" },
	{ "serve: ]\n", 1, 8, "this closes nothing that is open, or a value is missing" },
	{ "serve: [192.0.2.0/24,,192.0.3.0/24]\n", 1, 22, "a value is missing before this comma" },
	{ "budget: {offset: 5ms\nsite: x\n", 2, 5, "a { map is not closed, or a comma is missing" },
	{ "budget: {offset: 5ms error_bound: 1s}\n", 1, 33,
	    "a { map is not closed, or a comma is missing" },
	{ "clients:\n  - {name: web, from: core, hosts: web[1-3].example.net}\n", 2, 39,
	    "quote a range within [ ] or { }, as \"web[1-3].example.net\"" },
	{ "clients:\n  - {name: web, from: core, hosts: [web[1-3]]}\n", 2, 40,
	    "quote a range within [ ] or { }" },
	/* lists and maps */
	{ "upstreams: - {name: a}\n", 1, 12, "begins on a line of its own" },
	{ "serve:\n  - - 192.0.2.0/24\n", 2, 5,
	    "an item of `serve` is a single value, not a list" },
	{ "upstreams: {a: 192.0.2.1}\n", 1, 12,
	    "`upstreams` takes a list of maps, each `- name: ...`, not a map" },
	{ "tiers:\n  core:\n    servers: [a]\n", 2, 3,
	    "`tiers` takes a list of maps, each `- name: ...`, not a map" },
	{ "upstreams: [a, b]\n", 1, 13,
	    "`upstreams` lists maps, each `- name: ...` with its keys, not a text" },
	{ "serve: 192.0.2.0/24, 192.0.3.0/24\n", 1, 8, "several are written as a list: [a, b]" },
	{ "serve: 192.0.2.0/24 192.0.3.0/24\n", 1, 8, "several are written as a list: [a, b]" },
	{ "monitors: 192.0.2.9 192.0.2.8\n", 1, 11, "several are written as a list: [a, b]" },
	{ "upstreams:\n  - {name: a, address: \"x.example, y.example\"}\n", 2, 24,
	    "several are written as a list: [a, b]" },
	{ "budget: offset: 5ms\n", 1, 15, "quote a text that has \": \" in it" },
	{ "site: x\nsite: y\n", 2, 1, "`site` is given twice (first at line 1)" },
	/* what other programs take for a number, a truth or a time */
	{ "upstreams:\n  - {name: a, address: b, nts: yes}\n", 2, 32,
	    "`nts` is \"yes\", not true or false" },
	{ "site: 12:30\n", 1, 7, "`site` is \"12:30\", not a name" },
	{ "site: null\n", 1, 7, "`site` has no value" },
	{ "upstreams:\n  - {name: a, address: , nts: true}\n", 2, 24, "`address` has no value" },
};

/* Whether a finding at the place of @trap says what it should. */
static bool
is_told(const struct diags *diags, const struct trap *trap)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->list[i];

		if (diag->pos.line == trap->line && diag->pos.column == trap->column &&
		    strstr(diag->text, trap->said)) {
			return true;
		}
	}
	return false;
}

static void
each_slip_is_told_with_its_remedy(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(traps); i++) {
		struct topology topology;
		struct diags diags = { 0 };

		assert_int_equal(topology_load_text(&topology, "nosuch/site.yaml", traps[i].text,
				     strlen(traps[i].text), &diags),
		    -1);
		if (!is_told(&diags, &traps[i])) {
			diags_print(&diags, stderr, false);
			fail_msg("%s: not told at %u:%u: %s", traps[i].text, traps[i].line,
			    traps[i].column, traps[i].said);
		}
		diags_free(&diags);
		topology_free(&topology);
	}
}

/* These look like other things to other programs; here they are names, and nothing is wrong. */
static void
words_and_numbers_are_names(void **state UNUSED)
{
	static const char *const names[] = { "no", "yes", "on", "off", "true", "1", "012", "1.5",
		"1e3", "0x10", "2026-11-30" };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct topology topology;
		struct diags diags = { 0 };
		char text[256];
		int len = snprintf(text, sizeof(text),
		    "site: %s\nupstreams: [{name: %s, address: a.example}]\n"
		    "tiers: [{name: core, upstreams: %s, servers: [{name: t1, address: "
		    "192.0.2.1}]}]\n",
		    names[i], names[i], names[i]);

		assert_int_equal(
		    topology_load_text(&topology, "site.yaml", text, (size_t)len, &diags), 0);
		assert_string_equal(topology.site, names[i]);
		assert_string_equal(topology.tiers[0].sources.list[0].upstream->name, names[i]);
		diags_free(&diags);
		topology_free(&topology);
	}
}

static void
what_is_not_known_has_no_remedy(void **state UNUSED)
{
	assert_null(yaml_remedy("something new", "x", 1, 0));
	assert_non_null(yaml_remedy("did not find expected node content", "", 0, 0));
	assert_string_equal(odd_text("a b", false), "");
	assert_string_equal(odd_text("plain", true), "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_slip_is_told_with_its_remedy),
		cmocka_unit_test(words_and_numbers_are_names),
		cmocka_unit_test(what_is_not_known_has_no_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
