/*
 * Options, a NUL, a configuration: every daemon's policy keeps its bounds, and whatever it says
 * can be judged.
 */
#include "daemons/policy.h"
#include "verdict/restart.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_text(const char *text, size_t size)
{
	assert(memchr(text, '\0', size));
	for (; *text; text++) {
		assert((unsigned char)*text >= 0x20 && *text != 0x7f);
	}
}

static void
check(const struct restart_policy *policy)
{
	assert(policy->step_forward_ns >= 0 && policy->step_back_ns >= 0);
	assert(policy->panic_ns >= 0 && policy->hold_ns >= 0 && policy->panic_back_ns >= 0);
	assert(policy->quorum >= 1 && policy->quorum <= 1000);
	assert(policy->slew_ppm >= 0 && policy->distance_max_ns >= 0);
	assert(policy->line_count <= RESTART_LINES_MAX);
	for (size_t i = 0; i < BLAME_COUNT; i++) {
		check_text(policy->blames[i].text, sizeof(policy->blames[i].text));
	}
	assert(policy->fence_count <= RESTART_FENCES_MAX);
	for (size_t i = 0; i < policy->fence_count; i++) {
		assert(memchr(policy->fences[i].name, '\0', sizeof(policy->fences[i].name)));
		assert(policy->fences[i].network.prefix <= 128);
	}
	for (size_t i = 0; i < policy->line_count; i++) {
		assert(memchr(policy->lines[i].name, '\0', sizeof(policy->lines[i].name)));
		assert(policy->lines[i].addresses >= 1 && policy->lines[i].addresses <= 16);
	}
}

/* Sources in three places, with what its lines say of them. */
static void
judge(const struct restart_policy *policy)
{
	static const int64_t offsets_ns[] = { 0, NS_PER_MS, 5 * NS_PER_S };
	struct restart_case input = { .policy = *policy, .rtc_offset_ns = INT64_MAX };
	struct verdict verdict;

	for (size_t i = 0; i < policy->line_count; i++) {
		input.sources[i] = (struct restart_source){ .address = "x",
			.flags = policy->lines[i].flags,
			.minpoll = policy->lines[i].minpoll,
			.fit = true,
			.offset_ns = offsets_ns[i % 3],
			.distance_ns = NS_PER_MS };
	}
	input.source_count = policy->line_count;
	restart_policy_settle(&input.policy, "4.3");
	for (size_t i = 0; i < policy->line_count; i++) {
		restart_case_fence(&input, &policy->lines[i], &input.sources[i]);
	}
	restart_judge(&input, &verdict);
	assert(verdict.reason_count <= VERDICT_REASONS_MAX);
	assert(input.policy.known || input.policy.refused || verdict.kind == VERDICT_UNKNOWN);
	assert(!input.policy.refused || verdict.degraded);
	assert(verdict.kind != VERDICT_STEP || restart_can_step(policy, 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(const char *, const char *,
	    struct restart_policy *) = { chrony_read_policy, ntp_read_policy, ntpsec_read_policy,
		timesyncd_read_policy, openntpd_read_policy, ntpd_rs_read_policy };
	char *text = malloc(size + 2);
	const char *config;

	assert(text);
	memcpy(text, data, size);
	text[size] = text[size + 1] = '\0';
	config = text + strlen(text) + 1;
	for (size_t i = 0; i < COUNT(readers); i++) {
		struct restart_policy policy;

		readers[i](config, text, &policy);
		check(&policy);
		judge(&policy);
	}
	free(text);
	return 0;
}
