#include "verdict/health.h"

#include "common/duration.h"
#include "daemons/daemon.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* After so many poll intervals without an update, the clock runs free. */
#define POLLS_UNTIL_FREE 8
/* If the daemon tells no interval: the default minpoll of ntpd and chronyd, 2^6 s. */
#define POLL_USUAL_NS (64 * NS_PER_S)
/*
 * The most that the kernel and both ntpds correct, and chronyd with `maxdrift 500`.
 * Source: RFC 5905, MAXFREQ; linux include/linux/timex.h, MAXFREQ.
 */
#define RATE_MAX_PPM 500
#define RATE_NEAR_PPM 1.0 /* a daemon at its limit tells a little less */
#define TICK_USUAL 10000  /* us; one more or less changes the rate by TICK_PPM */
#define TICK_PPM 100
#define TICK_MOST_PPM 100000 /* the kernel takes 9000 to 11000 */
#define POLL_LOG2_MAX 17     /* RFC 5905: MAXPOLL, 36 h */
/*
 * So long the error bound of a daemon that has just begun may be wide: an ntpd adds to it what it
 * does not know of a source until it has eight samples, one a minute after the first few, and what
 * it still has to correct.  Seen with ntp 4.2.8 and NTPsec: up to nine minutes to be below 50 ms.
 */
#define SETTLING_NS (10 * 60 * NS_PER_S)

const char *
health_name(enum health health)
{
	static const char *const names[] = {
		[HEALTH_GOOD] = "good",
		[HEALTH_FREE_RUNNING] = "free-running",
		[HEALTH_OVER_BUDGET] = "over budget",
		[HEALTH_UNSYNCED] = "unsynchronised",
		[HEALTH_STOPPED] = "stopped",
		[HEALTH_EXITED] = "exited",
		[HEALTH_SILENT] = "silent",
		[HEALTH_NEVER] = "not heard yet",
		[HEALTH_SETTLING] = "settling",
		[HEALTH_NO_ANSWER] = "no answer",
		[HEALTH_SIBLINGS] = "follows siblings only",
		[HEALTH_CLOCK] = "clock lost",
		[HEALTH_UNMEASURABLE] = "not measurable",
	};

	return names[health];
}

enum health_state
health_state_of(enum health health)
{
	static const enum health_state states[HEALTH_COUNT] = {
		[HEALTH_GOOD] = STATE_GOOD,
		[HEALTH_FREE_RUNNING] = STATE_WARN,
		[HEALTH_OVER_BUDGET] = STATE_BAD,
		[HEALTH_UNSYNCED] = STATE_BAD,
		[HEALTH_STOPPED] = STATE_BAD,
		[HEALTH_EXITED] = STATE_BAD,
		[HEALTH_SILENT] = STATE_STALE,
		[HEALTH_NEVER] = STATE_UNKNOWN,
		[HEALTH_SETTLING] = STATE_WARN,
		[HEALTH_NO_ANSWER] = STATE_UNKNOWN,
		[HEALTH_SIBLINGS] = STATE_WARN,
		[HEALTH_CLOCK] = STATE_WARN,
		[HEALTH_UNMEASURABLE] = STATE_UNKNOWN,
	};

	return states[health];
}

const char *
health_state_name(enum health_state state)
{
	static const char *const names[STATE_COUNT] = {
		[STATE_GOOD] = "good",
		[STATE_WARN] = "warn",
		[STATE_BAD] = "bad",
		[STATE_STALE] = "stale",
		[STATE_UNKNOWN] = "unknown",
	};

	return names[state];
}

bool
health_state_is_worse(enum health_state a, enum health_state b)
{
	static const int ranks[STATE_COUNT] = {
		[STATE_GOOD] = 0,
		[STATE_UNKNOWN] = 1,
		[STATE_WARN] = 2,
		[STATE_STALE] = 3,
		[STATE_BAD] = 4,
	};

	return ranks[a] > ranks[b];
}

static const struct source_status *
selected_source(const struct daemon_status *status)
{
	for (size_t i = 0; i < status->source_count; i++) {
		if (status->sources[i].state == SOURCE_SELECTED) {
			return &status->sources[i];
		}
	}
	return NULL;
}

/* How long an update may take: the selected source's poll, or the update interval if longer. */
static int64_t
poll_interval_ns(const struct daemon_status *status)
{
	const struct source_status *source = selected_source(status);
	int64_t interval_ns = POLL_USUAL_NS;

	if (source && source->poll_log2 >= 0 && source->poll_log2 <= POLL_LOG2_MAX) {
		interval_ns = NS_PER_S << source->poll_log2;
	}
	return status->update_interval_ns > interval_ns ? status->update_interval_ns : interval_ns;
}

static enum health
judge_budget(const struct daemon_status *status, int64_t grown_ns, int64_t runs_ns,
    int64_t budget_offset_ns, int64_t budget_error_bound_ns, char *reason)
{
	char seen[DURATION_TEXT_BYTES], allowed[DURATION_TEXT_BYTES];
	char ran[DURATION_TEXT_BYTES], left[DURATION_TEXT_BYTES];
	int64_t bound_ns = daemon_error_bound_ns(status) + grown_ns;

	if (status->offset_ns > budget_offset_ns || status->offset_ns < -budget_offset_ns) {
		snprintf(reason, HEALTH_REASON_BYTES, "the offset, %s, is beyond %s",
		    duration_text(status->offset_ns, seen),
		    duration_text(budget_offset_ns, allowed));
		return HEALTH_OVER_BUDGET;
	}
	if (bound_ns <= budget_error_bound_ns) {
		return HEALTH_GOOD;
	}
	duration_text(bound_ns, seen);
	duration_text(budget_error_bound_ns, allowed);
	if (runs_ns >= 0 && runs_ns < SETTLING_NS) {
		snprintf(reason, HEALTH_REASON_BYTES,
		    "the daemon started %s ago; its error bound, %s, is still beyond %s, which may "
		    "last for %s more",
		    duration_text(runs_ns, ran), seen, allowed,
		    duration_text(SETTLING_NS - runs_ns, left));
		return HEALTH_SETTLING;
	}
	snprintf(reason, HEALTH_REASON_BYTES, "the error bound, %s, is beyond %s", seen, allowed);
	return HEALTH_OVER_BUDGET;
}

bool
health_rate(double frequency_ppm, char *words)
{
	double size_ppm = fabs(frequency_ppm);
	const char *fast = frequency_ppm < 0 ? "fast" : "slow";
	bool beyond = size_ppm > RATE_MAX_PPM + RATE_NEAR_PPM;
	int ticks;

	words[0] = '\0';
	if (!(size_ppm >= RATE_MAX_PPM - RATE_NEAR_PPM) || size_ppm > TICK_MOST_PPM) {
		return false;
	}
	ticks = (int)(size_ppm / TICK_PPM + 0.5);
	snprintf(words, HEALTH_RATE_BYTES,
	    "the clock runs %s%.0f ppm %s, %s: mend the machine's clock (hardware or hypervisor); "
	    "without chronyd, `adjtimex --tick %d`",
	    beyond ? "" : "at least ", size_ppm, fast,
	    beyond ? "more than an ntpd corrects" : "and its daemon corrects no more",
	    TICK_USUAL + (frequency_ppm < 0 ? -ticks : ticks));
	return true;
}

/* By how much an error bound has grown in @age_ns: RFC 5905's PHI, 15 ppm. */
static int64_t
drifted_ns(int64_t age_ns)
{
	return age_ns > 0 ? age_ns / 1000000 * 15 : 0;
}

static enum health
judge_daemon(const struct daemon_status *status, int64_t age_ns, int64_t runs_ns,
    int64_t budget_offset_ns, int64_t budget_error_bound_ns, char *reason)
{
	int64_t limit_ns = POLLS_UNTIL_FREE * poll_interval_ns(status);
	enum health health;
	char ago[DURATION_TEXT_BYTES];

	if (status->leap == LEAP_UNSYNC || status->stratum >= 16) {
		snprintf(reason, HEALTH_REASON_BYTES, "the daemon follows no source");
		return HEALTH_UNSYNCED;
	}
	health = judge_budget(status, drifted_ns(age_ns), runs_ns < 0 ? -1 : runs_ns + age_ns,
	    budget_offset_ns, budget_error_bound_ns, reason);
	if (health != HEALTH_GOOD) {
		return health;
	}
	if (status->update_age_ns >= 0 && status->update_age_ns > limit_ns - age_ns) {
		snprintf(reason, HEALTH_REASON_BYTES,
		    "the clock was last updated %s ago, more than 8 poll intervals",
		    duration_text(status->update_age_ns + age_ns, ago));
		return HEALTH_FREE_RUNNING;
	}
	if (status->update_age_ns < 0 && !selected_source(status)) {
		snprintf(reason, HEALTH_REASON_BYTES, "the daemon uses no source now");
		return HEALTH_FREE_RUNNING;
	}
	return HEALTH_GOOD;
}

enum health
health_judge(const struct daemon_status *status, int64_t age_ns, int64_t runs_ns,
    int64_t budget_offset_ns, int64_t budget_error_bound_ns, char *reason)
{
	char rate[HEALTH_RATE_BYTES];
	enum health health;
	size_t len;

	reason[0] = '\0';
	health =
	    judge_daemon(status, age_ns, runs_ns, budget_offset_ns, budget_error_bound_ns, reason);
	if (health_rate(status->frequency_ppm, rate)) {
		len = strlen(reason);
		snprintf(
		    reason + len, HEALTH_REASON_BYTES - len, "%s%s", len > 0 ? "; " : "", rate);
	}
	return health;
}

enum health
health_judge_measured(const struct daemon_status *status, int64_t age_ns, int64_t budget_offset_ns,
    int64_t budget_error_bound_ns, char *reason)
{
	reason[0] = '\0';
	return judge_budget(
	    status, drifted_ns(age_ns), -1, budget_offset_ns, budget_error_bound_ns, reason);
}

enum health
health_of_siblings(enum health health, const struct daemon_status *status, const struct host *host,
    bool (*is_sibling)(const struct host *host, const char *address), char *reason)
{
	const char *followed = NULL;

	if (health != HEALTH_GOOD && health != HEALTH_SETTLING) {
		return health;
	}
	for (size_t i = 0; i < status->source_count; i++) {
		const struct source_status *source = &status->sources[i];

		if (source->state < SOURCE_COMBINED || source->reach == 0) {
			continue;
		}
		if (!is_sibling(host, source->address)) {
			return health;
		}
		if (!followed || source->state == SOURCE_SELECTED) {
			followed = source->address;
		}
	}
	if (!followed) {
		return health;
	}
	snprintf(reason, HEALTH_REASON_BYTES,
	    "it follows %.64s, a server of its own tier, and nobody outside the tier: none of its "
	    "other sources can be used now",
	    followed);
	return HEALTH_SIBLINGS;
}
