/* The pin in a host's agent.conf. */
#include "orchestrator/identity/pin.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char pin[PIN_TEXT_BYTES] = "untouched";

	if (!pin_in_config((const char *)data, size, pin)) {
		assert(strcmp(pin, "untouched") == 0);
	}
	assert(memchr(pin, '\0', sizeof(pin)));
	return 0;
}
