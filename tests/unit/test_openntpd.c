/* What ntpd -n of OpenNTPD 6.2p3 said of each of these; `trusted` is of later versions. */
#include "daemons/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The sources, a space behind each; "?": not known. */
static const char *
sources_of(const char *config)
{
	static char text[1024];
	struct restart_policy policy;
	size_t len = 0;

	openntpd_read_policy(config, "", &policy);
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

static void
lines_are_split_and_joined_as_its_grammar_says(void **state UNUSED)
{
	static const struct {
		const char *config, *sources;
	} rows[] = {
		{ "server 192.0.2.1\nservers b.example weight 3\nsensor *\n",
		    "192.0.2.1 b.example " },
		{ "\n \t\n# c\n", "" },
		{ "server \\\na\n", "a " },
		{ "ser\\\nver a\n", "a " },
		{ "server a # c\nserver b# c\n", "a b " },
		{ "server a # c \\\nserver nonsense b\nserver c\n", "a c " },
		{ "server \"a b\"\nserver 'c'\n", "a b c " },
		{ "server ::1\n", "::1 " },
		{ "sensor nmea0 correction -5 refid GPS stratum 2 weight 2\n", "nmea0 " },
		{ "listen on *\nlisten on 192.0.2.1 rtable 3\nquery from 192.0.2.5\n", "" },
		{ "server a\n# no end", "a " },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(sources_of(rows[i].config), rows[i].sources) != 0) {
			fail_msg("\"%s\" gives \"%s\"", rows[i].config, sources_of(rows[i].config));
		}
	}
}

static void
what_keeps_it_from_starting_is_not_known(void **state UNUSED)
{
	static const char *const bad[] = {
		"nonsense\n",
		"Server a\n",
		"server\n",
		"server a b\n",
		"server a,b\n",
		"server {a\n",
		"server .a\n",
		"server a weight 11\n",
		"server a weight\n",
		"server a stratum 2\n",
		"server $x\nx=\"a\"\n",
		"x=\"a\"\n",
		"server \"a\n",
		"server a",
		"server a\\",
		"server a\r\n",
		"server a\\b\n",
		"constraint \"https://a\"\n",
		"constraint from https://a\n",
		"sensor\n",
		"sensor a stratum 16\n",
		"listen *\n",
		"query from\n",
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		if (strcmp(sources_of(bad[i]), "?") != 0) {
			fail_msg("\"%s\" was understood", bad[i]);
		}
	}
}

static void
a_start_steps_by_option_or_where_it_trusts_somebody(void **state UNUSED)
{
	static const struct {
		const char *config, *options;
		int64_t forward_ns, back_ns;
	} rows[] = {
		{ "server a\n", "", 0, 0 },
		{ "server a\n", "-s", 180 * NS_PER_S, 180 * NS_PER_S },
		{ "server a\n", "-vs -f /x", 180 * NS_PER_S, 180 * NS_PER_S },
		{ "server a trusted\n", "", 60 * NS_PER_S, 0 },
		{ "sensor * weight 2 trusted\nserver a\n", "", 60 * NS_PER_S, 0 },
		{ "constraints from \"https://a\"\nserver a\n", "", 60 * NS_PER_S, 0 },
		{ "server a weight 2 trusted\n", "-s", 60 * NS_PER_S, 180 * NS_PER_S },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct restart_policy policy;

		openntpd_read_policy(rows[i].config, rows[i].options, &policy);
		if (!policy.known || policy.step_forward_ns != rows[i].forward_ns ||
		    policy.step_back_ns != rows[i].back_ns) {
			fail_msg("\"%s\", \"%s\"", rows[i].config, rows[i].options);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_split_and_joined_as_its_grammar_says),
		cmocka_unit_test(what_keeps_it_from_starting_is_not_known),
		cmocka_unit_test(a_start_steps_by_option_or_where_it_trusts_somebody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
