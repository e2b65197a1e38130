/* Addresses to listen at. */
#include "orchestrator/collect/listen.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = strndup((const char *)bytes, len);
	struct endpoint endpoint;
	struct error err;

	assert(text);
	if (endpoint_parse(text, &endpoint, &err) == 0) {
		char again[ENDPOINT_TEXT_BYTES];
		struct endpoint same;

		assert(endpoint_parse(endpoint_text(&endpoint, again), &same, &err) == 0);
		assert(same.port == endpoint.port && ip_equal(&same.ip, &endpoint.ip));
	}
	free(text);
	return 0;
}
