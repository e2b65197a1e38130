/*
 * The first byte says in which pieces the rest comes, and whether the body is kept; whole or cut,
 * the end is the same.
 */
#include "common/http_response.h"

#include <assert.h>
#include <string.h>

#define KEEP 0x80

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum http_progress
feed(struct http_response *answer, const char *bytes, size_t len, size_t piece)
{
	enum http_progress progress = HTTP_MORE;

	for (size_t at = 0; at < len && progress == HTTP_MORE; at += piece) {
		progress =
		    http_response_feed(answer, bytes + at, len - at < piece ? len - at : piece);
	}
	http_response_free(answer);
	return progress;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data + 1;
	struct buf bodies[2] = { { 0 }, { 0 } };
	struct http_response whole = { .body_max = 100 }, cut = whole;
	enum http_progress of_whole, of_cut;

	if (size < 2) {
		return 0;
	}
	if (data[0] & KEEP) {
		whole.body = &bodies[0];
		cut.body = &bodies[1];
	}
	of_whole = feed(&whole, bytes, size - 1, size);
	of_cut = feed(&cut, bytes, size - 1, data[0] % 16 + 1);
	assert(of_whole == of_cut || memchr(data, 0, size) || of_whole == HTTP_BROKEN);
	assert(!whole.has_head || (whole.status >= 200 && whole.status <= 599) ||
	    of_whole == HTTP_BROKEN);
	if (of_whole == of_cut && of_whole != HTTP_BROKEN) {
		assert(whole.status == cut.status && whole.has_length == cut.has_length);
		assert(bodies[0].len == bodies[1].len && bodies[0].len <= 100);
		assert(http_response_is_whole(&whole) == http_response_is_whole(&cut));
	}
	buf_free(&bodies[0]);
	buf_free(&bodies[1]);
	return 0;
}
