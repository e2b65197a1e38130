/* The selection holds together for any sources. */
#include "common/ntp/select.h"

#include <assert.h>
#include <string.h>

#define RECORD_BYTES 26

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t
read_number(const uint8_t *bytes)
{
	int64_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

static void
check(const struct select_source *sources, size_t count, const struct select_result *result)
{
	size_t peers = 0, fit = 0;

	for (size_t i = 0; i < count; i++) {
		peers += sources[i].state == SELECT_PEER;
		fit += sources[i].state != SELECT_UNFIT;
		assert(sources[i].fit || sources[i].state == SELECT_UNFIT);
	}
	assert(result->fit == fit && result->survivors <= fit && fit <= SELECT_SOURCES_MAX);
	assert(peers == result->synced);
	if (result->synced) {
		assert(result->peer < count && sources[result->peer].state == SELECT_PEER);
		assert(result->survivors > 0);
	}
	if (result->majority) {
		assert(result->low_ns <= result->high_ns);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct select_rules *const all[] = { &select_rfc5905, &select_ntpd,
		&select_chrony };
	struct select_source sources[SELECT_SOURCES_MAX + 4];
	struct select_result result;
	struct select_rules rules;
	size_t count = 0;

	if (size < 2) {
		return 0;
	}
	rules = *all[data[0] % COUNT(all)];
	rules.min_survivors = data[1] & 7;
	rules.cluster_to = data[1] >> 3 & 7;
	rules.distance_max_ns = data[1] & 0x40 ? INT64_MAX : rules.distance_max_ns;
	for (data += 2, size -= 2; size >= RECORD_BYTES && count < COUNT(sources);
	     data += RECORD_BYTES, size -= RECORD_BYTES) {
		sources[count++] = (struct select_source){
			.fit = data[0] & 1,
			.prefer = data[0] & 2,
			.truthy = data[0] & 4,
			.stratum = data[1],
			.offset_ns = read_number(data + 2),
			.distance_ns = read_number(data + 10),
			.jitter_ns = read_number(data + 18),
		};
	}
	ntp_select(&rules, sources, count, &result);
	check(sources, count, &result);
	return 0;
}
