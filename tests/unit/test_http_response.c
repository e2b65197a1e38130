#include "common/http_response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Feed @text in pieces of @size bytes; the progress at the end. */
static enum http_progress
feed(struct http_response *answer, const char *text, size_t size)
{
	enum http_progress progress = HTTP_MORE;
	size_t len = strlen(text);

	*answer = (struct http_response){ .body_max = 65536 };
	for (size_t at = 0; at < len && progress == HTTP_MORE; at += size) {
		progress = http_response_feed(answer, text + at, len - at < size ? len - at : size);
	}
	http_response_free(answer);
	return progress;
}

static void
answers_are_read_whole_or_byte_by_byte(void **state UNUSED)
{
	static const struct {
		const char *text;
		int status;
		bool close;
	} rows[] = {
		{ "HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n", 204, false },
		{ "HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nnope", 401, false },
		{ "HTTP/1.1 204 No Content\r\ncOnnection:close\r\n\r\n", 204, true },
		{ "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 200, true },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, true },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t size = 1; size <= strlen(rows[i].text); size += 7) {
			struct http_response answer;

			assert_int_equal(feed(&answer, rows[i].text, size), HTTP_DONE);
			assert_int_equal(answer.status, rows[i].status);
			assert_int_equal(answer.close, rows[i].close);
		}
	}
}

static void
what_is_no_answer_of_a_collector_is_broken(void **state UNUSED)
{
	static const char *const texts[] = {
		"220 mail.example ESMTP\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n",
		"HTTP/2 200\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n",
	};
	struct http_response answer;

	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(feed(&answer, texts[i], 1000), HTTP_BROKEN);
	}
}

static void
a_head_without_end_is_broken(void **state UNUSED)
{
	static char text[HTTP_HEAD_BYTES + 2];
	struct http_response answer;

	memset(text, 'a', sizeof(text) - 1);
	assert_int_equal(feed(&answer, text, 1000), HTTP_BROKEN);
}

static void
more_than_was_announced_ends_the_connection(void **state UNUSED)
{
	struct http_response answer;

	assert_int_equal(
	    feed(&answer, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nHTTP", 1000), HTTP_DONE);
	assert_true(answer.close);
}

static void
a_body_is_kept_for_who_wants_it(void **state UNUSED)
{
	static const struct {
		const char *text, *body;
		enum http_progress progress;
		bool whole;
	} rows[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcdef", "abcd", HTTP_DONE, true },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab", "ab", HTTP_MORE, false },
		{ "HTTP/1.0 200 OK\r\n\r\nabcdef", "abcdef", HTTP_MORE, true },
		{ "HTTP/1.0 200 OK\r\n\r\nabcdefghi", "", HTTP_BROKEN, true },
		{ "HTTP/1.1 204 No Content\r\n\r\nabc", "", HTTP_DONE, true },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n", "",
		    HTTP_BROKEN, false },
		{ "HTTP/1.1 200 OK\r\nConte", "", HTTP_MORE, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf body = { 0 };
		struct http_response answer = { .body_max = 8, .body = &body };

		assert_int_equal(http_response_feed(&answer, rows[i].text, strlen(rows[i].text)),
		    rows[i].progress);
		assert_string_equal(body.data ? body.data : "", rows[i].body);
		assert_int_equal(http_response_is_whole(&answer), rows[i].whole);
		http_response_free(&answer);
		buf_free(&body);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_read_whole_or_byte_by_byte),
		cmocka_unit_test(what_is_no_answer_of_a_collector_is_broken),
		cmocka_unit_test(a_head_without_end_is_broken),
		cmocka_unit_test(more_than_was_announced_ends_the_connection),
		cmocka_unit_test(a_body_is_kept_for_who_wants_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
