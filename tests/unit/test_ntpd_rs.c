/* What ntp-ctl validate of ntpd-rs 1.4.0 takes, and what it refuses. */
#include "daemons/ntpd_rs/toml.h"
#include "daemons/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ONE "[[source]]\nmode = \"server\"\naddress = \"192.0.2.1\"\n"
#define SYNC "[synchronization]\n"

/* "quorum forward back step", times in ms, 0: no limit; "?": not known. */
static const char *
limits_of(const char *config)
{
	static char text[128];
	struct restart_policy policy;

	ntpd_rs_read_policy(config, "", &policy);
	if (!policy.known) {
		return "?";
	}
	snprintf(text, sizeof(text), "%u %lld %lld %lld", policy.quorum,
	    (long long)(policy.panic_ns / NS_PER_MS),
	    (long long)(policy.panic_back_ns == INT64_MAX ? 0 : policy.panic_back_ns / NS_PER_MS),
	    (long long)(policy.step_forward_ns / NS_PER_MS));
	return text;
}

static void
every_spelling_of_a_key_is_the_same_key(void **state UNUSED)
{
	static const struct {
		const char *config, *limits;
	} rows[] = {
		{ ONE, "3 0 86400000 10" },
		{ ONE SYNC "startup-step-panic-threshold = 5", "3 5000 5000 10" },
		{ ONE SYNC "startup-step-panic-threshold = \"inf\"", "3 0 0 10" },
		{ ONE SYNC "startup-step-panic-threshold = {}", "3 0 0 10" },
		{ ONE SYNC "startup-step-panic-threshold = {backward = 1_800}", "3 0 1800000 10" },
		{ ONE SYNC "startup-step-panic-threshold.backward = inf", "3 0 0 10" },
		{ ONE SYNC "startup-step-panic-threshold.forward = 1\n"
			   "startup-step-panic-threshold.backward = 2",
		    "3 1000 2000 10" },
		{ ONE "[synchronization.startup-step-panic-threshold]\nforward = 7.5e0\n",
		    "3 7500 0 10" },
		{ ONE "[synchronization]\n[synchronization.startup-step-panic-threshold]\n"
		      "backward = 'inf' # none\n",
		    "3 0 0 10" },
		{ ONE "[ \"synchronization\" ] # t\r\n'minimum-agreeing-sources'=0x2\r\n",
		    "2 0 86400000 10" },
		{ "synchronization.minimum-agreeing-sources = +1\n" ONE, "1 0 86400000 10" },
		{ "\"\\u0073ynchronization\".minimum-agreeing-sources = 0b11\n" ONE,
		    "3 0 86400000 10" },
		{ "synchronization = {minimum-agreeing-sources = 1, algorithm.step-threshold = "
		  "0.5}\n" ONE,
		    "1 0 86400000 500" },
		{ ONE SYNC "algorithm = {step-threshold = 1_0.5}", "3 0 86400000 10500" },
		{ ONE "[synchronization.algorithm]\nstep-threshold = inf\n" SYNC
		      "minimum-agreeing-sources = 0",
		    "1 0 86400000 0" },
		{ ONE "[observability]\nlog-level = \"\"\"\n[synchronization]\n"
		      "minimum-agreeing-sources = 1\n\"\"\"\n",
		    "3 0 86400000 10" },
		{ ONE "[server]\nx = [\n  1, # ]\n  [2, 'a]'],\n]\n" SYNC
		      "minimum-agreeing-sources = 2\n",
		    "2 0 86400000 10" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(limits_of(rows[i].config), rows[i].limits) != 0) {
			fail_msg("\"%s\" gives \"%s\"", rows[i].config, limits_of(rows[i].config));
		}
	}
}

static void
what_ntpd_rs_refuses_is_not_known(void **state UNUSED)
{
	static const char *const bad[] = {
		"nonsense = 1\n" ONE,
		"minimum-agreeing-sources = 1\n" ONE,
		ONE "nonsense = 1\n",
		ONE "synchronization.minimum-agreeing-sources = 1\n",
		ONE SYNC "nonsense = 1",
		ONE SYNC "minimum-agreeing-sources = 2.0",
		ONE SYNC "minimum-agreeing-sources = \"1\"",
		ONE SYNC "minimum-agreeing-sources = [1]",
		ONE SYNC "minimum-agreeing-sources = 01",
		ONE SYNC "minimum-agreeing-sources = 1__0",
		ONE SYNC "minimum-agreeing-sources = 1\nminimum-agreeing-sources = 1",
		ONE SYNC "startup-step-panic-threshold = inf",
		ONE SYNC "startup-step-panic-threshold = nan",
		ONE SYNC "startup-step-panic-threshold = -1",
		ONE SYNC "startup-step-panic-threshold = 'infinity'",
		ONE SYNC "startup-step-panic-threshold = {back = 1}",
		ONE SYNC "startup-step-panic-threshold = {backward = 1,\nforward = 1}",
		ONE SYNC "algorithm.nonsense = 1",
		ONE SYNC "algorithm.step-threshold = 'inf'",
		ONE SYNC "algorithm.step-threshold = .5",
		ONE SYNC "algorithm.step-threshold = 1\n[synchronization.algorithm]",
		ONE SYNC SYNC,
		"synchronization.local-stratum = 1\n" ONE SYNC,
		ONE "[[synchronization]]\n",
		ONE "synchronization = 1 2\n",
		"[source]\nmode = 'server'\naddress = 'a'\n",
		"source = 'a'\n",
		"source = [{mode = 'server', address = 'a',}]\n",
		"[[source]]\naddress = 'a'\n",
		"[[source]]\nmode = 'server'\n",
		"[[source]]\nmode = 'Server'\naddress = 'a'\n",
		"[[source]]\nmode = 'server'\naddress = ['a']\n",
		"[[source]]\nmode = 'pool'\naddress = 'a'\ncount = 'x'\n",
		"[[source]\nmode = 'server'\n",
		ONE "[a\n",
		ONE "a = \"b\n\"",
		ONE "a = '\\",
		ONE "a = \"\\x41\"",
		ONE "a = \"\\ud800\"",
		ONE "a = [[[[[[[[[[[[[[[[[[[[",
		ONE "a =",
		ONE "a. = 1",
		ONE "= 1",
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		if (strcmp(limits_of(bad[i]), "?") != 0) {
			fail_msg("\"%s\" was understood", bad[i]);
		}
	}
}

static void
sources_are_found_in_tables_and_in_arrays(void **state UNUSED)
{
	struct restart_policy policy;

	ntpd_rs_read_policy(
	    "source = [{mode = 'server', address = 'a:123'}, # one\n\n"
	    "  {address = \"\"\"\nb\\\n  c\"\"\", mode = \"pool\", count = 2},\n]\n",
	    "", &policy);
	assert_true(policy.known);
	assert_int_equal(policy.line_count, 2);
	assert_string_equal(policy.lines[0].name, "a");
	assert_string_equal(policy.lines[0].place, "/etc/ntpd-rs/ntp.toml:1");
	assert_string_equal(policy.lines[1].name, "bc");
	assert_string_equal(policy.lines[1].place, "/etc/ntpd-rs/ntp.toml:3");
	assert_int_equal(policy.lines[1].addresses, 2);
	ntpd_rs_read_policy("#line 7 /x.toml\n[[ \"source\" ]]\nmode = 'nts'\naddress = 'a'\n"
			    "[[source]]\nmode = 'sock'\npath = '/run/s'\n"
			    "measurement_noise_estimate = 1e-6\n",
	    "", &policy);
	assert_true(policy.known);
	assert_string_equal(policy.lines[0].place, "/x.toml:7");
	assert_int_equal(policy.lines[0].flags, RESTART_AUTH);
	assert_int_equal(policy.lines[1].flags, RESTART_REFCLOCK);
}

static void
add_item(void *owner, const struct toml_item *item)
{
	static const char *const kinds[] = { "table", "array", "element", "string", "other",
		"bad" };
	char *text = owner;
	size_t len = strlen(text);

	snprintf(text + len, 1024 - len, "%u %s %s %s\n", item->line, kinds[item->kind], item->path,
	    item->text);
}

static void
toml_gives_each_item_with_its_line(void **state UNUSED)
{
	char text[1024] = "";

	toml_read("a.'b c'.\"\" = 1979-05-27T07:32:00Z\n[[x]]\n[x.y]\nz = '''''q'''''\n"
		  "[[x]]\n[x.y]\nz = \"\\u00e9\\t\\\"\"\n[w]\nv = [ 1, {u = true}, [] ]\n?\n",
	    "/f", add_item, text);
	assert_string_equal(text,
	    "1 other a.\"b c\".\"\" 1979-05-27T07:32:00Z\n"
	    "2 element x \n3 table x.y \n4 string x.y.z ''q''\n"
	    "5 element x \n6 table x.y \n7 string x.y.z \xC3\xA9\t\"\n"
	    "8 table w \n9 array w.v \n9 other w.v 1\n9 element w.v \n9 other w.v.u true\n"
	    "9 array w.v \n10 bad  \n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_of_a_key_is_the_same_key),
		cmocka_unit_test(what_ntpd_rs_refuses_is_not_known),
		cmocka_unit_test(sources_are_found_in_tables_and_in_arrays),
		cmocka_unit_test(toml_gives_each_item_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
