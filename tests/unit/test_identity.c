#include "common/file.h"
#include "orchestrator/identity/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int
set_up(void **state UNUSED)
{
	snprintf(folder, sizeof(folder), "/tmp/timetier-identity.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static const char *
path(const char *name)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s/%s", folder, name);
	return text;
}

static int
tear_down(void **state UNUSED)
{
	unlink(path("secret"));
	unlink(path("collector.key"));
	unlink(path("collector.crt"));
	unlink(path("identity-unfinished"));
	unlink(path("identity-unused"));
	unlink(path("secret.old"));
	unlink(path("collector.key.old"));
	unlink(path("collector.crt.old"));
	unlink(path("revoked"));
	return rmdir(folder);
}

static void
it_is_made_once_and_then_the_same(void **state UNUSED)
{
	struct identity first, second;
	struct error err;

	assert_int_equal(identity_open(folder, &first, &err), 0);
	assert_int_equal(identity_open(folder, &second, &err), 0);
	assert_string_equal(first.pin, second.pin);
	assert_int_equal(strncmp(first.pin, "sha256//", 8), 0);
	assert_int_equal(strlen(first.pin), 8 + 44);
	assert_string_equal(first.key_pem, second.key_pem);
	assert_memory_equal(first.secret, second.secret, sizeof(first.secret));
	identity_done(&first);
	identity_done(&second);
}

static void
nobody_else_can_read_its_files(void **state UNUSED)
{
	struct identity identity;
	struct error err;
	struct stat st;

	assert_int_equal(identity_open(folder, &identity, &err), 0);
	identity_done(&identity);
	assert_int_equal(stat(path("collector.key"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(path("secret"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
a_file_that_others_can_read_is_refused(void **state UNUSED)
{
	struct identity identity;
	struct error err;

	assert_int_equal(identity_open(folder, &identity, &err), 0);
	identity_done(&identity);
	assert_int_equal(chmod(path("secret"), 0644), 0);
	assert_int_equal(identity_open(folder, &identity, &err), -1);
	assert_non_null(strstr(err.text, "chmod 600"));
}

static void
a_missing_half_is_named_and_nothing_is_made(void **state UNUSED)
{
	struct identity identity;
	struct error err;

	assert_int_equal(identity_open(folder, &identity, &err), 0);
	identity_done(&identity);
	assert_int_equal(unlink(path("collector.key")), 0);
	assert_int_equal(identity_open(folder, &identity, &err), -1);
	assert_non_null(strstr(err.text, "collector.key is missing"));
	assert_int_not_equal(access(path("collector.key"), F_OK), 0);
}

static void
what_a_folder_has_is_seen_without_making_it(void **state UNUSED)
{
	enum identity_found found;
	struct identity first, second;
	struct error err;

	assert_int_equal(identity_find("/nonexistent/folder", &found, &err), 0);
	assert_int_equal(found, IDENTITY_NONE);
	assert_int_equal(identity_find(folder, &found, &err), 0);
	assert_int_equal(found, IDENTITY_NONE);
	assert_int_not_equal(access(path("secret"), F_OK), 0);
	assert_int_equal(identity_open(folder, &first, &err), 0);
	assert_int_equal(identity_find(folder, &found, &err), 0);
	assert_int_equal(found, IDENTITY_WHOLE);
	assert_int_equal(unlink(path("secret")), 0);
	assert_int_equal(identity_find(folder, &found, &err), 0);
	assert_int_equal(found, IDENTITY_PART);
	/* on the operator's word another one takes its place, and the remains are kept */
	assert_int_equal(identity_set_aside(folder, &err), 0);
	assert_int_equal(identity_open(folder, &second, &err), 0);
	assert_string_not_equal(first.pin, second.pin);
	assert_int_equal(access(path("collector.key.old"), F_OK), 0);
	identity_done(&first);
	identity_done(&second);
}

static void
an_identity_is_unused_until_a_host_has_it(void **state UNUSED)
{
	struct identity identity;
	struct error err;

	assert_false(identity_is_unused(folder)); /* of an earlier version, it is in use */
	assert_int_equal(identity_open(folder, &identity, &err), 0);
	assert_true(identity_is_unused(folder));
	identity_used(folder);
	assert_false(identity_is_unused(folder));
	identity_done(&identity);
}

static void
the_pin_of_an_agent_is_found(void **state UNUSED)
{
	static const struct {
		const char *text, *pin; /* pin NULL: there is none */
	} cases[] = {
		{ "host a\npin sha256//AAA=\ntoken x\n", "sha256//AAA=" },
		{ "pin sha256//AAA=", "sha256//AAA=" },
		{ "  pin\tsha256//AAA=  \n", "sha256//AAA=" },
		{ "# pin sha256//AAA=\npins x\n", NULL },
		{ "pin\n", NULL },
		{ "pin a b\n", NULL },
		{ "", NULL },
		{ "token pin sha256//AAA=\n", NULL },
		{ "pin "
		  "0123456789012345678901234567890123456789012345678901234567890123456789"
		  "0123456789\n",
		    NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char pin[PIN_TEXT_BYTES] = "untouched";
		bool found = pin_in_config(cases[i].text, strlen(cases[i].text), pin);

		assert_int_equal(found, cases[i].pin != NULL);
		assert_string_equal(pin, found ? cases[i].pin : "untouched");
	}
}

static void
a_crash_while_it_is_made_is_repaired(void **state UNUSED)
{
	struct identity identity;
	struct error err;

	assert_int_equal(file_replace(path("identity-unfinished"), "", 0, 0600, &err), 0);
	assert_int_equal(file_replace(path("secret"), "x", 1, 0600, &err), 0);
	assert_int_equal(identity_open(folder, &identity, &err), 0);
	assert_int_not_equal(access(path("identity-unfinished"), F_OK), 0);
	identity_done(&identity);
}

static void
what_is_no_key_is_refused(void **state UNUSED)
{
	struct identity identity;
	struct error err;

	assert_int_equal(identity_open(folder, &identity, &err), 0);
	identity_done(&identity);
	assert_int_equal(file_replace(path("collector.key"), "hello", 5, 0600, &err), 0);
	assert_int_equal(identity_open(folder, &identity, &err), -1);
	assert_non_null(strstr(err.text, "is not a private key"));
}

static void
processes_that_start_at_once_get_one_identity(void **state UNUSED)
{
	struct identity identity;
	struct error err;
	int pipes[2], good = 0;
	char pins[4][PIN_TEXT_BYTES];

	assert_int_equal(pipe(pipes), 0);
	for (int i = 0; i < 4; i++) {
		if (fork() == 0) {
			if (identity_open(folder, &identity, &err) < 0 ||
			    write(pipes[1], identity.pin, PIN_TEXT_BYTES) != PIN_TEXT_BYTES) {
				_exit(1);
			}
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++) {
		int status;

		wait(&status);
		good += status == 0;
	}
	assert_int_equal(good, 4);
	assert_int_equal(read(pipes[0], pins, sizeof(pins)), sizeof(pins));
	for (int i = 1; i < 4; i++) {
		assert_string_equal(pins[0], pins[i]);
	}
	close(pipes[0]);
	close(pipes[1]);
}

static void
a_token_is_of_one_host_and_one_secret(void **state UNUSED)
{
	struct identity identity = { .secret = { 1 } }, other = { .secret = { 2 } };
	char token[TOKEN_BYTES];

	identity_token(&identity, "time1", token);
	assert_int_equal(strlen(token), 64);
	assert_true(identity_token_is(&identity, "time1", 0, token));
	assert_false(identity_token_is(&identity, "time2", 0, token));
	assert_false(identity_token_is(&other, "time1", 0, token));
	assert_false(identity_token_is(&identity, "time1", 0, ""));
	token[63] = '\0';
	assert_false(identity_token_is(&identity, "time1", 0, token));
}

static void
a_revoked_token_is_followed_by_another(void **state UNUSED)
{
	struct identity identity, collector;
	char first[TOKEN_BYTES], second[TOKEN_BYTES], other[TOKEN_BYTES], text[TOKEN_BYTES];
	struct error err;

	assert_int_equal(identity_open(folder, &identity, &err), 0);
	assert_int_equal(identity_open(folder, &collector, &err), 0);
	identity_token(&identity, "time1", first);
	identity_token(&identity, "time2", other);
	assert_int_equal(identity_refresh(folder, &collector, &err), 0);
	assert_int_equal(identity_revoke(folder, &identity, "time1", &err), 0);
	identity_token(&identity, "time1", second);
	assert_string_not_equal(first, second);
	identity_token(&identity, "time2", text);
	assert_string_equal(other, text);

	/* another process sees it once */
	assert_int_equal(identity_refresh(folder, &collector, &err), 1);
	assert_int_equal(identity_refresh(folder, &collector, &err), 0);
	assert_int_equal(identity_token_number(&collector, "time1"), 1);
	assert_true(identity_token_is(&collector, "time1", 1, second));
	assert_false(identity_token_is(&collector, "time1", 1, first));
	assert_int_equal(identity_token_number(&collector, "time2"), 0);

	/* two who revoke at once lose nothing */
	assert_int_equal(identity_revoke(folder, &collector, "time2", &err), 0);
	assert_int_equal(identity_revoke(folder, &identity, "time1", &err), 0);
	assert_int_equal(identity_token_number(&identity, "time1"), 2);
	assert_int_equal(identity_token_number(&identity, "time2"), 1);
	identity_done(&identity);
	identity_done(&collector);
}

/* A host cannot get another one's next token by its name. */
static void
a_number_is_no_part_of_a_name(void **state UNUSED)
{
	struct identity identity = { .secret = { 1 } };
	char token[TOKEN_BYTES];

	identity_token(&identity, "time11", token);
	assert_false(identity_token_is(&identity, "time1", 1, token));
	assert_false(identity_token_is(&identity, "time", 11, token));
}

static void
a_damaged_list_of_revoked_tokens_is_an_error(void **state UNUSED)
{
	static const char *const texts[] = { "", "[]", "{\"time1\": -1}", "{\"time1\": \"x\"}",
		"{\"time1\": 1", "{\"time1\": 1, \"time1\": 0}", "{\"time1\": 99999999999}" };
	struct identity identity;
	struct error err;
	char path[128];

	assert_int_equal(identity_open(folder, &identity, &err), 0);
	assert_int_equal(identity_revoke(folder, &identity, "time1", &err), 0);
	snprintf(path, sizeof(path), "%s/revoked", folder);
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(file_replace(path, texts[i], strlen(texts[i]), 0600, &err), 0);
		assert_int_equal(identity_refresh(folder, &identity, &err), -1);
		assert_non_null(strstr(err.text, "revoked"));
		assert_int_equal(identity_token_number(&identity, "time1"), 1);
	}
	identity_done(&identity);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    it_is_made_once_and_then_the_same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_else_can_read_its_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_file_that_others_can_read_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_missing_half_is_named_and_nothing_is_made, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_a_folder_has_is_seen_without_making_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_identity_is_unused_until_a_host_has_it, set_up, tear_down),
		cmocka_unit_test(the_pin_of_an_agent_is_found),
		cmocka_unit_test_setup_teardown(
		    a_crash_while_it_is_made_is_repaired, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_key_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    processes_that_start_at_once_get_one_identity, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_revoked_token_is_followed_by_another, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_damaged_list_of_revoked_tokens_is_an_error, set_up, tear_down),
		cmocka_unit_test(a_token_is_of_one_host_and_one_secret),
		cmocka_unit_test(a_number_is_no_part_of_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
