/* Options, a NUL, a configuration: both daemons' policies keep their bounds. */
#include "daemons/policy.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct restart_policy *policy)
{
	assert(policy->step_forward_ns >= 0 && policy->step_back_ns >= 0);
	assert(policy->panic_ns >= 0 && policy->hold_ns >= 0);
	assert(policy->quorum >= 1 && policy->quorum <= 1000);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct restart_policy policy;
	char *text = malloc(size + 2);
	const char *config;

	assert(text);
	memcpy(text, data, size);
	text[size] = text[size + 1] = '\0';
	config = text + strlen(text) + 1;
	chrony_read_policy(config, text, &policy);
	check(&policy);
	ntp_read_policy(config, text, &policy);
	check(&policy);
	free(text);
	return 0;
}
