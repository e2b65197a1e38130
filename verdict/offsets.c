/* Judges each offset that may come first by the policy, and explains the worst one. */
#include "common/duration.h"
#include "common/ntp/select.h"
#include "verdict/judge.h"
#include "verdict/outcome.h"

#include <limits.h>

/* A slew of less is always called safe, however small the root distance is said to be. */
#define SAFE_FLOOR_NS (10 * NS_PER_MS)
/* A slew of more is never called safe, however large the root distance is said to be. */
#define SAFE_CEILING_NS (100 * NS_PER_MS)
/* Offsets that are closer together count as the same amount. */
#define SAME_NS (20 * NS_PER_MS)

/* The worst of the offsets that may come first, and what the daemon would do with it. */
struct tally {
	const struct first_offset *worst;
	struct judged judged;
	bool race; /* the outcome depends on which offset comes first */
};

/* The source of @first, or how many sources agree on it, in words. */
static const char *
who(const struct first_offset *first, char *out, size_t size)
{
	if (first->source) {
		return first->source->address;
	}
	return words_format(
	    out, size, "%u source%s", first->agreeing, first->agreeing == 1 ? "" : "s that agree");
}

/*
 * The offset and the limit that it exceeds, or may exceed: "offset 120 ms, within its error of
 * 10 ms beyond 128 ms".
 */
static const char *
beyond(const struct first_offset *first, struct judged judged, char *out, size_t size)
{
	char offset[DURATION_TEXT_BYTES], limit[DURATION_TEXT_BYTES], error[DURATION_TEXT_BYTES];

	duration_text(first->offset_ns, offset);
	duration_text(judged.limit_ns, limit);
	if (duration_size_ns(first->offset_ns) > judged.limit_ns) {
		return words_format(out, size, "offset %s, beyond %s", offset, limit);
	}
	return words_format(out, size, "offset %s, with its error of %s perhaps beyond %s", offset,
	    duration_text(first->error_ns, error), limit);
}

static void
explain_exit(struct judge *judge, const struct first_offset *first, struct judged judged)
{
	char blame[WORDS_BLAME_BYTES], name[80], text[120];
	const char *then = "would exit, clock untouched";

	if (judged.passed) {
		then = "is slewed once, and exits at the next correction";
	} else if (judged.held) {
		then = judge->policy->reload
		    ? "stays unsynchronised, clock untouched, or slews it while samples of before "
		      "count (-r)"
		    : "stays unsynchronised, clock untouched";
	}
	words_blame(judge->input, judged.held ? BLAME_HOLD : BLAME_PANIC, blame);
	words_add(&judge->words, VERDICT_EXIT, "%s%s: %s it %s", blame,
	    who(first, name, sizeof(name)), beyond(first, judged, text, sizeof(text)), then);
}

static void
explain_step(struct judge *judge, const struct first_offset *first, struct judged judged)
{
	char limit[DURATION_TEXT_BYTES], blame[WORDS_BLAME_BYTES], name[80], text[120];
	const char *called;
	int64_t panic_ns = restart_panic_limit_ns(judge->policy, first->offset_ns);

	words_blame(judge->input, BLAME_STEP, blame);
	called = who(first, name, sizeof(name));
	if (judge->policy->step_any) {
		words_add(&judge->words, VERDICT_STEP,
		    "%s%s: offset %s, and the first correction is always a step", blame, called,
		    duration_text(first->offset_ns, limit));
	} else {
		words_add(&judge->words, VERDICT_STEP, "%s%s: %s it steps", blame, called,
		    beyond(first, judged, text, sizeof(text)));
	}
	if (panic_ns > 0 && duration_size_ns(first->offset_ns) > panic_ns) {
		words_blame(judge->input, BLAME_PASS, blame);
		words_add(&judge->words, VERDICT_STEP,
		    "%sits first correction may be larger than %s, by any amount", blame,
		    duration_text(panic_ns, limit));
	}
}

/* ntpd drops outliers down to minclock before it compares the number left with minsane. */
static unsigned
clustered_to(const struct restart_policy *policy)
{
	if (policy->rules != RESTART_RULES_NTPD) {
		return UINT_MAX;
	}
	return policy->cluster_to > 0 ? policy->cluster_to : select_ntpd.cluster_to;
}

/* Tell why the other sources do not outvote the worst offset. */
static void
explain_race(struct judge *judge, const struct tally *tally)
{
	const struct first_offset *first = tally->worst;
	char blame[WORDS_BLAME_BYTES];

	words_blame(judge->input, BLAME_QUORUM, blame);
	if (first->how == FIRST_PREFER) {
		words_add(&judge->words, tally->judged.kind,
		    "%s is preferred: its offset counts alone", first->source->address);
	} else if (first->how == FIRST_TRUE) {
		words_add(&judge->words, tally->judged.kind,
		    "%s is trusted by its line: it is believed whatever others say",
		    first->source->address);
	}
	if (judge->policy->quorum > clustered_to(judge->policy)) {
		words_add(&judge->words, tally->judged.kind,
		    "%sminsane %u is more than minclock %u: when outliers are dropped it follows "
		    "nobody",
		    blame, judge->policy->quorum, clustered_to(judge->policy));
	}
	if (!tally->race) {
		return;
	}
	if (first->late) {
		words_add(&judge->words, tally->judged.kind,
		    "the sources polled fastest answer first; this offset comes with the others, "
		    "minutes later");
	} else if (judge->policy->rules == RESTART_RULES_CHRONY) {
		words_add(&judge->words, tally->judged.kind,
		    "%sone late answer changes which of %u sources are the majority: those that "
		    "answer first are obeyed",
		    blame, judge->first.fit);
	} else {
		words_add(&judge->words, tally->judged.kind,
		    "%s%u of %u sources suffice at the start: whichever answers first is obeyed",
		    blame, judge->policy->quorum, judge->first.fit);
	}
}

static void
explain(struct judge *judge, const struct tally *tally)
{
	char offset[DURATION_TEXT_BYTES], span[DURATION_TEXT_BYTES], blame[WORDS_BLAME_BYTES];
	const struct first_offset *first = tally->worst;
	char name[80];

	switch (tally->judged.kind) {
	case VERDICT_EXIT:
		explain_exit(judge, first, tally->judged);
		break;
	case VERDICT_STEP:
		explain_step(judge, first, tally->judged);
		break;
	case VERDICT_SLEW:
		words_blame(judge->input, BLAME_SLEW, blame);
		words_add(&judge->words, VERDICT_SLEW,
		    "%s%s: offset %s, slewed by %.0f ppm at most, in about %s", blame,
		    who(first, name, sizeof(name)), duration_text(first->offset_ns, offset),
		    judge->policy->slew_ppm,
		    duration_text(restart_slew_ns(judge->policy, first->offset_ns), span));
		break;
	case VERDICT_SAFE:
	case VERDICT_UNKNOWN:
		return;
	}
	explain_race(judge, tally);
}

/* The outcome for an offset that comes when the licence to step is used up. */
static struct judged
late_outcome(const struct restart_policy *policy, const struct first_offset *first)
{
	struct restart_policy without = *policy;

	without.step_forward_ns = without.step_back_ns = 0;
	without.step_any = false;
	return restart_outcome(&without, first->offset_ns, first->error_ns);
}

/* What the daemon would do with @first; a slew that is small enough is called safe. */
static struct judged
judge_offset(const struct judge *judge, const struct first_offset *first)
{
	const struct restart_policy *policy = judge->policy;
	int64_t safe_ns = 3 * judge->first.distance_ns;
	struct judged judged = first->late && policy->step_updates > 0
	    ? late_outcome(policy, first)
	    : restart_outcome(policy, first->offset_ns, first->error_ns);

	safe_ns = safe_ns < SAFE_FLOOR_NS ? SAFE_FLOOR_NS : safe_ns;
	safe_ns = safe_ns > SAFE_CEILING_NS ? SAFE_CEILING_NS : safe_ns;
	if (judged.kind == VERDICT_SLEW && duration_size_ns(first->offset_ns) <= safe_ns) {
		judged.kind = VERDICT_SAFE;
	}
	return judged;
}

/* Whether the amounts of @a and @b differ, so that it matters which comes first. */
static bool
differs(const struct first_offset *a, const struct first_offset *b)
{
	int64_t apart_ns = duration_size_ns(a->offset_ns - b->offset_ns);

	return apart_ns > SAME_NS + duration_size_ns(b->offset_ns) / 10;
}

/* Of two with the same outcome the larger offset is worse; if equal, the one with a reason. */
static bool
is_worse(const struct first_offset *a, const struct first_offset *b)
{
	int64_t more_ns = duration_size_ns(a->offset_ns) - duration_size_ns(b->offset_ns);
	bool reason = a->how == FIRST_PREFER || a->how == FIRST_TRUE;

	return more_ns > 0 || (more_ns == 0 && reason && b->how == FIRST_SETTLED);
}

static struct tally
tally_offsets(const struct judge *judge)
{
	/* if all sources together select nothing, any offset comes from only some of them */
	struct tally tally = { .race = !judge->first.synced };

	for (size_t i = 0; i < judge->first.count; i++) {
		const struct first_offset *first = &judge->first.list[i];
		struct judged judged = judge_offset(judge, first);

		if (!tally.worst || judged.kind > tally.judged.kind ||
		    (judged.kind == tally.judged.kind && is_worse(first, tally.worst))) {
			tally.worst = first;
			tally.judged = judged;
		}
	}
	for (size_t i = 0; i < judge->first.count; i++) {
		const struct first_offset *first = &judge->first.list[i];

		tally.race |= judge_offset(judge, first).kind != tally.judged.kind ||
		    differs(first, tally.worst);
	}
	return tally;
}

/*
 * A step that only the error of the offset could bring would not be by that offset: by how much is
 * not known.
 */
static int64_t
amount_ns(const struct judge *judge, const struct tally *tally)
{
	const struct first_offset exact = { .offset_ns = tally->worst->offset_ns,
		.late = tally->worst->late };

	return tally->judged.kind == VERDICT_STEP &&
		judge_offset(judge, &exact).kind != VERDICT_STEP
	    ? 0
	    : tally->worst->offset_ns;
}

void
judge_offsets(struct judge *judge)
{
	struct tally tally = tally_offsets(judge);

	if (!tally.worst || tally.judged.kind == VERDICT_SAFE) {
		return;
	}
	judge_raise(judge->verdict, tally.judged.kind);
	judge->verdict->amount_ns = amount_ns(judge, &tally);
	if (tally.judged.kind == VERDICT_SLEW) {
		judge->verdict->duration_ns =
		    restart_slew_ns(judge->policy, tally.worst->offset_ns);
	}
	judge->verdict->degraded |= tally.judged.kind == VERDICT_EXIT;
	explain(judge, &tally);
}
