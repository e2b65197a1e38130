/* What sudo and doas say: read, not guessed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/rollout/host/sudo_words.h"

#define RESOLVE "sudo: unable to resolve host web1: Name or service not known\n"
#define PROMPT(whose) "timetier-asks-for-the-password-of-" whose "-for-sudo:"

/* Said by sudo 1.9.13 and 1.8.27, sudo-rs 0.2 and opendoas 6.8, with LC_ALL=C. */
static const struct {
	const char *said;
	int status;
	enum sudo_verdict verdict;
	bool remedy;
} cases[] = {
	{ "sudo: a password is required\n", 1, SUDO_ASKS, false },
	{ RESOLVE "sudo: a password is required\n", 1, SUDO_ASKS, false },
	{ "/etc/sudoers.d/x:1:27: syntax error\ndeploy ALL=(ALL) NOPASSWD ALL\n"
	  "                          ^~~\nsudo: a password is required\n",
	    1, SUDO_ASKS, false },
	{ "sudo: interactive authentication is required\n", 1, SUDO_ASKS, false },
	{ RESOLVE "sudo: sorry, you must have a tty to run sudo\n", 1, SUDO_REFUSES, true },
	{ "sudo: account validation failure, is your account locked?\n"
	  "sudo: a password is required\n",
	    1, SUDO_REFUSES, false },
	{ "sudo: Account expired or PAM config lacks an \"account\" section for sudo, contact your "
	  "system administrator\n",
	    1, SUDO_REFUSES, false },
	{ "deploy is not in the sudoers file.\n", 1, SUDO_REFUSES, true },
	{ "deploy is not in the sudoers file.  This incident will be reported.\n", 1, SUDO_REFUSES,
	    true },
	{ "Sorry, user deploy is not allowed to execute '/bin/sh -c id' as root on web1.\n", 1,
	    SUDO_REFUSES, true },
	{ "Sorry, user deploy may not run sudo on web1.\n", 1, SUDO_REFUSES, true },
	{ "sudo: I'm sorry deploy. I'm afraid I can't do that\n", 1, SUDO_REFUSES, true },
	{ "sudo: unable to open /etc/sudoers: No such file or directory\n"
	  "sudo: no valid sudoers sources found, quitting\n"
	  "sudo: error initializing audit plugin sudoers_audit\n",
	    1, SUDO_REFUSES, false },
	{ "sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set\n", 1,
	    SUDO_REFUSES, false },
	{ "sudo: The \"no new privileges\" flag is set, which prevents sudo from running as "
	  "root.\n",
	    1, SUDO_REFUSES, false },
	{ "env: 'sudo': No such file or directory\n", 127, SUDO_NOT_HERE, false },
	{ "env: can't execute 'doas': No such file or directory\n", 127, SUDO_NOT_HERE, false },
	{ "doas: Authentication required\n", 1, SUDO_REFUSES, true },
	{ "doas: Operation not permitted\n", 1, SUDO_REFUSES, true },
	{ "sudo: 1 incorrect password attempt\n", 1, SUDO_WRONG, false },
	{ "Sorry, try again.\n\nsudo: no password was provided\n", 1, SUDO_WRONG, false },
	{ "sudo: maximum 3 incorrect authentication attempts\n", 1, SUDO_WRONG, false },
	{ "sudo: something new\n", 1, SUDO_UNCLEAR, false },
	{ "sh: 1: eval: not found\n", 127, SUDO_UNCLEAR, false },
	{ "", 1, SUDO_UNCLEAR, false },
};

static void
each_sentence_has_its_meaning(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *remedy = "left";

		if (sudo_words_read(cases[i].status, cases[i].said, &remedy) != cases[i].verdict ||
		    (remedy != NULL) != cases[i].remedy) {
			fail_msg("%s: %s", cases[i].said, remedy ? remedy : "no remedy");
		}
	}
}

static void
a_prompt_tells_whose_password_it_wants(void **state UNUSED)
{
	struct sudo_prompt prompt;

	assert_true(sudo_prompt_find("We trust you\n" PROMPT("root"), &prompt));
	assert_string_equal(prompt.whose, "root");
	assert_memory_equal(prompt.at, "timetier", 8);
	assert_string_equal(prompt.end, "");
	assert_true(sudo_prompt_find(PROMPT("EXAMPLE\\me") "more", &prompt));
	assert_string_equal(prompt.whose, "EXAMPLE\\me");
	assert_string_equal(prompt.end, "more");
	assert_true(sudo_prompt_find(PROMPT("%p"), &prompt));
	assert_string_equal(prompt.whose, "");
	assert_false(sudo_prompt_find("", &prompt));
	assert_false(sudo_prompt_find("timetier-asks-for-the-password-of-root-for-su", &prompt));
	assert_false(sudo_prompt_find("-for-sudo:", &prompt));
}

static void
a_prompt_is_no_words_of_sudo(void **state UNUSED)
{
	char line[80];

	sudo_words_line(PROMPT("me") PROMPT("me") "\n", line, sizeof(line));
	assert_string_equal(line, "");
	sudo_words_line(
	    PROMPT("me") "Sorry.\n" PROMPT("me") "sudo: 1 attempt\n", line, sizeof(line));
	assert_string_equal(line, "Sorry.; sudo: 1 attempt");
}

static void
a_line_that_is_not_over_is_a_question(void **state UNUSED)
{
	assert_null(sudo_question(""));
	assert_null(sudo_question("Sorry, try again.\n"));
	assert_null(sudo_question("Sorry, try again.\n \r"));
	assert_string_equal(sudo_question("Verification code: "), "Verification code: ");
	assert_string_equal(
	    sudo_question("Duo login\n\n 1. Push\n\nPasscode (1-1): "), "Passcode (1-1): ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_sentence_has_its_meaning),
		cmocka_unit_test(a_prompt_tells_whose_password_it_wants),
		cmocka_unit_test(a_prompt_is_no_words_of_sudo),
		cmocka_unit_test(a_line_that_is_not_over_is_a_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
