/* Whatever ntpd, or somebody in its place, tells of its clients: entries keep their bounds. */
#include "common/ntp/mru.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take(void *ctx, const struct mru_entry *entry)
{
	size_t *count = ctx;

	assert(entry->ip.family == IP_V4 || entry->ip.family == IP_V6);
	assert(entry->mode < 8 && entry->version < 8 && entry->port < 65536);
	assert(entry->last_ns > 0 && entry->first_ns >= 0);
	(*count)++;
}

/* A list is read in several answers; each ends at a byte 0x01, and a byte 0x02 is a refusal. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mru mru = { .count = 0 };
	uint8_t bytes[MRU_REQUEST_BYTES];
	enum mode6_opcode opcode;
	size_t count = 0, from = 0;

	for (size_t at = 0; at <= size; at++) {
		if (at < size && data[at] != 1 && data[at] != 2) {
			continue;
		}
		mru_read(&mru, (const char *)data + from, at - from, take, &count);
		assert(count == mru.count);
		from = at + 1;
		if (at < size && data[at] == 2) {
			mru_refused(&mru);
		}
		assert(mru_request(&mru, 1, &opcode, bytes) <= sizeof(bytes));
		assert(strlen(mru.nonce) < sizeof(mru.nonce));
	}
	return 0;
}
