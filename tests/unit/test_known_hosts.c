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

static const struct policy_files files = { { "known" }, 1 }, more_files = { { "more" }, 1 };

static struct known_host
host(const char *name, unsigned port)
{
	return (struct known_host){ name, port, &files, &more_files, "revoked" };
}

static enum known
check(const struct known_hosts *known, const char *name, unsigned port, const void *blob,
    size_t len, struct known_line *line)
{
	struct known_host its = host(name, port);
	struct known_key key = { blob, len };

	return known_hosts_check(known, &its, &key, line);
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
	assert_int_equal(check(known, "time2", 2222, BLOB(ed25519), &line), KNOWN_UNKNOWN);
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
	struct known_host a = host("a", 22);
	char types[64];

	known_hosts_types(known, &a, types, sizeof(types));
	assert_string_equal(types, "ssh-rsa,ssh-ed25519");
	known_hosts_types(known, &a, types, 10);
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

static void
a_key_that_is_known_without_the_port_is_enough_unless_the_port_has_another(void **state UNUSED)
{
	struct known_hosts *known = parse("a,b ssh-ed25519 " ED25519 "\n[b]:2222 ssh-rsa " RSA
					  "\n@revoked c ssh-ed25519 " ED25519 "\n");
	struct known_line line = { NULL, 0 };

	assert_int_equal(check(known, "a", 2222, BLOB(ed25519), &line), KNOWN_MATCH);
	assert_int_equal(check(known, "a", 2222, BLOB(ed25519_other), &line), KNOWN_UNKNOWN);
	assert_int_equal(check(known, "b", 2222, BLOB(ed25519), &line), KNOWN_CHANGED);
	assert_int_equal(line.line, 2);
	assert_int_equal(check(known, "c", 2222, BLOB(ed25519), &line), KNOWN_REVOKED);
	assert_int_equal(line.line, 3);
	known_hosts_free(known);
}

static void
only_the_files_of_a_host_count(void **state UNUSED)
{
	struct known_hosts *known = parse("a ssh-ed25519 " ED25519 "\n");
	struct known_line line = { NULL, 0 };
	static const char other[] = "b ssh-ed25519 " ED25519 "\n@revoked a ssh-rsa " RSA "\n",
			  more[] = "@revoked a ssh-ed25519 " ED25519 "\n";

	known_hosts_parse(known, "other", other, strlen(other));
	assert_int_equal(check(known, "b", 22, BLOB(ed25519), &line), KNOWN_UNKNOWN);
	assert_int_equal(check(known, "a", 22, BLOB(ed25519), &line), KNOWN_MATCH);
	known_hosts_parse(known, "more", more, strlen(more));
	assert_int_equal(check(known, "a", 22, BLOB(ed25519), &line), KNOWN_REVOKED);
	assert_string_equal(line.file, "more");
	known_hosts_free(known);
}

static void
a_file_of_revoked_keys_is_understood_whole_or_not_at_all(void **state UNUSED)
{
	static const char *const bad[] = { "SSHKRL\n", "ssh-ed25519\n", "a ssh-ed25519 " ED25519,
		"ssh-ed25519 ***\n", "ssh-ed25519-cert-v01@openssh.com " ED25519 "\n" };
	static const char good[] = "# stolen\n\n  ssh-ed25519\t" ED25519 " of time1\n";
	struct known_hosts *known = parse("a ssh-ed25519 " ED25519 "\n");
	struct known_line line = { NULL, 0 };
	struct error err;

	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(
		    known_hosts_parse_revoked(known, "bad", bad[i], strlen(bad[i]), &err), -1);
	}
	assert_int_equal(check(known, "a", 22, BLOB(ed25519), &line), KNOWN_MATCH);
	assert_int_equal(known_hosts_parse_revoked(known, "revoked", good, strlen(good), &err), 0);
	assert_int_equal(check(known, "a", 22, BLOB(ed25519), &line), KNOWN_REVOKED);
	assert_string_equal(line.file, "revoked");
	assert_int_equal(line.line, 3);
	known_hosts_free(known);
}

/* What `ssh -vvv` offered with the same lines. */
static void
a_host_is_asked_for_the_types_of_its_known_keys_first(void **state UNUSED)
{
	static const char algorithms[] = "ssh-ed25519-cert-v01@openssh.com,ssh-ed25519,"
					 "ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256";
	static const struct {
		const char *lines, *order;
	} cases[] = {
		{ "", algorithms },
		{ "b ssh-rsa " RSA, algorithms },
		{ "a ssh-rsa " RSA,
		    "rsa-sha2-512,rsa-sha2-256,ssh-ed25519-cert-v01@openssh.com,"
		    "ssh-ed25519,ecdsa-sha2-nistp256" },
		{ "a ssh-rsa " RSA "\na ssh-ed25519 " ED25519, algorithms },
		{ "@cert-authority a ssh-rsa " RSA, algorithms },
		{ "@cert-authority a ssh-rsa " RSA "\na ssh-rsa " RSA,
		    "ssh-ed25519-cert-v01@openssh.com,rsa-sha2-512,rsa-sha2-256,ssh-ed25519,"
		    "ecdsa-sha2-nistp256" },
		{ "a ssh-rsa " RSA "\n@revoked * ssh-rsa " RSA, algorithms },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct known_hosts *known = parse(cases[i].lines);
		struct known_host a = host("a", 22);
		struct buf order = { 0 };

		known_hosts_order(known, &a, algorithms, &order);
		assert_string_equal(buf_str(&order), cases[i].order);
		buf_free(&order);
		known_hosts_free(known);
	}
}

static void
a_line_may_be_of_any_length(void **state UNUSED)
{
	struct buf text = { 0 };
	struct known_hosts *known;
	struct known_line line = { NULL, 0 };

	buf_text(&text, "a ssh-ed25519 " ED25519 "\n@revoked x");
	for (int i = 0; i < 20000; i++) {
		buf_printf(&text, ",x%d", i);
	}
	buf_text(&text, ",a ssh-ed25519 " ED25519 "\n");
	known = parse(buf_str(&text));
	assert_int_equal(check(known, "a", 22, BLOB(ed25519), &line), KNOWN_REVOKED);
	assert_int_equal(line.line, 2);
	known_hosts_free(known);
	buf_free(&text);
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
		cmocka_unit_test(
		    a_key_that_is_known_without_the_port_is_enough_unless_the_port_has_another),
		cmocka_unit_test(only_the_files_of_a_host_count),
		cmocka_unit_test(a_file_of_revoked_keys_is_understood_whole_or_not_at_all),
		cmocka_unit_test(a_host_is_asked_for_the_types_of_its_known_keys_first),
		cmocka_unit_test(a_line_may_be_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
