#include "agent/look/stand_in.h"

#include "agent/look/judgement.h"

#include <stdlib.h>
#include <string.h>

#define INTERVAL_NS (30 * NS_PER_S)      /* INTERVAL_QUERY_NORMAL */
#define SCALE_OFFSET_NS (50 * NS_PER_MS) /* QSCALE_OFF_MAX: at this offset and beyond, scale 1 */
#define SCALE_MAX 50                     /* QSCALE_OFF_MAX / QSCALE_OFF_MIN */
#define UNHEARD_NS (60 * NS_PER_S)       /* INTERVAL_QUERY_PATHETIC */
#define SET_NS NS_PER_MS                 /* less is not told from two readings, one by one */
#define ROUNDS_KEPT 3                    /* so many rounds in vain, and nothing is known */
#define PHI_PPM 15                       /* RFC 5905: what a clock may drift */

static bool
is_own(const struct stand_in *stand_in, const char *name)
{
	for (size_t i = 0; i < stand_in->server_count; i++) {
		if (strcmp(stand_in->servers[i], name) == 0) {
			return true;
		}
	}
	return false;
}

bool
stand_in_may(const struct stand_in *stand_in, const struct restart_policy *policy)
{
	const struct restart_line *line;
	size_t count = 0;

	while ((line = judgement_line(policy, count))) {
		if (line->flags & RESTART_POOL || !is_own(stand_in, line->name)) {
			return false;
		}
		count++;
	}
	return policy->known && count > 0;
}

static int64_t
interval_ns(const struct stand_in *stand_in)
{
	int64_t offset_ns = llabs(stand_in->status.offset_ns);

	if (!stand_in->there || stand_in->missed > 0) {
		return UNHEARD_NS;
	}
	if (offset_ns >= SCALE_OFFSET_NS) {
		return INTERVAL_NS;
	}
	if (offset_ns <= SCALE_OFFSET_NS / SCALE_MAX) {
		return INTERVAL_NS * SCALE_MAX;
	}
	return (int64_t)((double)INTERVAL_NS * SCALE_OFFSET_NS / (double)offset_ns);
}

bool
stand_in_is_due(const struct stand_in *stand_in, int64_t boot_ns, int64_t real_ns)
{
	return stand_in->asked_ns == 0 || llabs(real_ns - boot_ns - stand_in->shift_ns) > SET_NS ||
	    boot_ns - stand_in->asked_ns >= interval_ns(stand_in);
}

/* The entry of the server in the round before, or an empty one. */
static struct source_status
entry_of(const struct daemon_status *status, const char *address)
{
	for (size_t i = 0; i < status->source_count; i++) {
		if (strcmp(status->sources[i].address, address) == 0) {
			return status->sources[i];
		}
	}
	return (struct source_status){ .state = SOURCE_SILENT, .age_ns = -1, .delay_ns = -1 };
}

static struct source_status
source_of(const struct daemon_status *before, const struct measure_target *target,
    const struct ntp_sample *best, int64_t since_ns)
{
	const char *address = target->address[0] ? target->address : target->name;
	struct source_status source = entry_of(before, address);

	snprintf(source.address, sizeof(source.address), "%.*s", SOURCE_NAME_BYTES - 1, address);
	source.reach = (source.reach << 1 | (best != NULL)) & 0xff;
	source.age_ns += source.age_ns >= 0 ? since_ns : 0;
	source.auth = AUTH_NONE; /* so we ask, whatever the daemon does */
	if (best) {
		source.state = SOURCE_UNKNOWN; /* whom the daemon follows is not told */
		source.stratum = best->stratum;
		source.age_ns = 0;
		source.offset_ns = best->offset_ns;
		source.delay_ns = best->delay_ns;
		source.error_ns = best->delay_ns / 2 + best->dispersion_ns;
	} else if (source.reach == 0) {
		source.state = SOURCE_SILENT;
	}
	return source;
}

static int
compare_offsets(const void *a, const void *b)
{
	const struct ntp_sample *left = *(const struct ntp_sample *const *)a;
	const struct ntp_sample *right = *(const struct ntp_sample *const *)b;

	return (left->offset_ns > right->offset_ns) - (left->offset_ns < right->offset_ns);
}

static enum leap
leap_of(const struct ntp_sample *sample)
{
	return sample->leap == NTP_LEAP_INSERT ? LEAP_INSERT
	    : sample->leap == NTP_LEAP_DELETE  ? LEAP_DELETE
					       : LEAP_NONE;
}

/* Fill what is told of the clock by the median of the samples. */
static void
take_median(const struct ntp_sample **samples, size_t count, struct daemon_status *status)
{
	const struct ntp_sample *low, *high, *worse;

	qsort(samples, count, sizeof(*samples), compare_offsets);
	low = samples[(count - 1) / 2];
	high = samples[count / 2];
	worse = ntp_root_distance_ns(low, 0, 0) > ntp_root_distance_ns(high, 0, 0) ? low : high;
	status->offset_ns = low->offset_ns + (high->offset_ns - low->offset_ns) / 2;
	status->root_delay_ns = worse->root_delay_ns + worse->delay_ns;
	status->root_dispersion_ns = worse->root_dispersion_ns + worse->dispersion_ns +
	    (high->offset_ns - low->offset_ns + 1) / 2;
	status->stratum = worse->stratum + 1;
	status->leap = leap_of(worse);
}

void
stand_in_take(
    struct stand_in *stand_in, const struct measure *measure, int64_t boot_ns, int64_t real_ns)
{
	const struct ntp_sample *samples[MEASURE_TARGETS_MAX];
	struct daemon_status before = stand_in->status;
	struct daemon_status *status = &stand_in->status;
	int64_t since_ns = stand_in->asked_ns > 0 ? boot_ns - stand_in->asked_ns : 0, jitter_ns;
	size_t heard = 0;

	status->source_count = 0;
	status->update_age_ns = -1;
	for (size_t i = 0; i < measure->target_count; i++) {
		const struct measure_target *target = &measure->targets[i];
		const struct ntp_sample *best =
		    ntp_best_sample(target->samples, target->sample_count, &jitter_ns);

		if (target->same_as >= 0 || status->source_count == DAEMON_SOURCES_MAX) {
			continue;
		}
		status->sources[status->source_count++] =
		    source_of(&before, target, best, since_ns);
		if (best) {
			samples[heard++] = best;
		}
	}
	stand_in->asked_ns = boot_ns;
	stand_in->shift_ns = real_ns - boot_ns;
	stand_in->missed++;
	if (heard > 0) {
		take_median(samples, heard, status);
		stand_in->there = true;
		stand_in->missed = 0;
		stand_in->heard_ns = boot_ns;
	}
}

bool
stand_in_report(const struct stand_in *stand_in, int64_t boot_ns, struct report *report)
{
	int64_t age_ns = boot_ns - stand_in->heard_ns;
	char version[sizeof(report->status.version)];

	if (!stand_in->there || age_ns > ROUNDS_KEPT * SCALE_MAX * INTERVAL_NS ||
	    stand_in->missed >= ROUNDS_KEPT) {
		return false;
	}
	memcpy(version, report->status.version, sizeof(version));
	report->status = stand_in->status;
	memcpy(report->status.version, version, sizeof(version));
	report->status.root_dispersion_ns += age_ns / 1000000 * PHI_PPM;
	for (size_t i = 0; i < report->status.source_count; i++) {
		struct source_status *source = &report->status.sources[i];

		source->age_ns += source->age_ns >= 0 ? boot_ns - stand_in->asked_ns : 0;
		source->poll_log2 = 0;
		while (source->poll_log2 < 17 &&
		    NS_PER_S << (source->poll_log2 + 1) <= interval_ns(stand_in)) {
			source->poll_log2++;
		}
	}
	report->measured = true;
	report->measured_age_ns = age_ns;
	return true;
}
