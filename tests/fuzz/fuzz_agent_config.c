/* What is read keeps the bounds that its users rely on. */
#include "agent/answer.h"
#include "agent/uplink/config.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct agent_config config;
	struct answer answer;
	struct error err;

	if (answer_parse((const char *)data, size, &answer, &err) == 0) {
		assert(answer.text[0] && answer.until_s > 0);
		assert(strlen(answer.text) < sizeof(answer.text));
	}
	if (agent_config_parse("agent.conf", (const char *)data, size, &config, &err) == 0) {
		assert(config.collector_count >= 1);
		assert(config.collector_count <= AGENT_COLLECTORS_MAX);
		assert(config.interval_ns >= NS_PER_S);
		assert(config.host[0] && strlen(config.token) >= 32);
	}
	return 0;
}
