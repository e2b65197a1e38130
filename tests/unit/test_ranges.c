#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The names of @text with blanks between them, or "error: ...". */
static const char *
expanded(const char *text)
{
	static char out[4096];
	struct arena arena = { 0 };
	const char **names;
	struct error err;
	size_t count, len = 0;

	out[0] = '\0';
	if (names_expand(&arena, text, 1000, &names, &count, &err) < 0) {
		snprintf(out, sizeof(out), "error: %s", err.text);
	} else {
		for (size_t i = 0; i < count; i++) {
			len += (size_t)snprintf(
			    out + len, sizeof(out) - len, "%s%s", i > 0 ? " " : "", names[i]);
		}
	}
	arena_free(&arena);
	return out;
}

static void
a_name_alone_stands_for_itself(void **state UNUSED)
{
	assert_string_equal(expanded("web1.example.net"), "web1.example.net");
	assert_string_equal(expanded("192.0.2.7"), "192.0.2.7");
	assert_string_equal(expanded("2001:db8::7"), "2001:db8::7");
}

static void
ranges_lists_and_steps_count_as_clustershell_counts(void **state UNUSED)
{
	assert_string_equal(expanded("n[1-3]"), "n1 n2 n3");
	assert_string_equal(expanded("n[9-11]x"), "n9x n10x n11x");
	assert_string_equal(expanded("db[1,3-9/3].a"), "db1.a db3.a db6.a db9.a");
	assert_string_equal(expanded("a,b[1-2], c"), "a b1 b2 c");
	assert_string_equal(expanded("r[1-2]n[1-3/2]"), "r1n1 r1n3 r2n1 r2n3");
}

static void
leading_zeros_are_kept(void **state UNUSED)
{
	assert_string_equal(expanded("n[008-010]"), "n008 n009 n010");
	assert_string_equal(expanded("n[08-101/31]"), "n08 n39 n70 n101");
	assert_string_equal(expanded("n[0-2]"), "n0 n1 n2");
	assert_string_equal(expanded("n[00,1]"), "n00 n1");
}

static void
what_is_no_range_is_refused_and_named(void **state UNUSED)
{
	assert_string_equal(expanded("n[3-1]"), "error: the range 3-1 runs backwards");
	assert_string_equal(
	    expanded("n[1-010]"), "error: the numbers of the range 1-010 differ in leading zeros");
	assert_non_null(strstr(expanded("n[1-"), "is not a range"));
	assert_non_null(strstr(expanded("n[]"), "is not a range"));
	assert_non_null(strstr(expanded("n[1-5/0]"), "is not a range"));
	assert_non_null(strstr(expanded("n[a-c]"), "is not a range"));
	assert_string_equal(expanded("n1]"), "error: a ] without its [");
	assert_string_equal(expanded("a,,b"), "error: a comma without a host name");
	assert_string_equal(expanded(""), "error: a comma without a host name");
	assert_string_equal(expanded("a b"), "error: a blank in a host name");
	assert_string_equal(expanded("../x"), "error: \"../x\" is not a host name");
	assert_non_null(
	    strstr(expanded("n[1-9]!n3"), "\"!\" is not understood in a range of hosts"));
}

static void
more_names_than_the_limit_are_refused_before_they_are_made(void **state UNUSED)
{
	assert_string_equal(expanded("n[1-1001]"), "error: more than 1000 hosts");
	assert_string_equal(expanded("a,n[1-1000]"), "error: more than 1000 hosts");
	assert_string_equal(
	    expanded("n[1-999999999][1-999999999][1-999999999]"), "error: more than 1000 hosts");
	assert_non_null(strstr(expanded("n[1-99999999999999999999]"), "is not a range"));
	assert_non_null(
	    strstr(expanded("[1][1][1][1][1][1][1][1][1]"), "more than 8 [...] in one name"));
}

static void
a_name_longer_than_dns_allows_is_refused(void **state UNUSED)
{
	char text[300];

	memset(text, 'a', sizeof(text));
	memcpy(text + 251, "[001]", 6);
	assert_string_equal(expanded(text), "error: a host name of more than 253 bytes");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_alone_stands_for_itself),
		cmocka_unit_test(ranges_lists_and_steps_count_as_clustershell_counts),
		cmocka_unit_test(leading_zeros_are_kept),
		cmocka_unit_test(what_is_no_range_is_refused_and_named),
		cmocka_unit_test(more_names_than_the_limit_are_refused_before_they_are_made),
		cmocka_unit_test(a_name_longer_than_dns_allows_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
