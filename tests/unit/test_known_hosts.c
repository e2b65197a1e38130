#include "orchestrator/ssh/known_hosts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Blobs that are nothing but their type; base64 of the wire's string. */
#define ED25519 "AAAAC3NzaC1lZDI1NTE5"
#define RSA "AAAAB3NzaC1yc2E="
static const char ed25519[] = "\0\0\0\013ssh-ed25519";
static const char ed25519_other[] = "\0\0\0\013ssh-ed25519x";
#define BLOB(text) (text), sizeof(text) - 1

static struct known_hosts *
parse(const char *text)
{
	struct known_hosts *known = known_hosts_new();

	known_hosts_parse(known, "known", text, strlen(text));
	return known;
}

static enum known
check(const struct known_hosts *known, const char *host, unsigned port, const void *blob,
    size_t len, struct known_line *line)
{
	struct known_key key = { host, port, blob, len };

	return known_hosts_check(known, &key, line);
}

static void
a_plain_name_is_found_whatever_its_case(void **state UNUSED)
{
	struct known_hosts *known = parse("# mine\n\nTime1,192.0.2.1 ssh-ed25519 " ED25519 " me\n");
	struct known_line line;

	assert_int_equal(check(known, "time1", 22, BLOB(ed25519), &line), KNOWN_MATCH);
	assert_int_equal(check(known, "TIME1", 0, BLOB(ed25519), &line), KNOWN_MATCH);
	assert_int_equal(check(known, "192.0.2.1", 22, BLOB(ed25519), &line), KNOWN_MATCH);
	assert_int_equal(check(known, "time2", 22, BLOB(ed25519), &line), KNOWN_UNKNOWN);
	assert_int_equal(check(known, "time1", 2222, BLOB(ed25519), &line), KNOWN_UNKNOWN);
	known_hosts_free(known);
}

static void
another_port_is_another_host(void **state UNUSED)
{
	struct known_hosts *known = parse("[time1]:2222 ssh-ed25519 " ED25519 "\n");
	struct known_line line;

	assert_int_equal(check(known, "time1", 2222, BLOB(ed25519), &line), KNOWN_MATCH);
	assert_int_equal(check(known, "time1", 22, BLOB(ed25519), &line), KNOWN_UNKNOWN);
	known_hosts_free(known);
}

static void
another_key_than_the_known_one_names_the_line(void **state UNUSED)
{
	struct known_hosts *known = parse("a ssh-ed25519 " ED25519 "\nb ssh-ed25519 " ED25519 "\n");
	struct known_line line = { NULL, 0 };

	assert_int_equal(check(known, "b", 22, BLOB(ed25519_other), &line), KNOWN_CHANGED);
	assert_string_equal(line.file, "known");
	assert_int_equal(line.line, 2);
	known_hosts_free(known);
}

/* The line is what `ssh-keygen -H` of OpenSSH 9.2 made of "time1". */
static void
a_hashed_name_is_found(void **state UNUSED)
{
	struct known_hosts *known = parse("|1|Xd+U8Ax8aWBoI14/w1zhRD3YK/A=|"
					  "7O+h5baeZrazxogtgjWS6pMEMgA= ssh-ed25519 " ED25519 "\n");
	struct known_line line;

	assert_int_equal(check(known, "time2", 22, BLOB(ed25519), &line), KNOWN_UNKNOWN);
	assert_int_equal(check(known, "time1", 22, BLOB(ed25519), &line), KNOWN_MATCH);
	known_hosts_free(known);
}

static void
wildcards_match_and_a_negated_one_forbids(void **state UNUSED)
{
	struct known_hosts *known =
	    parse("*.example.net,!bad.example.net,time? ssh-ed25519 " ED25519 "\n");
	struct known_line line;

	assert_int_equal(check(known, "web.example.net", 22, BLOB(ed25519), &line), KNOWN_MATCH);
	assert_int_equal(check(known, "time3", 22, BLOB(ed25519), &line), KNOWN_MATCH);
	assert_int_equal(check(known, "bad.example.net", 22, BLOB(ed25519), &line), KNOWN_UNKNOWN);
	assert_int_equal(check(known, "example.net", 22, BLOB(ed25519), &line), KNOWN_UNKNOWN);
	known_hosts_free(known);
}

static void
a_revoked_key_is_refused_even_when_another_line_knows_it(void **state UNUSED)
{
	struct known_hosts *known =
	    parse("a ssh-ed25519 " ED25519 "\n@revoked * ssh-ed25519 " ED25519 "\n");
	struct known_line line = { NULL, 0 };

	assert_int_equal(check(known, "a", 22, BLOB(ed25519), &line), KNOWN_REVOKED);
	assert_int_equal(line.line, 2);
	known_hosts_free(known);
}

static void
types_are_those_of_the_host_without_repetition(void **state UNUSED)
{
	struct known_hosts *known =
	    parse("a ssh-rsa " RSA "\nb,a ssh-ed25519 " ED25519 "\n* ssh-ed25519 " ED25519 "\n");
	char types[64];

	known_hosts_types(known, "a", 22, types, sizeof(types));
	assert_string_equal(types, "ssh-rsa,ssh-ed25519");
	known_hosts_types(known, "a", 22, types, 10);
	assert_string_equal(types, "ssh-rsa");
	known_hosts_free(known);
}

static void
lines_that_are_none_are_left_out(void **state UNUSED)
{
	struct known_hosts *known = parse("a\na b\na ssh-ed25519 ***\na ssh-rsa " ED25519
					  "\n@cert-authority a ssh-ed25519 " ED25519
					  "\n|1|x|y ssh-ed25519 " ED25519 "\na ssh-ed25519 =");
	struct known_line line;

	assert_int_equal(check(known, "a", 22, BLOB(ed25519), &line), KNOWN_UNKNOWN);
	known_hosts_free(known);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_name_is_found_whatever_its_case),
		cmocka_unit_test(another_port_is_another_host),
		cmocka_unit_test(another_key_than_the_known_one_names_the_line),
		cmocka_unit_test(a_hashed_name_is_found),
		cmocka_unit_test(wildcards_match_and_a_negated_one_forbids),
		cmocka_unit_test(a_revoked_key_is_refused_even_when_another_line_knows_it),
		cmocka_unit_test(types_are_those_of_the_host_without_repetition),
		cmocka_unit_test(lines_that_are_none_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
