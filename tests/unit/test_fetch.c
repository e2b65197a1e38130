#include "orchestrator/publish/fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int
body_of(const char *text, struct buf *buf, struct error *err)
{
	buf_reset(buf);
	buf_text(buf, text);
	return fetch_body(buf, err);
}

static void
an_answer_that_is_cut_short_is_noticed(void **state UNUSED)
{
	struct buf buf = { 0 };
	struct error err;

	assert_int_equal(body_of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", &buf, &err), 0);
	assert_string_equal(buf_str(&buf), "{}");
	assert_int_equal(body_of("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", &buf, &err), -1);
	assert_int_equal(body_of("HTTP/1.1 404 Not Found\r\n\r\n{}", &buf, &err), -1);
	assert_string_equal(err.text, "it answered with HTTP status 404");
	assert_int_equal(body_of("SSH-2.0-OpenSSH\r\n\r\n", &buf, &err), -1);
	assert_int_equal(body_of("", &buf, &err), -1);
	buf_free(&buf);
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
		cmocka_unit_test(an_answer_that_is_cut_short_is_noticed),
		cmocka_unit_test(only_plain_http_urls_are_asked),
		cmocka_unit_test(nobody_there_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
