#include "agent/uplink/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Feed @text in pieces of @size bytes; the progress at the end. */
static enum http_progress
feed(struct http_response *response, const char *text, size_t size)
{
	enum http_progress progress = HTTP_MORE;
	size_t len = strlen(text);

	*response = (struct http_response){ .head = { .limit_bytes = HTTP_HEAD_BYTES } };
	for (size_t at = 0; at < len && progress == HTTP_MORE; at += size) {
		progress = http_feed(response, text + at, len - at < size ? len - at : size);
	}
	http_response_free(response);
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
			struct http_response response;

			assert_int_equal(feed(&response, rows[i].text, size), HTTP_DONE);
			assert_int_equal(response.status, rows[i].status);
			assert_int_equal(response.close, rows[i].close);
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
	struct http_response response;

	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(feed(&response, texts[i], 1000), HTTP_BROKEN);
	}
}

static void
a_head_without_end_is_broken(void **state UNUSED)
{
	static char text[HTTP_HEAD_BYTES + 2];
	struct http_response response;

	memset(text, 'a', sizeof(text) - 1);
	assert_int_equal(feed(&response, text, 1000), HTTP_BROKEN);
}

static void
more_than_was_announced_ends_the_connection(void **state UNUSED)
{
	struct http_response response;

	assert_int_equal(
	    feed(&response, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nHTTP", 1000), HTTP_DONE);
	assert_true(response.close);
}

static void
an_ipv6_collector_stands_in_brackets(void **state UNUSED)
{
	static struct agent_config config = { .host = "time1", .token = "ab" };
	struct collector_address collector = { .host = "2001:db8::1", .port = "8123" };
	struct buf out = { .limit_bytes = 4096 };

	http_post(&config, &collector, "{}", 2, &out);
	assert_non_null(strstr(buf_str(&out), "\r\nHost: [2001:db8::1]:8123\r\n"));
	assert_non_null(strstr(buf_str(&out), "\r\nContent-Length: 2\r\n\r\n{}"));
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_read_whole_or_byte_by_byte),
		cmocka_unit_test(what_is_no_answer_of_a_collector_is_broken),
		cmocka_unit_test(a_head_without_end_is_broken),
		cmocka_unit_test(more_than_was_announced_ends_the_connection),
		cmocka_unit_test(an_ipv6_collector_stands_in_brackets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
