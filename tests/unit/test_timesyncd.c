/* What systemd 252 itself said of each of these, in its debug log. */
#include "daemons/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DROPIN "#line 1 /etc/systemd/timesyncd.conf.d/50.conf\n"
#define STATE "#line 1 /run/systemd/netif/state\n"

/* The servers that it would ask, a space behind each; "?": not known. */
static const char *
servers_of(const char *config)
{
	static char text[1024];
	struct restart_policy policy;
	size_t len = 0;

	timesyncd_read_policy(config, "", &policy);
	if (!policy.known) {
		return "?";
	}
	text[0] = '\0';
	for (size_t i = 0; i < policy.line_count; i++) {
		len +=
		    (size_t)snprintf(text + len, sizeof(text) - len, "%s ", policy.lines[i].name);
	}
	return text;
}

struct row {
	const char *config, *servers;
};

static void
expect(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(servers_of(rows[i].config), rows[i].servers) != 0) {
			fail_msg("\"%s\" gives \"%s\"", rows[i].config, servers_of(rows[i].config));
		}
	}
}

static void
servers_of_links_come_before_the_fallback(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[Time]\n#NTP=\n#FallbackNTP=f.example\n" STATE "OPER_STATE=routable\nNTP=a b\n",
		    "a b " },
		{ "[Time]\nNTP=s b\nFallbackNTP=f\n" STATE "NTP=a b\n", "s b a b " },
		{ "[Time]\nFallbackNTP=f\n" STATE "NTP=a\nNTP=b\n", "b " },
		{ "[Time]\nFallbackNTP=f\n" STATE "NTP=\nDNS=192.0.2.1\n", "f " },
		{ "[Time]\nFallbackNTP=f\n" STATE "NTP=a..b\n", "f " },
		{ "[Time]\n" STATE "NTP=\"a b\"\n", "?" },
		{ STATE "NTP=a\n", "a " },
	};

	expect(rows, COUNT(rows));
}

static void
without_any_server_those_are_asked_that_are_built_in(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "", "?" },
		{ "[Time]\nRootDistanceMaxSec=5\n", "?" },
		{ "[Time]\n#NTP=\n#FallbackNTP=f g\n", "f g " },
		{ "[Time]\n#FallbackNTP=f\nFallbackNTP=\n", "f " },
		{ "[Time]\nFallbackNTP=\n", "?" },
		{ "[Time]\nFallbackNTP=f\nFallbackNTP=\n", "" },
		{ "[Time]\nFallbackNTP=a..b\n", "" },
		{ "[Time]\nNTP=a..b\n", "?" },
		{ "[Time]\nNTP=a\nNTP=  \n", "?" },
		{ "[Time]\n" DROPIN "#FallbackNTP=f\n", "?" },
		{ "[Time]\nNTP=s\n", "s " },
	};

	expect(rows, COUNT(rows));
}

static void
each_file_begins_outside_of_any_section(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[Time]\nFallbackNTP=f\n" DROPIN "NTP=a\n", "f " },
		{ "[Time]\nFallbackNTP=f\n" DROPIN "NTP=a\n[Time]\nNTP=b\n[X]\nNTP=c\n", "b " },
		{ "[Time]\nFallbackNTP=f\nNTP=s \\\n" DROPIN "NTP=a\n", "s " },
		{ "NTP=a\n[Time]\nFallbackNTP=f\n", "f " },
		{ "[ Time ]\nNTP=a\n[Time]\nFallbackNTP=f\n", "f " },
		{ "[time]\nNTP=a\n[Time]\nFallbackNTP=f\n", "f " },
		{ "  [Time]  \r\n NTP = a a ; b\r\n", "a ; b " },
		{ "\xEF\xBB\xBF[Time]\nNTP=a\n", "a " },
	};

	expect(rows, COUNT(rows));
}

static void
a_broken_header_ends_the_reading(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[Time]\nNTP=s\n[Time] # two\nNTP=a\n" DROPIN "[Time]\nNTP=b\n", "s " },
		{ "[Time]\nFallbackNTP=f\n[\nNTP=a\n" STATE "NTP=l\n", "l " },
		{ "[Time]\nNTP=s\n[\"Time\"]\n[Time]\nNTP=a\n", "s " },
		{ "[Time]\nNTP=s\nX=\xFF\n", "?" },
	};

	expect(rows, COUNT(rows));
}

static void
lines_are_joined_and_words_split_as_systemd_does(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[Time]\nNTP=a \\\n# c\n  b \\\n\nFallbackNTP=f\n", "a b " },
		{ "[Time]\nNTP=a \\", "a " },
		{ "[Time]\nFallbackNTP=f\nX=\\\nNTP=a\n", "f " },
		{ "[Time]\nServers=a\nntp=b\nNTP x=c\nNTP\n=d\n", "a " },
		{ "[Time]\nNTP=a # b\n", "a # b " },
		{ "[Time]\nNTP=\"a\" b,c -x\n", "\"a\" b,c -x " },
		{ "[Time]\nNTP=a\nNTP=b a\n", "a b " },
		{ "[Time]\nNTP=a\nNTP=\nNTP=b\n", "b " },
		{ "[Time]\nNTP=a\\\\\nFallbackNTP=f\n", "?" },
	};

	expect(rows, COUNT(rows));
}

static void
spans_are_read_in_all_their_units(void **state UNUSED)
{
	static const struct {
		const char *value;
		int64_t ms; /* 0: not understood */
	} rows[] = {
		{ "2", 2000 },
		{ "2 s 5ms", 2005 },
		{ "1min30seconds", 90000 },
		{ "5 min", 300000 },
		{ "1.5h", 5400000 },
		{ "", 5000 }, /* refused: the default stays */
		{ "far", 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct restart_policy policy;
		char config[64];

		snprintf(config, sizeof(config), "[Time]\nNTP=a\nRootDistanceMaxSec=%s\n",
		    rows[i].value);
		timesyncd_read_policy(config, "", &policy);
		if (policy.known ? policy.distance_max_ns != rows[i].ms * NS_PER_MS
				 : rows[i].ms != 0) {
			fail_msg("\"%s\"", rows[i].value);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_of_links_come_before_the_fallback),
		cmocka_unit_test(without_any_server_those_are_asked_that_are_built_in),
		cmocka_unit_test(each_file_begins_outside_of_any_section),
		cmocka_unit_test(a_broken_header_ends_the_reading),
		cmocka_unit_test(lines_are_joined_and_words_split_as_systemd_does),
		cmocka_unit_test(spans_are_read_in_all_their_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
