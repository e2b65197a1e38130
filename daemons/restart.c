/*
 * The verdict: each offset that the daemon could act on after a restart, judged by its policy;
 * the worst one counts.  Source: TIMESAFETY 1.7, steps 2 to 7.
 */
#include "daemons/restart.h"

#include "common/duration.h"
#include "daemons/daemon.h"

#include <stdarg.h>
#include <stdio.h>

/* Offsets below this never make a restart unsafe, however small the errors claim to be. */
#define SAFE_FLOOR_NS (10 * NS_PER_MS)
#define MEASURE_NS (8 * NS_PER_S) /* until the first correction, with iburst */
#define FOREVER_NS (INT64_MAX / 2)

struct judge {
	const struct restart_policy *policy;
	const struct daemon_status *status;
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

static void add_reason(struct verdict *verdict, const char *fmt, ...) PRINTF(2, 3);

static void
add_reason(struct verdict *verdict, const char *fmt, ...)
{
	va_list ap;

	if (verdict->reason_count == VERDICT_REASONS_MAX) {
		return;
	}
	va_start(ap, fmt);
	vsnprintf(verdict->reasons[verdict->reason_count], VERDICT_REASON_BYTES, fmt, ap);
	va_end(ap);
	verdict->reason_count++;
}

static void
raise(struct verdict *verdict, enum verdict_kind kind)
{
	if (kind > verdict->kind) {
		verdict->kind = kind;
	}
}

static int64_t
magnitude(int64_t ns)
{
	return ns < 0 ? -ns : ns;
}

static bool
is_fit(const struct source_status *source)
{
	return source->state >= SOURCE_OUTLIER;
}

/* Answers and might be believed by a daemon that has no other answers yet. */
static bool
answers(const struct source_status *source)
{
	return source->state >= SOURCE_FALSETICKER;
}

static size_t
count_sources(const struct daemon_status *status, bool (*which)(const struct source_status *))
{
	size_t count = 0;

	for (size_t i = 0; i < status->source_count; i++) {
		count += which(&status->sources[i]);
	}
	return count;
}

/* What the policy makes of one offset, exactly. */
static enum verdict_kind
outcome(const struct restart_policy *policy, int64_t offset_ns)
{
	int64_t size_ns = magnitude(offset_ns);
	int64_t step_ns = offset_ns < 0 ? policy->step_back_ns : policy->step_forward_ns;

	if (policy->passive || size_ns == 0) {
		return VERDICT_SAFE;
	}
	if ((policy->panic_ns > 0 && size_ns > policy->panic_ns && !policy->panic_pass) ||
	    (policy->hold_ns > 0 && size_ns > policy->hold_ns)) {
		return VERDICT_EXIT;
	}
	if (policy->step_any || (step_ns > 0 && size_ns > step_ns)) {
		return VERDICT_STEP;
	}
	return VERDICT_SLEW;
}

/* The same for an offset known to +- @error_ns: the worst of the interval counts. */
static enum verdict_kind
worst_outcome(const struct restart_policy *policy, int64_t offset_ns, int64_t error_ns)
{
	enum verdict_kind low = outcome(policy, offset_ns - error_ns);
	enum verdict_kind middle = outcome(policy, offset_ns);
	enum verdict_kind high = outcome(policy, offset_ns + error_ns);
	enum verdict_kind worst = low > high ? low : high;

	return middle > worst ? middle : worst;
}

static int64_t
slew_duration_ns(const struct restart_policy *policy, int64_t offset_ns)
{
	double duration;

	if (policy->slew_ppm <= 0) {
		return FOREVER_NS;
	}
	duration = (double)magnitude(offset_ns) / (policy->slew_ppm * 1e-6);
	return duration > (double)FOREVER_NS ? FOREVER_NS : (int64_t)duration + MEASURE_NS;
}

static void
explain(struct verdict *verdict, enum verdict_kind kind, const char *source, int64_t offset_ns,
    const struct restart_policy *policy)
{
	char offset[DURATION_TEXT_BYTES], limit[DURATION_TEXT_BYTES];
	bool held = policy->hold_ns > 0 && magnitude(offset_ns) > policy->hold_ns;
	int64_t step_ns = offset_ns < 0 ? policy->step_back_ns : policy->step_forward_ns;

	duration_text(offset_ns, offset);
	switch (kind) {
	case VERDICT_EXIT:
		duration_text(held ? policy->hold_ns : policy->panic_ns, limit);
		add_reason(verdict, "%s, offset %s: beyond %s it %s, clock untouched", source,
		    offset, limit, held ? "stays unsynchronised" : "would exit");
		break;
	case VERDICT_STEP:
		if (policy->step_any) {
			add_reason(verdict, "%s, offset %s: the first correction is always a step",
			    source, offset);
		} else {
			add_reason(verdict, "%s, offset %s: beyond %s it steps", source, offset,
			    duration_text(step_ns, limit));
		}
		break;
	case VERDICT_SLEW:
		add_reason(verdict, "%s, offset %s: corrected by a slew of %.0f ppm at most",
		    source, offset, policy->slew_ppm);
		break;
	case VERDICT_SAFE:
	case VERDICT_UNKNOWN:
		break;
	}
}

/* One offset that the daemon may act on; @source names it in the reason. */
static void
judge_offset(struct judge *judge, const char *source, int64_t offset_ns, int64_t error_ns)
{
	struct verdict *verdict = judge->verdict;
	enum verdict_kind kind = worst_outcome(judge->policy, offset_ns, error_ns);
	int64_t safe_ns = 3 * error_ns > SAFE_FLOOR_NS ? 3 * error_ns : SAFE_FLOOR_NS;

	if (kind == VERDICT_SLEW && magnitude(offset_ns) <= safe_ns) {
		kind = VERDICT_SAFE;
	}
	if (kind != VERDICT_SAFE &&
	    (kind > verdict->kind ||
		(kind == verdict->kind && magnitude(offset_ns) > magnitude(verdict->amount_ns)))) {
		verdict->amount_ns = offset_ns;
		verdict->duration_ns =
		    kind == VERDICT_SLEW ? slew_duration_ns(judge->policy, offset_ns) : 0;
	}
	raise(verdict, kind);
	explain(verdict, kind, source, offset_ns, judge->policy);
}

/* ntpd obeys whoever completes its burst first when less than a majority is asked for. */
static bool
first_answer_counts(const struct judge *judge)
{
	size_t usable = count_sources(judge->status, answers);

	return !judge->policy->majority && judge->policy->quorum <= usable / 2;
}

static void
judge_sources(struct judge *judge)
{
	const struct daemon_status *status = judge->status;
	bool any = first_answer_counts(judge);

	for (size_t i = 0; i < status->source_count; i++) {
		const struct source_status *source = &status->sources[i];

		if (source->state == SOURCE_SELECTED || (any && answers(source))) {
			judge_offset(judge, source->address, source->offset_ns, source->error_ns);
		}
	}
	if (any && count_sources(status, answers) > 1 && !judge->policy->passive) {
		add_reason(judge->verdict,
		    "%u of %zu sources suffice at the start: whichever answers first is obeyed",
		    judge->policy->quorum, count_sources(status, answers));
	}
}

/* Whether there is an offset at all, in that direction, that it would step. */
static bool
steps_beyond(const struct restart_policy *policy, int64_t step_ns)
{
	bool exits = policy->panic_ns > 0 && !policy->panic_pass && policy->panic_ns <= step_ns;
	bool holds = policy->hold_ns > 0 && policy->hold_ns <= step_ns;

	return step_ns > 0 && !exits && !holds;
}

static bool
can_step(const struct restart_policy *policy)
{
	return !policy->passive &&
	    (policy->step_any || steps_beyond(policy, policy->step_forward_ns) ||
		steps_beyond(policy, policy->step_back_ns));
}

/* Nobody to follow now: fit for the clock where the policy holds it, and no time is served. */
static void
judge_silence(struct judge *judge)
{
	if (can_step(judge->policy)) {
		raise(judge->verdict, VERDICT_UNKNOWN);
		add_reason(judge->verdict,
		    "no source is selected now: what the first answers would do cannot be told");
	} else {
		add_reason(judge->verdict,
		    "no source is selected now: the clock is safe, time would not be served");
	}
}

static void
judge_quorum(struct judge *judge)
{
	const struct restart_policy *policy = judge->policy;
	size_t fit = count_sources(judge->status, is_fit);
	size_t usable = count_sources(judge->status, answers);

	if (fit < policy->quorum || (policy->majority && fit <= usable / 2)) {
		size_t need = policy->majority && policy->quorum <= usable / 2 ? usable / 2 + 1
									       : policy->quorum;

		add_reason(judge->verdict,
		    "%zu of the %zu sources it needs agree: it would not synchronise", fit, need);
	}
}

/* The same wrong sources, again and again, until a licence to step is given: the USNO chain. */
static void
judge_restarts(struct judge *judge, bool auto_restart)
{
	const struct restart_policy *policy = judge->policy;

	if (judge->verdict->kind == VERDICT_EXIT && auto_restart && policy->hold_ns == 0 &&
	    can_step(policy)) {
		raise(judge->verdict, VERDICT_STEP);
		add_reason(judge->verdict,
		    "its unit starts it again after the exit, and it may step then: Restart=no");
	}
}

void
restart_verdict(const struct restart_policy *policy, const struct daemon_status *status,
    bool auto_restart, const char *const *rivals, size_t rival_count, struct verdict *verdict)
{
	struct judge judge = { policy, status, verdict };

	*verdict = (struct verdict){ .kind = VERDICT_SAFE };
	for (size_t i = 0; i < rival_count; i++) {
		raise(verdict, VERDICT_UNKNOWN);
		add_reason(verdict, "%s may set the clock too", rivals[i]);
	}
	if (!policy->known) {
		raise(verdict, VERDICT_UNKNOWN);
		add_reason(verdict, "its configuration or start options are not known");
		return;
	}
	if (policy->preset) {
		raise(verdict, VERDICT_STEP);
		add_reason(verdict, "it sets the clock at its start before any vote");
	}
	if (count_sources(status, is_fit) == 0) {
		judge_silence(&judge);
	}
	judge_sources(&judge);
	judge_quorum(&judge);
	judge_restarts(&judge, auto_restart);
	if (!policy->drift_file && !policy->passive) {
		raise(verdict, VERDICT_SLEW);
		add_reason(verdict, "no drift file: the frequency is measured anew");
	}
}
