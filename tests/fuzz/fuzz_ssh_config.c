/* Configurations of ssh, and what `ssh -G` tells. */
#include <stdlib.h>
#include <string.h>

#include "orchestrator/ssh/auto/config.h"
#include "orchestrator/ssh/auto/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
include(void *ctx, const char *patterns)
{
	*(size_t *)ctx += strlen(patterns);
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ssh_config config;
	char *text = malloc(size + 1);
	size_t seen = 0;

	if (!text) {
		abort();
	}
	memcpy(text, data, size);
	text[size] = '\0';
	scan_text_varies(text, include, &seen);
	ssh_config_read(&config, text, size % 2 ? "/known" : NULL);
	ssh_config_done(&config);
	free(text);
	return 0;
}
