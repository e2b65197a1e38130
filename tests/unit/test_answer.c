/* What a server says at a TCP port to prove that it means to be in the public pool. */
#include "agent/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define UNTIL_S 1900000000

static void
the_file_that_timetier_writes_is_read(void **state UNUSED)
{
	static const char text[] = "# made by timetier\n\nway redirect\nuntil 1900000000\n"
				   "text http://w.example/\n";
	struct answer answer = { .until_s = 0 };
	struct error err;

	assert_int_equal(answer_parse(text, strlen(text), &answer, &err), 0);
	assert_true(answer.redirect);
	assert_int_equal(answer.until_s, UNTIL_S);
	assert_string_equal(answer.text, "http://w.example/");
}

static void
another_file_is_refused_and_nothing_is_taken_from_it(void **state UNUSED)
{
	static const char *const texts[] = {
		"",
		"way word\nuntil 1900000000\n",
		"way word\ntext mine\n",
		"way word\nuntil 19x\ntext mine\n",
		"way word\nuntil \ntext mine\n",
		"way word\nuntil -5\ntext mine\n",
		"way word\nuntil 1900000000\ntext mine", /* cut short */
		"way word\nuntil 1900000000\ntext two\rlines\n",
		"way word\nuntil 1900000000\ntext \033[2J\n",
		"sit word\nuntil 1900000000\ntext mine\n",
	};
	char long_text[ANSWER_TEXT_BYTES + 100];

	for (size_t i = 0; i <= COUNT(texts); i++) {
		struct answer answer = { .until_s = 77 };
		const char *text = i < COUNT(texts) ? texts[i] : long_text;
		struct error err;

		memset(long_text, 'x', sizeof(long_text));
		memcpy(long_text, "until 1900000000\ntext ", 22);
		memcpy(long_text + sizeof(long_text) - 2, "\n", 2);
		if (answer_parse(text, strlen(text), &answer, &err) != -1 || answer.until_s != 77) {
			fail_msg("text %zu: %s", i, text);
		}
	}
}

/* What a caller who says @says hears, and then it is over. */
static void
call(const struct answer *answer, int64_t now_s, const char *says, char heard[1024])
{
	int ends[2];
	size_t len = 0;
	ssize_t got;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(send(ends[0], says, strlen(says), 0), strlen(says));
	assert_int_equal(shutdown(ends[0], SHUT_WR), 0);
	answer_call(ends[1], answer, now_s);
	close(ends[1]);
	while ((got = recv(ends[0], heard + len, 1023 - len, 0)) > 0) {
		len += (size_t)got;
	}
	heard[len] = '\0';
	close(ends[0]);
}

static void
a_caller_hears_the_word_or_the_redirect_until_its_last_day(void **state UNUSED)
{
	struct answer answer = { .text = "we are w.example", .until_s = UNTIL_S };
	char heard[1024];

	call(&answer, UNTIL_S - 1, "", heard);
	assert_string_equal(heard, "we are w.example\r\n");
	call(&answer, UNTIL_S - 1, "GET / HTTP/1.1\r\n\r\n", heard);
	assert_string_equal(heard, "we are w.example\r\n");
	call(&answer, UNTIL_S, "", heard);
	assert_string_equal(heard, "");
	answer =
	    (struct answer){ .redirect = true, .text = "http://w.example/", .until_s = UNTIL_S };
	call(&answer, UNTIL_S - 1, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", heard);
	assert_string_equal(heard,
	    "HTTP/1.1 302 Found\r\nLocation: http://w.example/\r\nContent-Length: 0\r\n"
	    "Connection: close\r\n\r\n");
	call(&answer, UNTIL_S - 1, "\n\n", heard);
	assert_memory_equal(heard, "HTTP/1.1 302", 12);
	call(&answer, UNTIL_S - 1, "", heard); /* who says nothing and waits hears it, too */
	assert_memory_equal(heard, "HTTP/1.1 302", 12);
	call(&answer, UNTIL_S, "GET / HTTP/1.0\r\n\r\n", heard);
	assert_string_equal(heard, "");
}

/* A caller who never ends is not listened to for ever. */
static void
who_says_too_much_is_not_listened_to(void **state UNUSED)
{
	const struct answer answer = {
		.redirect = true, .text = "http://w.example/", .until_s = UNTIL_S
	};
	static char says[8192];
	char heard[1024];

	memset(says, 'x', sizeof(says) - 1);
	call(&answer, UNTIL_S - 1, says, heard);
	assert_memory_equal(heard, "HTTP/1.1 302", 12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_that_timetier_writes_is_read),
		cmocka_unit_test(another_file_is_refused_and_nothing_is_taken_from_it),
		cmocka_unit_test(a_caller_hears_the_word_or_the_redirect_until_its_last_day),
		cmocka_unit_test(who_says_too_much_is_not_listened_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
