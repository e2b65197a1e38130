/*
 * Finds the verdict: judges each offset that the daemon could act on after a start, by its policy;
 * the worst one counts.
 */
#include "verdict/judge.h"

#include "common/duration.h"
#include "verdict/health.h"
#include "verdict/leap.h"
#include "verdict/outcome.h"
#include "verdict/restart.h"

#include <math.h>

/* The greatest age of fresh measurements; the daemon's own may be as old as its polls. */
#define FRESH_NS (60 * NS_PER_S)
#define RTC_NS NS_PER_S
/* A rate that few clocks have of themselves, and an offset that is worth a slew of that rate.
 * Source of the last two: ntpd-rs 1.4, slew-maximum-frequency-offset and slew-minimum-duration. */
#define SLEWING_PPM 150
#define SLEWING_NS (NS_PER_S / 2000)
#define SLEW_NS_PER_S 200000
#define SLEW_LEAST_S 8

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

const char *
verdict_lost(const struct verdict *verdict)
{
	/* a daemon that exits serves nothing, which need not be said */
	return verdict->degraded && verdict->kind != VERDICT_EXIT
	    ? ", and no time is served afterwards"
	    : "";
}

const char *
verdict_meaning(enum verdict_kind kind)
{
	static const char *const meanings[] = {
		[VERDICT_SAFE] = "the clock stays where it is, within its error bound",
		[VERDICT_SLEW] = "the clock is moved only by its rate, and does not jump",
		[VERDICT_EXIT] = "the daemon gives up, and leaves the clock alone",
		[VERDICT_STEP] = "the clock jumps",
		[VERDICT_UNKNOWN] = "nobody can tell what the clock does: treat it as a step",
	};

	return meanings[kind];
}

void
judge_raise(struct verdict *verdict, enum verdict_kind kind)
{
	if (kind > verdict->kind && verdict->kind < VERDICT_STEP) {
		verdict->kind = kind;
	}
}

/* The place of a refclock line that could step the clock and was not measured; NULL: none. */
static const char *
unheard_refclock(const struct restart_case *input)
{
	const char *place = NULL;
	int unheard = 0;

	for (size_t i = 0; i < input->policy.line_count; i++) {
		const struct restart_line *line = &input->policy.lines[i];

		if (line->flags & RESTART_REFCLOCK && !(line->flags & RESTART_NOSELECT)) {
			place = line->place;
			unheard++;
		}
	}
	for (size_t i = 0; i < input->source_count; i++) {
		unheard -= (input->sources[i].flags & RESTART_REFCLOCK) != 0;
	}
	return unheard > 0 && restart_can_step(&input->policy, input->now_ns) ? place : NULL;
}

/* Judge what nobody could find out, and what makes the measurements worthless. */
static void
judge_unknown(struct judge *judge)
{
	const struct restart_case *input = judge->input;
	enum verdict_kind kind = VERDICT_SAFE;

	for (size_t i = 0; i < input->unknown_count; i++) {
		kind = VERDICT_UNKNOWN;
		words_add(&judge->words, kind, "not known: %s", input->unknown[i]);
	}
	for (size_t i = 0; i < input->rival_count; i++) {
		kind = VERDICT_UNKNOWN;
		words_add(&judge->words, kind, "%s may set the clock too", input->rivals[i]);
	}
	if (unheard_refclock(input)) {
		kind = VERDICT_UNKNOWN;
		words_add(&judge->words, kind, "%s: what this hardware clock says is not known",
		    unheard_refclock(input));
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
	if (leap_comes_soon(input->leap, input->now_ns)) {
		char coming[LEAP_WORDS_BYTES];

		kind = VERDICT_UNKNOWN;
		words_add(&judge->words, kind, "%s: restart after it",
		    leap_coming(input->leap, input->now_ns, coming));
	}
	judge_raise(judge->verdict, kind);
}

/* How many sources the daemon could follow if all of them answered. */
static size_t
most_sources(const struct judge *judge)
{
	size_t lines = 0, sources = 0;

	for (size_t i = 0; i < judge->policy->line_count; i++) {
		const struct restart_line *line = &judge->policy->lines[i];

		lines += line->flags & (RESTART_NOSELECT | RESTART_INIT) ? 0 : line->addresses;
	}
	for (size_t i = 0; i < judge->input->source_count; i++) {
		sources +=
		    (judge->input->sources[i].flags & (RESTART_NOSELECT | RESTART_INIT)) == 0;
	}
	return lines > sources ? lines : sources;
}

/* Whether its configuration keeps the daemon from using every source that was measured. */
static bool
uses_none(const struct judge *judge)
{
	size_t deaf = 0, others = 0;

	for (size_t i = 0; i < judge->input->source_count; i++) {
		unsigned flags = judge->input->sources[i].flags;

		deaf += (flags & RESTART_DEAF) != 0;
		others += (flags & (RESTART_DEAF | RESTART_NOSELECT | RESTART_INIT)) == 0;
	}
	return deaf > 0 && others == 0;
}

/* Judge a start with no source to follow: the clock is safe if nothing can step it. */
static void
judge_silence(struct judge *judge)
{
	if (!restart_can_step(judge->policy, judge->input->now_ns) ||
	    most_sources(judge) < judge->policy->quorum || uses_none(judge)) {
		words_add(&judge->words, VERDICT_SAFE,
		    "no source can be followed now: the clock is safe, time would not be served");
		return;
	}
	judge_raise(judge->verdict, VERDICT_UNKNOWN);
	words_add(&judge->words, VERDICT_UNKNOWN,
	    "no source can be followed now: what the first answers after a start would do cannot "
	    "be told");
}

/* Tell what keeps the daemon from hearing sources that others hear. */
static void
judge_deaf(struct judge *judge)
{
	const struct restart_case *input = judge->input;
	char blame[WORDS_BLAME_BYTES];

	words_blame(input, BLAME_DEAF, blame);
	if (blame[0]) {
		words_add(&judge->words, judge->verdict->kind,
		    "%sthe daemon does not hear sources that this keeps out", blame);
	}
	if (input->unheard && !(judge->policy->own_clock && judge->policy->quorum <= 1)) {
		judge->verdict->degraded = true;
		words_add(&judge->words, judge->verdict->kind,
		    "the daemon runs and has heard none of its sources for minutes, though others "
		    "may: after a restart it may not hear them, either");
	}
}

/* Judge a start that ends at once: the daemon does not accept its configuration. */
static void
judge_refused(struct judge *judge)
{
	char blame[WORDS_BLAME_BYTES];

	judge->verdict->kind = VERDICT_EXIT;
	judge->verdict->degraded = true;
	words_blame(judge->input, BLAME_REFUSED, blame);
	words_add(&judge->words, VERDICT_EXIT,
	    "%sthe daemon does not accept this: it would end at its start, and nothing would serve "
	    "time",
	    blame);
}

/* Judge a start that systemd leaves out: it stops the daemon, and begins nothing. */
static void
judge_held_back(struct judge *judge)
{
	judge->verdict->kind = VERDICT_EXIT;
	judge->verdict->degraded = true;
	words_add(&judge->words, VERDICT_EXIT,
	    "%s: systemd would not start the daemon, and nothing would serve time",
	    judge->input->held_back);
}

/* Judge whether the daemon would serve time after the start. */
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
	if (policy->passive && policy->rules == RESTART_RULES_NTPD) {
		judge->verdict->degraded = true;
		words_blame(judge->input, BLAME_PASSIVE, blame);
		words_add(&judge->words, VERDICT_SAFE,
		    "%sit does not set the clock, and counts as unsynchronised: no time would be "
		    "served",
		    blame);
		return;
	}
	if (first->synced && first->sure >= policy->quorum) {
		return;
	}
	if (first->synced) {
		judge->verdict->degraded = true;
		words_blame(judge->input, BLAME_QUORUM, blame);
		words_add(&judge->words, VERDICT_SAFE,
		    "%s%u of the %u sources it needs surely agree: others count only while they "
		    "are "
		    "within the trusted ones",
		    blame, first->sure, policy->quorum);
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
		return; /* judge_silence() has said so */
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

/* The median of what the sources say; 0: none says anything. */
static int64_t
median_offset_ns(const struct restart_case *input)
{
	int64_t offsets_ns[RESTART_SOURCES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < input->source_count; i++) {
		const struct restart_source *source = &input->sources[i];
		size_t at = count;

		if (!source->fit || source->flags & (RESTART_NOSELECT | RESTART_INIT)) {
			continue;
		}
		for (; at > 0 && offsets_ns[at - 1] > source->offset_ns; at--) {
			offsets_ns[at] = offsets_ns[at - 1];
		}
		offsets_ns[at] = source->offset_ns;
		count++;
	}
	return count > 0 ? offsets_ns[count / 2] : 0;
}

/*
 * Judge an end in the midst of a slew, of a daemon whose slew the kernel would go on with.  A clock
 * that is truly so far off its rate has no offset towards which that rate leads.
 */
static void
judge_slewing(struct judge *judge)
{
	double ppm = judge->input->kernel_ppm;
	int64_t left_ns = median_offset_ns(judge->input);

	if (fabs(ppm) < SLEWING_PPM || duration_size_ns(left_ns) < SLEWING_NS ||
	    (ppm > 0) != (left_ns > 0)) {
		return;
	}
	judge_raise(judge->verdict, VERDICT_UNKNOWN);
	words_add(&judge->words, VERDICT_UNKNOWN,
	    "it slews at %+.0f ppm now: stopped now, its clock goes on at that rate; try again in "
	    "%lld s",
	    ppm, (long long)(duration_size_ns(left_ns) / SLEW_NS_PER_S) + SLEW_LEAST_S);
}

/*
 * A daemon that exits is started again with the same wrong sources, until a start may step: that
 * is how clocks went wrong on the day of USNO (doc/restart-scenarios.md).
 */
static void
judge_starter(struct judge *judge)
{
	if (judge->verdict->kind == VERDICT_EXIT && judge->input->starter &&
	    judge->policy->hold_ns == 0 && restart_can_step(judge->policy, judge->input->now_ns)) {
		judge_raise(judge->verdict, VERDICT_STEP);
		words_add(&judge->words, VERDICT_STEP,
		    "%s starts the daemon again after the exit, and it may step then: set "
		    "Restart=no",
		    judge->input->starter);
	}
}

static void
judge_drift(struct judge *judge)
{
	if (!judge->policy->drift_file && !judge->policy->passive) {
		judge_raise(judge->verdict, VERDICT_SLEW);
		words_add(&judge->words, VERDICT_SLEW,
		    judge->verdict->kind == VERDICT_STEP
			? "no drift file: the daemon takes the step for an error of frequency, and "
			  "more steps follow"
			: "no drift file: the frequency is measured anew");
	}
}

/* Tell which lines allow a step at a start, though it would not happen now. */
static void
tell_licences(struct judge *judge)
{
	const struct restart_policy *policy = judge->policy;
	char blame[WORDS_BLAME_BYTES], text[DURATION_TEXT_BYTES];
	int64_t step_ns = policy->step_forward_ns;

	if (step_ns == 0 || (policy->step_back_ns > 0 && policy->step_back_ns < step_ns)) {
		step_ns = policy->step_back_ns;
	}

	if (!restart_can_step(policy, judge->input->now_ns) ||
	    judge->verdict->kind >= VERDICT_STEP) {
		return;
	}
	words_blame(judge->input, BLAME_STEP, blame);
	if (step_ns > 0) {
		words_add(&judge->words, VERDICT_SAFE,
		    "%san offset beyond %s would be stepped at a start%s", blame,
		    duration_text(step_ns, text), blame[0] ? "" : ", as nothing says otherwise");
	}
	if (policy->panic_pass) {
		words_blame(judge->input, BLAME_PASS, blame);
		words_add(&judge->words, VERDICT_SAFE,
		    "%sthe first step after a start may be of any size", blame);
	}
	if (policy->rules == RESTART_RULES_NTPD && 2 * policy->quorum <= judge->first.fit) {
		words_blame(judge->input, BLAME_QUORUM, blame);
		words_add(&judge->words, VERDICT_SAFE,
		    "%s%u of %u sources are enough for such a step%s", blame, policy->quorum,
		    judge->first.fit, blame[0] ? "" : ": no `tos minsane`");
	}
}

/* Tell which hardware clocks do not speak. */
static void
tell_clocks(struct judge *judge)
{
	const struct restart_case *input = judge->input;

	for (size_t i = 0; i < input->source_count; i++) {
		const struct restart_source *source = &input->sources[i];

		if (source->flags & RESTART_REFCLOCK && !source->fit &&
		    !(source->flags & RESTART_NOSELECT)) {
			words_add(&judge->words, VERDICT_SAFE,
			    "its hardware clock %s gives no time: " HEALTH_CLOCK_REMEDY,
			    source->address);
		}
	}
}

/* Tell what does not change this verdict, but is worth knowing before a restart. */
static void
tell_besides(struct judge *judge)
{
	const struct restart_case *input = judge->input;
	char text[DURATION_TEXT_BYTES];

	for (size_t i = 0; i < input->note_count; i++) {
		words_add(&judge->words, VERDICT_SAFE, "%s", input->notes[i]);
	}
	if (input->rtc_offset_ns != INT64_MAX && duration_size_ns(input->rtc_offset_ns) > RTC_NS) {
		words_add(&judge->words, VERDICT_SAFE,
		    "the hardware clock differs by %s from the system's: a power cycle would bring "
		    "that",
		    duration_text(input->rtc_offset_ns, text));
	}
}

void
restart_judge(const struct restart_case *input, struct verdict *verdict)
{
	struct judge judge = { .input = input, .policy = &input->policy, .verdict = verdict };
	char blame[WORDS_BLAME_BYTES];

	*verdict = (struct verdict){ .kind = VERDICT_SAFE };
	if (input->held_back || input->policy.refused) {
		if (input->held_back) {
			judge_held_back(&judge);
		} else {
			judge_refused(&judge);
		}
		judge_presets_of_unit(&judge);
		words_finish(&judge.words, verdict);
		return;
	}
	if (!input->policy.known) {
		verdict->kind = VERDICT_UNKNOWN;
		words_blame(input, BLAME_UNKNOWN, blame);
		words_add(&judge.words, VERDICT_UNKNOWN,
		    "%sits configuration or start options are not known", blame);
		judge_unknown(&judge);
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
	judge_deaf(&judge);
	judge_starter(&judge);
	judge_drift(&judge);
	judge_slewing(&judge);
	judge_unknown(&judge); /* late, so that a known step stays a step */
	tell_licences(&judge);
	tell_clocks(&judge);
	tell_besides(&judge);
	words_finish(&judge.words, verdict);
}
