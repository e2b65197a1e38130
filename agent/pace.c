#include "agent/pace.h"

#define SETTLING_NS (180 * NS_PER_S)
#define SETTLING_INTERVAL_NS (16 * NS_PER_S)

/* FNV-1a, 64 bits. */
static uint64_t
hash(const char *text)
{
	uint64_t value = UINT64_C(14695981039346656037);

	for (; *text; text++) {
		value = (value ^ (unsigned char)*text) * UINT64_C(1099511628211);
	}
	return value;
}

int64_t
pace_next_ns(const char *host, int64_t now_ns, int64_t interval_ns)
{
	int64_t phase_ns = (int64_t)(hash(host) % (uint64_t)interval_ns);
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
