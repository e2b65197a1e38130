#include "agent/pace.h"

#include "common/hash.h"

#include <string.h>

#define SETTLING_NS (180 * NS_PER_S)
#define SETTLING_INTERVAL_NS (16 * NS_PER_S)

int64_t
pace_next_ns(const char *host, int64_t now_ns, int64_t interval_ns)
{
	int64_t phase_ns =
	    (int64_t)(hash_add(HASH_START, host, strlen(host)) % (uint64_t)interval_ns);
	int64_t rounds = (now_ns - phase_ns) / interval_ns;
	int64_t next_ns = phase_ns + rounds * interval_ns;

	while (next_ns <= now_ns) {
		next_ns += interval_ns;
	}
	return next_ns;
}

int64_t
pace_interval_ns(int64_t age_ns, int64_t interval_ns)
{
	return age_ns < SETTLING_NS && interval_ns > SETTLING_INTERVAL_NS ? SETTLING_INTERVAL_NS
									  : interval_ns;
}
