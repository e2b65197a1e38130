#include "orchestrator/publish/fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Whether @text, and then the end of the connection, is what was asked for; its body. */
static int
judge(const char *text, struct buf *body, struct error *err)
{
	struct http_response answer = { .body_max = 100, .body = body };
	enum http_progress progress;
	int status;

	buf_reset(body);
	progress = http_response_feed(&answer, text, strlen(text));
	status = fetch_judge(&answer, progress, err);
	http_response_free(&answer);
	return status;
}

static void
an_answer_that_is_not_what_was_asked_for_is_noticed(void **state UNUSED)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", "the answer was cut short" },
		{ "HTTP/1.1 404 Not Found\r\n\r\n{}", "it answered with HTTP status 404" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n{}",
		    "the answer is not HTTP, or has more than 67108864 bytes" },
		{ "SSH-2.0-OpenSSH\r\n\r\n", "the answer is not HTTP" },
		{ "", "the answer is not HTTP" },
	};
	struct buf body = { 0 };
	struct error err;

	assert_int_equal(judge("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", &body, &err), 0);
	assert_string_equal(buf_str(&body), "{}");
	assert_int_equal(judge("HTTP/1.0 200 OK\r\n\r\n{\"a\":1}", &body, &err), 0);
	assert_string_equal(buf_str(&body), "{\"a\":1}");
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(judge(rows[i].text, &body, &err), -1);
		assert_string_equal(err.text, rows[i].error);
	}
	buf_free(&body);
}

static void
only_plain_http_urls_are_asked(void **state UNUSED)
{
	static const char *const wrong[] = { "https://127.0.0.1:1", "127.0.0.1:1", "http://",
		"http://:80", "http://127.0.0.1:123456789" };
	struct buf buf = { 0 };
	struct error err;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(fetch(wrong[i], "/", &buf, &err), -1);
		assert_non_null(strstr(err.text, "is not http://ADDRESS:PORT"));
	}
	buf_free(&buf);
}

static void
nobody_there_is_said(void **state UNUSED)
{
	struct buf buf = { 0 };
	struct error err;

	assert_int_equal(fetch("http://127.0.0.1:1", "/", &buf, &err), -1);
	assert_string_equal(err.text, "no collector at 127.0.0.1 port 1: Connection refused");
	assert_int_equal(fetch("http://[::1]:1/", "/", &buf, &err), -1);
	assert_int_equal(strncmp(err.text, "no collector at ::1 port 1: ", 28), 0);
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_that_is_not_what_was_asked_for_is_noticed),
		cmocka_unit_test(only_plain_http_urls_are_asked),
		cmocka_unit_test(nobody_there_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
