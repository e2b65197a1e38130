/* Configurations of ssh, and what `ssh -G` tells. */
#include <stdlib.h>
#include <string.h>

#include "orchestrator/ssh/auto/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
include(void *ctx, const char *patterns)
{
	*(size_t *)ctx += strlen(patterns);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct link_target target = { .host = "web1" };
	struct ssh_config config;
	char *text = malloc(size + 1);
	size_t seen = 0;

	if (!text) {
		abort();
	}
	memcpy(text, data, size);
	text[size] = '\0';
	ssh_config_text_matters(text, include, &seen);
	ssh_config_read(&config, text, &target, "root", size % 2);
	free(text);
	return 0;
}
