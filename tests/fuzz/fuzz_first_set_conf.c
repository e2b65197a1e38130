/* What is read keeps the bounds that its users rely on. */
#include "agent/first_set/conf.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct first_set_conf conf;
	struct error err;

	if (first_set_conf_parse("first-set.conf", (const char *)data, size, &conf, &err) < 0) {
		return 0;
	}
	assert(conf.driver && conf.quorum >= 1 && conf.limit_ns > 0);
	assert(conf.source_count <= FIRST_SET_SOURCES_MAX);
	assert(conf.voter_count <= conf.source_count);
	assert(conf.voter_count == 0 || conf.quorum <= conf.voter_count);
	for (size_t i = 0; i < conf.source_count; i++) {
		const struct mac_key *key = conf.sources[i].key;

		assert(conf.sources[i].name[0] && strlen(conf.sources[i].name) < 256);
		assert(!conf.sources[i].witness || key);
		assert(!conf.bounded || key || conf.sources[i].nts);
		assert(!key || (key >= conf.keys && key < conf.keys + conf.key_count));
		assert(!key || (key->secret_len > 0 && key->secret_len <= sizeof(key->secret)));
	}
	return 0;
}
