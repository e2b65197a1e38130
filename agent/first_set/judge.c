#include "agent/first_set/judge.h"

#include "common/clock.h"
#include "common/duration.h"

#include <stdio.h>
#include <string.h>

#define ERA_S (INT64_C(1) << 32)
#define DAY_NS (86400 * NS_PER_S)
#define TRUST_NS (7 * DAY_NS)  /* how far a clock that kept time may be off */
#define SYNCED_SLACK_NS DAY_NS /* a drift file is written every hour */
#define COARSE_NS                                                                                  \
	(50 * NS_PER_MS) /* sources this near to each other agree: this program need               \
			    not tell milliseconds apart */
/*
 * An ntpd that starts without a drift file slews a larger offset for a quarter of an hour, takes
 * what it sees for an error of frequency, and overshoots: timetier-agent(8) has the curve.  This is
 * ntpd's own step threshold.
 */
#define SLEWED_WELL_NS (128 * NS_PER_MS)
#define YIELD_NS (7200 * NS_PER_S) /* the incident of 2012 lasted 50 minutes */

void
first_set_vote(const struct measure_target *target, int64_t boot_ns, struct select_source *source)
{
	int64_t jitter_ns = 0;
	const struct ntp_sample *best =
	    ntp_best_sample(target->samples, target->sample_count, &jitter_ns);

	*source = (struct select_source){ .fit = best && target->same_as < 0 };
	if (best) {
		source->stratum = best->stratum;
		source->offset_ns = best->offset_ns;
		source->jitter_ns = jitter_ns;
		source->distance_ns =
		    ntp_root_distance_ns(best, jitter_ns, boot_ns - best->boot_ns);
	}
}

/* "2014-03-01" */
static const char *
day(int64_t real_ns, char *text)
{
	clock_text(real_ns, text);
	text[strcspn(text, "T")] = '\0';
	return text;
}

/* Move the offset to the NTP era (of 136 years) that is nearest to the program's date. */
static void
unfold(const struct first_set_case *input, struct select_source *source)
{
	int64_t built_s = input->built_ns / NS_PER_S;
	int64_t target_s = input->real_ns / NS_PER_S + source->offset_ns / NS_PER_S;

	while (target_s - built_s > ERA_S / 2) {
		target_s -= ERA_S;
		source->offset_ns -= ERA_S * NS_PER_S;
	}
	while (target_s - built_s < -ERA_S / 2) {
		target_s += ERA_S;
		source->offset_ns += ERA_S * NS_PER_S;
	}
}

static void
say(struct first_set_verdict *verdict, enum first_set_kind kind, const char *why)
{
	verdict->kind = kind;
	snprintf(verdict->words, sizeof(verdict->words), "%s", why);
}

static void
judge_quorum(const struct first_set_case *input, struct first_set_verdict *verdict)
{
	char why[160];

	if (verdict->answered < input->quorum) {
		snprintf(why, sizeof(why), "%u source%s answer%s, and %u must agree",
		    verdict->answered, verdict->answered == 1 ? "" : "s",
		    verdict->answered == 1 ? "s" : "", input->quorum);
	} else {
		snprintf(why, sizeof(why),
		    "%u sources answer, and no majority of at least %u agrees", verdict->answered,
		    input->quorum);
	}
	say(verdict, FIRST_SET_WAIT, why);
}

/* Whether most of the witnesses that answer are near the quorum's time. */
static bool
is_confirmed(const struct first_set_case *input, const struct first_set_verdict *verdict)
{
	unsigned answer = 0, near = 0;

	for (size_t i = 0; i < input->witness_count; i++) {
		struct select_source witness = input->witnesses[i];

		if (witness.fit) {
			unfold(input, &witness);
			answer++;
			near += duration_size_ns(witness.offset_ns - verdict->offset_ns) <=
			    witness.distance_ns + verdict->error_ns + COARSE_NS;
		}
	}
	return near > answer / 2;
}

/*
 * Whether a quorum that nobody can prove is further from the last good time than it may be; then
 * @why says so.  Without a last good time, that of the drift file or of this program counts.
 */
static bool
is_out_of_bounds(const struct first_set_case *input, int64_t time_ns,
    const struct first_set_verdict *verdict, char *why, size_t size)
{
	char says[CLOCK_TEXT_BYTES], other[CLOCK_TEXT_BYTES];
	int64_t good_ns = input->good_ns > 0 ? input->good_ns : input->synced_ns;
	int64_t latest_ns;

	if (!input->bounded || is_confirmed(input, verdict)) {
		return false;
	}
	good_ns = good_ns > input->built_ns ? good_ns : input->built_ns;
	latest_ns = good_ns > input->real_ns ? good_ns : input->real_ns;
	if (time_ns >= good_ns && time_ns <= latest_ns + TRUST_NS) {
		return false;
	}
	snprintf(why, size,
	    time_ns < good_ns ? "%u of %u sources agree on %s, none of them with a proof, and this "
				"clock was right "
				"on %s already"
			      : "%u of %u sources agree on %s, none of them with a proof: more "
				"than 7 days after %s",
	    verdict->agree, verdict->answered, day(time_ns, says),
	    day(time_ns < good_ns ? good_ns : latest_ns, other));
	return true;
}

/* Whether the quorum's time cannot be true; then @verdict says why. */
static bool
refuse(const struct first_set_case *input, int64_t time_ns, struct first_set_verdict *verdict)
{
	char says[CLOCK_TEXT_BYTES], other[CLOCK_TEXT_BYTES], why[200];
	int64_t off_ns = duration_size_ns(verdict->offset_ns);

	if (input->force) {
		return false;
	}
	if (time_ns < input->built_ns) {
		snprintf(why, sizeof(why),
		    "%u of %u sources agree on %s, which was before this program was made (%s)",
		    verdict->agree, verdict->answered, day(time_ns, says),
		    day(input->built_ns, other));
	} else if (input->real_ns >= input->built_ns && off_ns > TRUST_NS) {
		snprintf(why, sizeof(why),
		    "%u of %u sources agree on %s, and the clock, which may be right, says %s: "
		    "more than 7 days apart",
		    verdict->agree, verdict->answered, day(time_ns, says),
		    day(input->real_ns, other));
	} else if (is_out_of_bounds(input, time_ns, verdict, why, sizeof(why))) {
		/* it says why */
	} else if (time_ns < input->synced_ns - SYNCED_SLACK_NS && input->agreed_ns < YIELD_NS) {
		snprintf(why, sizeof(why),
		    "%u of %u sources agree on %s, and this host's daemon wrote its drift file on "
		    "%s; believed when they have said so for two hours",
		    verdict->agree, verdict->answered, day(time_ns, says),
		    day(input->synced_ns, other));
	} else {
		return false;
	}
	say(verdict, FIRST_SET_REFUSE, why);
	return true;
}

/*
 * Whether the clock is left to the daemon.  It must find the offset within its limit, and it
 * measures for itself: where the error of the measurement decides, the answer is no, and the clock
 * is set.  And the offset must be one that the daemon slews well.
 */
static bool
is_within(const struct first_set_case *input, const struct first_set_verdict *verdict)
{
	int64_t off_ns = duration_size_ns(verdict->offset_ns);

	return off_ns <= SLEWED_WELL_NS &&
	    (off_ns <= input->limit_ns / 2 ||
		(off_ns <= input->limit_ns && verdict->error_ns <= input->limit_ns - off_ns));
}

static unsigned
count_agreeing(const struct select_source *sources, size_t count)
{
	unsigned agree = 0;

	for (size_t i = 0; i < count; i++) {
		agree += sources[i].state == SELECT_SURVIVOR || sources[i].state == SELECT_PEER ||
		    sources[i].state == SELECT_OUTLIER;
	}
	return agree;
}

void
first_set_judge(const struct first_set_case *input, struct select_source *sources, size_t count,
    struct first_set_verdict *verdict)
{
	struct select_rules rules = select_rfc5905;
	struct select_result result;
	char offset[DURATION_TEXT_BYTES], error[DURATION_TEXT_BYTES], why[160];

	rules.min_survivors = input->quorum;
	rules.cluster_to = 0; /* a source that agrees has a vote, however noisy it is */
	if (input->limit_ns / 8 > rules.distance_min_ns) {
		rules.distance_min_ns =
		    input->limit_ns / 8 < COARSE_NS ? input->limit_ns / 8 : COARSE_NS;
	}
	for (size_t i = 0; i < count; i++) {
		if (sources[i].fit) {
			unfold(input, &sources[i]);
		}
	}
	ntp_select(&rules, sources, count, &result);
	*verdict = (struct first_set_verdict){
		.answered = result.fit,
		.agree = count_agreeing(sources, count),
	};
	if (!result.synced || !result.majority) {
		judge_quorum(input, verdict);
		return;
	}
	verdict->offset_ns = result.offset_ns;
	verdict->error_ns = result.error_ns;
	if (refuse(input, input->real_ns + result.offset_ns, verdict)) {
		return;
	}
	snprintf(why, sizeof(why), "%u of %u sources agree: the clock is %s %s, good to %s",
	    verdict->agree, verdict->answered,
	    duration_text(duration_size_ns(result.offset_ns), offset),
	    result.offset_ns < 0 ? "fast" : "slow", duration_text(result.error_ns, error));
	say(verdict, is_within(input, verdict) ? FIRST_SET_KEEP : FIRST_SET_SET, why);
}
