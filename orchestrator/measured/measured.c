#include "orchestrator/measured/measured.h"

#include "common/duration.h"
#include "measure/target.h"
#include "orchestrator/topology/topology.h"

#include <stdio.h>
#include <string.h>

#define ROUNDS_KEPT 8
#define RECENT 0x7 /* the last three rounds */

static enum leap
leap_of(const struct ntp_sample *sample)
{
	switch (sample->leap) {
	case NTP_LEAP_INSERT:
		return LEAP_INSERT;
	case NTP_LEAP_DELETE:
		return LEAP_DELETE;
	case NTP_LEAP_NONE:
		break;
	}
	return LEAP_NONE;
}

void
measured_take(struct measured *measured, const struct measure_target *target, int64_t now_ns)
{
	int64_t jitter_ns;
	const struct ntp_sample *best =
	    ntp_best_sample(target->samples, target->sample_count, &jitter_ns);

	measured->rounds += measured->rounds < ROUNDS_KEPT;
	measured->reach = (uint8_t)(measured->reach << 1 | (best != NULL));
	measured->answers |= target->answered > 0;
	measured->unsynced = !best && target->answered > 0 && !target->kiss[0];
	measured->asked_ns = now_ns;
	snprintf(measured->why, sizeof(measured->why), "%s", best ? "" : target->why);
	if (best) {
		measured->sampled = true;
		measured->heard_ns = now_ns;
		measured->offset_ns = -best->offset_ns;
		measured->delay_ns = best->delay_ns;
		measured->root_delay_ns = best->root_delay_ns;
		measured->root_dispersion_ns = best->root_dispersion_ns;
		measured->stratum = best->stratum;
		measured->leap = leap_of(best);
	}
}

bool
measured_is_fresh(const struct measured *measured)
{
	return measured->sampled && !measured->unsynced && (measured->reach & RECENT) != 0;
}

int64_t
measured_bound_ns(const struct measured *measured)
{
	int64_t off_ns = measured->offset_ns < 0 ? -measured->offset_ns : measured->offset_ns;

	return off_ns + measured->delay_ns / 2 + measured->root_delay_ns / 2 +
	    measured->root_dispersion_ns;
}

/* Nobody answered: a client need not. */
static enum health
judge_silent(const struct measured *measured, const struct host *host, char *reason)
{
	if (!measured->answers && host->role == HOST_CLIENT) {
		snprintf(reason, HEALTH_REASON_BYTES,
		    "it answers no question for the time, which a client need not");
		return HEALTH_UNMEASURABLE;
	}
	snprintf(reason, HEALTH_REASON_BYTES, "no answer to %s for the time from here: %s",
	    measured->rounds < 3 ? "the first questions" : "three rounds of questions",
	    measured->why[0] ? measured->why : "no answer");
	return HEALTH_SILENT;
}

enum health
measured_judge(const struct measured *measured, const struct host *host, char *reason)
{
	const struct budget *budget = host_budget(host);
	char off[DURATION_TEXT_BYTES], most[DURATION_TEXT_BYTES], delay[DURATION_TEXT_BYTES];
	int64_t off_ns = measured->offset_ns < 0 ? -measured->offset_ns : measured->offset_ns;

	reason[0] = '\0';
	if (measured->rounds == 0) {
		snprintf(reason, HEALTH_REASON_BYTES, "the collector has not asked it yet");
		return HEALTH_NEVER;
	}
	if (measured->unsynced) {
		snprintf(reason, HEALTH_REASON_BYTES, "%s", measured->why);
		return HEALTH_UNSYNCED;
	}
	if (!measured_is_fresh(measured)) {
		return judge_silent(measured, host, reason);
	}
	if (off_ns > budget->offset_ns) {
		snprintf(reason, HEALTH_REASON_BYTES,
		    "its clock is %s %s ours (budget %s), over a round trip of %s",
		    duration_text(off_ns, off), measured->offset_ns > 0 ? "behind" : "ahead of",
		    duration_text(budget->offset_ns, most),
		    duration_text(measured->delay_ns, delay));
		return HEALTH_OVER_BUDGET;
	}
	return HEALTH_GOOD;
}
