/* The first byte says in which pieces the rest comes; whole or cut, the end is the same. */
#include "agent/uplink/http.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum http_progress
feed(struct http_response *response, const char *bytes, size_t len, size_t piece)
{
	enum http_progress progress = HTTP_MORE;

	*response = (struct http_response){ .head = { .limit_bytes = HTTP_HEAD_BYTES } };
	for (size_t at = 0; at < len && progress == HTTP_MORE; at += piece) {
		progress = http_feed(response, bytes + at, len - at < piece ? len - at : piece);
	}
	http_response_free(response);
	return progress;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_response whole, cut;

	if (size < 2 || size > HTTP_HEAD_BYTES) {
		return 0;
	}
	if (feed(&whole, (const char *)data + 1, size - 1, size) == HTTP_DONE) {
		assert(whole.status >= 200 && whole.status <= 599);
		assert(
		    feed(&cut, (const char *)data + 1, size - 1, data[0] % 16 + 1) == HTTP_DONE ||
		    memchr(data, 0, size));
		assert(cut.status == whole.status || memchr(data, 0, size));
	}
	return 0;
}
