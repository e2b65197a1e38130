/*
 * The verdict: each offset that the daemon could act on after a start, judged by its policy; the
 * worst one counts.  Source: TIMESAFETY 1.7, steps 0 to 8.
 */
#include "daemons/restart.h"

#include "common/duration.h"
#include "daemons/restart_first.h"
#include "daemons/restart_outcome.h"
#include "daemons/restart_words.h"

/* Offsets below this never make a restart unsafe, however small the errors claim to be. */
#define SAFE_FLOOR_NS (10 * NS_PER_MS)
/* Of measurements made for this verdict; those of the daemon's own are as old as its polls. */
#define FRESH_NS (60 * NS_PER_S)
#define LEAP_NS (24 * 3600 * NS_PER_S)
#define RTC_NS NS_PER_S

struct judge {
	const struct restart_case *input;
	const struct restart_policy *policy;
	struct first_offsets first;
	struct words words;
	struct verdict *verdict;
};

const char *
verdict_name(enum verdict_kind kind)
{
	static const char *const names[] = {
		[VERDICT_SAFE] = "safe",
		[VERDICT_SLEW] = "slew",
		[VERDICT_EXIT] = "exit",
		[VERDICT_STEP] = "step",
		[VERDICT_UNKNOWN] = "unknown",
	};

	return names[kind];
}

/* A step and what is unknown weigh the same: the first of them stays. */
static void
raise(struct verdict *verdict, enum verdict_kind kind)
{
	if (kind > verdict->kind && verdict->kind < VERDICT_STEP) {
		verdict->kind = kind;
	}
}

/* How the sources that matter for @first are called. */
static const char *
who(const struct first_offset *first, char *out, size_t size)
{
	if (first->source) {
		return first->source->address;
	}
	return words_format(
	    out, size, "%u source%s", first->agreeing, first->agreeing == 1 ? "" : "s that agree");
}

static void
explain_exit(struct judge *judge, const struct first_offset *first, struct judged judged)
{
	char offset[DURATION_TEXT_BYTES], limit[DURATION_TEXT_BYTES], blame[WORDS_BLAME_BYTES];
	char name[80];

	words_blame(judge->input, judged.held ? BLAME_HOLD : BLAME_PANIC, blame);
	words_add(&judge->words, VERDICT_EXIT, "%s%s: offset %s, beyond %s it %s, clock untouched",
	    blame, who(first, name, sizeof(name)), duration_text(first->offset_ns, offset),
	    duration_text(judged.limit_ns, limit),
	    judged.held ? "stays unsynchronised" : "would exit");
}

static void
explain_step(struct judge *judge, const struct first_offset *first, struct judged judged)
{
	char offset[DURATION_TEXT_BYTES], limit[DURATION_TEXT_BYTES], blame[WORDS_BLAME_BYTES];
	char name[80];
	int64_t panic_ns = restart_panic_limit_ns(judge->policy, first->offset_ns);

	words_blame(judge->input, BLAME_STEP, blame);
	who(first, name, sizeof(name));
	duration_text(first->offset_ns, offset);
	if (judge->policy->step_any) {
		words_add(&judge->words, VERDICT_STEP,
		    "%s%s: offset %s, and the first correction is always a step", blame, name,
		    offset);
	} else {
		words_add(&judge->words, VERDICT_STEP, "%s%s: offset %s, beyond %s it steps", blame,
		    name, offset, duration_text(judged.limit_ns, limit));
	}
	if (panic_ns > 0 && restart_magnitude(first->offset_ns) > panic_ns) {
		words_blame(judge->input, BLAME_PASS, blame);
		words_add(&judge->words, VERDICT_STEP,
		    "%sits first correction may be larger than %s, by any amount", blame,
		    duration_text(panic_ns, limit));
	}
}

/* Why others do not outvote the source that @first is of. */
static void
explain_how(struct judge *judge, const struct first_offset *first, enum verdict_kind kind)
{
	char blame[WORDS_BLAME_BYTES];

	words_blame(judge->input, BLAME_QUORUM, blame);
	switch (first->how) {
	case FIRST_SETTLED:
		break;
	case FIRST_SOME:
	case FIRST_ALONE:
		words_add(&judge->words, kind,
		    "%s%u of %u sources suffice%s at the start: whichever answers first is obeyed",
		    blame, first->agreeing, judge->first.fit, first->agreeing == 1 ? "s" : "");
		break;
	case FIRST_PREFER:
		words_add(&judge->words, kind, "%s is preferred: its offset counts alone",
		    first->source->address);
		break;
	case FIRST_TRUE:
		words_add(&judge->words, kind,
		    "%s is trusted by its line: it is believed whatever others say",
		    first->source->address);
		break;
	}
}

static void
explain(struct judge *judge, const struct first_offset *first, struct judged judged)
{
	char offset[DURATION_TEXT_BYTES], span[DURATION_TEXT_BYTES], name[80];

	switch (judged.kind) {
	case VERDICT_EXIT:
		explain_exit(judge, first, judged);
		break;
	case VERDICT_STEP:
		explain_step(judge, first, judged);
		break;
	case VERDICT_SLEW:
		words_add(&judge->words, VERDICT_SLEW,
		    "%s: offset %s, corrected by a slew of %.0f ppm at most, in about %s",
		    who(first, name, sizeof(name)), duration_text(first->offset_ns, offset),
		    judge->policy->slew_ppm,
		    duration_text(restart_slew_ns(judge->policy, first->offset_ns), span));
		break;
	case VERDICT_SAFE:
	case VERDICT_UNKNOWN:
		return;
	}
	explain_how(judge, first, judged.kind);
}

/* What it would do with @first, with all that is near enough called safe. */
static struct judged
judge_offset(const struct judge *judge, const struct first_offset *first)
{
	struct judged judged = restart_outcome(judge->policy, first->offset_ns, first->error_ns);
	int64_t safe_ns = 3 * judge->first.distance_ns > SAFE_FLOOR_NS
	    ? 3 * judge->first.distance_ns
	    : SAFE_FLOOR_NS;

	if (judged.kind == VERDICT_SLEW && restart_magnitude(first->offset_ns) <= safe_ns) {
		judged.kind = VERDICT_SAFE;
	}
	return judged;
}

/* All that the daemon may act on first: the worst counts, and is explained. */
static void
judge_offsets(struct judge *judge)
{
	const struct first_offset *worst = NULL;
	struct judged worst_judged = { .kind = VERDICT_SAFE };

	for (size_t i = 0; i < judge->first.count; i++) {
		const struct first_offset *first = &judge->first.list[i];
		struct judged judged = judge_offset(judge, first);
		bool worse = worst && judged.kind == worst_judged.kind &&
		    restart_magnitude(first->offset_ns) > restart_magnitude(worst->offset_ns);

		if (judged.kind > worst_judged.kind || worse) {
			worst = first;
			worst_judged = judged;
		}
	}
	if (!worst) {
		return;
	}
	raise(judge->verdict, worst_judged.kind);
	judge->verdict->amount_ns = worst->offset_ns;
	if (worst_judged.kind == VERDICT_SLEW) {
		judge->verdict->duration_ns = restart_slew_ns(judge->policy, worst->offset_ns);
	}
	judge->verdict->degraded |= worst_judged.kind == VERDICT_EXIT;
	explain(judge, worst, worst_judged);
}

/* Sets the clock at its start, before any source was heard. */
static void
judge_presets(struct judge *judge)
{
	const struct restart_case *input = judge->input;
	const struct restart_policy *policy = judge->policy;
	char blame[WORDS_BLAME_BYTES];

	for (size_t i = 0; i < input->preset_count; i++) {
		raise(judge->verdict, VERDICT_STEP);
		words_add(
		    &judge->words, VERDICT_STEP, "%s, before the daemon starts", input->presets[i]);
	}
	words_blame(input, BLAME_PRESET, blame);
	if (policy->preset && !policy->passive) {
		raise(judge->verdict, VERDICT_STEP);
		words_add(&judge->words, VERDICT_STEP,
		    "%sit sets the clock at its start, before any vote", blame);
	}
	if (policy->basedate_ns > 0 && input->now_ns < policy->basedate_ns) {
		raise(judge->verdict, input->now_ns > 0 ? VERDICT_STEP : VERDICT_UNKNOWN);
		words_add(&judge->words, VERDICT_STEP,
		    "%sa clock before that date is set to it at the start", blame);
	}
}

/* What nobody could find out, and what makes measurements worth nothing. */
static void
judge_unknown(struct judge *judge)
{
	const struct restart_case *input = judge->input;
	enum verdict_kind kind = judge->verdict->kind;

	for (size_t i = 0; i < input->unknown_count; i++) {
		kind = VERDICT_UNKNOWN;
		words_add(&judge->words, kind, "not known: %s", input->unknown[i]);
	}
	for (size_t i = 0; i < input->rival_count; i++) {
		kind = VERDICT_UNKNOWN;
		words_add(&judge->words, kind, "%s may set the clock too", input->rivals[i]);
	}
	if (input->resumed) {
		kind = VERDICT_UNKNOWN;
		words_add(&judge->words, kind,
		    "the machine slept or was paused since the sources were measured");
	}
	if (input->fresh && input->measured_age_ns > FRESH_NS) {
		kind = VERDICT_UNKNOWN;
		words_add(&judge->words, kind, "the sources were measured too long ago");
	}
	if (input->leap_in_ns > 0 && input->leap_in_ns <= LEAP_NS) {
		kind = VERDICT_UNKNOWN;
		words_add(
		    &judge->words, kind, "a leap second comes within a day: restart after it");
	}
	raise(judge->verdict, kind);
}

/* Nobody to follow now: fit for the clock where the policy holds it, and no time is served. */
static void
judge_silence(struct judge *judge)
{
	if (!restart_can_step(judge->policy)) {
		words_add(&judge->words, VERDICT_SAFE,
		    "no source can be followed now: the clock is safe, time would not be served");
		return;
	}
	raise(judge->verdict, VERDICT_UNKNOWN);
	words_add(&judge->words, VERDICT_UNKNOWN,
	    "no source can be followed now: what the first answers would do cannot be told");
}

/* Whether it would serve time afterwards. */
static void
judge_service(struct judge *judge)
{
	const struct restart_policy *policy = judge->policy;
	const struct first_offsets *first = &judge->first;
	char blame[WORDS_BLAME_BYTES];

	words_blame(judge->input, BLAME_ONE_SHOT, blame);
	if (policy->one_shot) {
		judge->verdict->degraded = true;
		words_add(&judge->words, VERDICT_EXIT, "%sit sets the clock once and ends", blame);
	}
	if (first->synced) {
		return;
	}
	if (policy->own_clock && policy->quorum <= 1) {
		words_blame(judge->input, BLAME_ORPHAN, blame);
		words_add(&judge->words, VERDICT_SAFE,
		    "%swithout sources it would serve its own clock", blame);
		return;
	}
	judge->verdict->degraded = true;
	if (first->fit == 0) {
		return; /* was said */
	}
	words_blame(judge->input, BLAME_QUORUM, blame);
	if (!first->majority) {
		words_add(&judge->words, VERDICT_EXIT,
		    "no majority: %u of %u sources agree, it would not synchronise",
		    first->survivors, first->fit);
	} else {
		words_add(&judge->words, VERDICT_EXIT,
		    "%s%u of the %u sources it needs agree: it would not synchronise", blame,
		    first->survivors, policy->quorum);
	}
}

/* The same wrong sources, again and again, until a licence to step is given: the USNO chain. */
static void
judge_starter(struct judge *judge)
{
	if (judge->verdict->kind == VERDICT_EXIT && judge->input->starter &&
	    judge->policy->hold_ns == 0 && restart_can_step(judge->policy)) {
		raise(judge->verdict, VERDICT_STEP);
		words_add(&judge->words, VERDICT_STEP,
		    "%s starts it again after the exit, and it may step then: Restart=no",
		    judge->input->starter);
	}
}

static void
judge_drift(struct judge *judge)
{
	if (!judge->policy->drift_file && !judge->policy->passive) {
		raise(judge->verdict, VERDICT_SLEW);
		words_add(&judge->words, VERDICT_SLEW,
		    judge->verdict->kind == VERDICT_STEP
			? "no drift file: the step is taken for a frequency, more steps follow"
			: "no drift file: the frequency is measured anew");
	}
}

/* Not of this restart, and worth knowing before one. */
static void
tell_besides(struct judge *judge)
{
	const struct restart_case *input = judge->input;
	char text[DURATION_TEXT_BYTES];

	for (size_t i = 0; i < input->note_count; i++) {
		words_add(&judge->words, VERDICT_SAFE, "%s", input->notes[i]);
	}
	if (input->rtc_offset_ns != INT64_MAX && restart_magnitude(input->rtc_offset_ns) > RTC_NS) {
		words_add(&judge->words, VERDICT_SAFE,
		    "the hardware clock is %s from the system's: a power cycle would bring that",
		    duration_text(input->rtc_offset_ns, text));
	}
}

void
restart_judge(const struct restart_case *input, struct verdict *verdict)
{
	struct judge judge = { .input = input, .policy = &input->policy, .verdict = verdict };
	char blame[WORDS_BLAME_BYTES];

	*verdict = (struct verdict){ .kind = VERDICT_SAFE };
	judge_unknown(&judge);
	if (!input->policy.known) {
		verdict->kind = VERDICT_UNKNOWN;
		words_blame(input, BLAME_UNKNOWN, blame);
		words_add(&judge.words, VERDICT_UNKNOWN,
		    "%sits configuration or start options are not known", blame);
		words_finish(&judge.words, verdict);
		return;
	}
	judge_presets(&judge);
	restart_first(input, &judge.first);
	if (judge.first.fit == 0 && !(judge.policy->own_clock && judge.policy->line_count == 0)) {
		judge_silence(&judge);
	}
	judge_offsets(&judge);
	judge_service(&judge);
	judge_starter(&judge);
	judge_drift(&judge);
	tell_besides(&judge);
	words_finish(&judge.words, verdict);
}
