/* Judges what sets the clock at a start before any source is heard. */
#include "common/duration.h"
#include "verdict/judge.h"
#include "verdict/outcome.h"

#define RTC_NS NS_PER_S /* chrony ignores smaller offsets.  Source: its rtc_linux.c */

/* Whether `tos basedate` sets a clock that says @now_ns; passive or not.  0: not told. */
static bool
sets_to_date(const struct restart_policy *policy, int64_t now_ns)
{
	return policy->basedate_ns > 0 && now_ns < policy->basedate_ns;
}

bool
restart_can_preset(const struct restart_policy *policy, int64_t amount_ns, int64_t now_ns)
{
	int64_t size_ns = duration_size_ns(amount_ns);

	return (sets_to_date(policy, now_ns) && amount_ns > 0) ||
	    (!policy->passive &&
		(policy->preset || (policy->preset_rtc && size_ns >= RTC_NS) ||
		    (policy->preset_step_ns > 0 && size_ns >= policy->preset_step_ns)));
}

/* chronyd -s sets the clock to the hardware clock if 1 s off, or to a later drift file's time. */
static void
judge_rtc(struct judge *judge)
{
	const struct restart_case *input = judge->input;
	char blame[WORDS_BLAME_BYTES], text[DURATION_TEXT_BYTES];
	bool told = input->rtc_offset_ns != INT64_MAX;

	if (!judge->policy->preset_rtc || judge->policy->passive) {
		return;
	}
	words_blame(input, BLAME_PRESET, blame);
	if (input->drift_written_ns > input->now_ns && input->now_ns > 0) {
		judge_raise(judge->verdict, VERDICT_STEP);
		judge->verdict->amount_ns = input->drift_written_ns - input->now_ns;
		words_add(&judge->words, VERDICT_STEP,
		    "%sthe clock is set to the later time of the drift file", blame);
	} else if (told && duration_size_ns(input->rtc_offset_ns) >= RTC_NS) {
		judge_raise(judge->verdict, VERDICT_STEP);
		judge->verdict->amount_ns = input->rtc_offset_ns;
		words_add(&judge->words, VERDICT_STEP,
		    "%sit sets the clock from the hardware clock, which is %s off", blame,
		    duration_text(input->rtc_offset_ns, text));
	} else if (!told && !input->rtc_absent) {
		judge_raise(judge->verdict, VERDICT_UNKNOWN);
		words_add(&judge->words, VERDICT_UNKNOWN,
		    "%sit sets the clock from the hardware clock, which could not be read", blame);
	}
}

/* initstepslew asks its own servers, once, before all other sources. */
static void
judge_initstep(struct judge *judge)
{
	const struct restart_case *input = judge->input;
	const struct restart_policy *policy = judge->policy;
	char blame[WORDS_BLAME_BYTES], text[DURATION_TEXT_BYTES];
	bool asked = false;

	if (policy->preset_step_ns <= 0 || policy->passive) {
		return;
	}
	words_blame(input, BLAME_PRESET, blame);
	for (size_t i = 0; i < input->source_count; i++) {
		const struct restart_source *source = &input->sources[i];
		int64_t far_ns = duration_size_ns(source->offset_ns) + source->error_ns;

		asked |= (source->flags & RESTART_INIT) != 0;
		if (source->fit && source->flags & RESTART_INIT &&
		    far_ns > policy->preset_step_ns) {
			judge_raise(judge->verdict, VERDICT_STEP);
			judge->verdict->amount_ns = source->offset_ns;
			words_add(&judge->words, VERDICT_STEP,
			    "%s%s: offset %s, the clock is set to it at the start", blame,
			    source->address, duration_text(source->offset_ns, text));
			return;
		}
	}
	if (!asked) {
		judge_raise(judge->verdict, VERDICT_UNKNOWN);
		words_add(&judge->words, VERDICT_UNKNOWN,
		    "%sthe servers of initstepslew were not measured", blame);
	}
}

void
judge_presets_of_unit(struct judge *judge)
{
	const struct restart_case *input = judge->input;

	for (size_t i = 0; i < input->preset_count; i++) {
		judge_raise(judge->verdict, VERDICT_STEP);
		words_add(
		    &judge->words, VERDICT_STEP, "%s, before the daemon starts", input->presets[i]);
	}
}

void
judge_presets(struct judge *judge)
{
	const struct restart_case *input = judge->input;
	const struct restart_policy *policy = judge->policy;
	char blame[WORDS_BLAME_BYTES];

	judge_presets_of_unit(judge);
	judge_rtc(judge);
	judge_initstep(judge);
	words_blame(input, BLAME_PRESET, blame);
	if (policy->preset && !policy->passive) {
		judge_raise(judge->verdict, VERDICT_STEP);
		words_add(&judge->words, VERDICT_STEP,
		    "%sit sets the clock at its start, before any vote", blame);
	}
	if (sets_to_date(policy, input->now_ns)) {
		judge_raise(judge->verdict, input->now_ns > 0 ? VERDICT_STEP : VERDICT_UNKNOWN);
		words_add(&judge->words, VERDICT_STEP,
		    "%sthe daemon sets a clock that is before that date to that date when it "
		    "starts",
		    blame);
	}
}
