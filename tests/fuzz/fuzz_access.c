/* Whatever comes back from a host that is asked what it answers. */
#include "orchestrator/rollout/health/access.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Datagrams: each one's length in a byte before it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ntp_asked asked = { .nonce = 77,
		.sent = { .real_ns = INT64_C(1795000000) * NS_PER_S, .width_ns = 100 } };
	struct clock_reading received = { .real_ns = asked.sent.real_ns + NS_PER_MS,
		.boot_ns = NS_PER_MS };
	struct access_seen seen = { .answers = { ACCESS_SILENT, ACCESS_SILENT, ACCESS_SILENT } };

	while (size > 0) {
		size_t len = *data < size ? *data : size - 1;
		struct access_seen before = seen;

		bool taken = access_take(&seen, data + 1, len, &asked, &received);
		int changed = 0;

		for (int i = 0; i < ACCESS_QUESTIONS; i++) {
			changed += seen.answers[i] != before.answers[i];
			assert(seen.answers[i] >= before.answers[i] || i != ACCESS_TIME);
		}
		assert(changed <= 1 && (taken || changed == 0));
		data += 1 + len;
		size -= 1 + len;
	}
	return 0;
}
