#include "verdict/crowd.h"

#include "common/duration.h"
#include "common/ntp/select.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int
by_offset(const void *a, const void *b)
{
	const struct restart_source *left = ((const struct voter *)a)->source;
	const struct restart_source *right = ((const struct voter *)b)->source;

	if (left->offset_ns != right->offset_ns) {
		return left->offset_ns < right->offset_ns ? -1 : 1;
	}
	if (left->distance_ns != right->distance_ns) {
		return left->distance_ns < right->distance_ns ? -1 : 1;
	}
	if (left->flags != right->flags) {
		return left->flags < right->flags ? -1 : 1;
	}
	return strcmp(left->address, right->address);
}

void
crowd_join(struct crowd *crowd, const struct voter *voter)
{
	assert(crowd->count < RESTART_SOURCES_MAX);
	crowd->list[crowd->count++] = *voter;
}

void
crowd_sort(struct crowd *crowd)
{
	qsort(crowd->list, crowd->count, sizeof(crowd->list[0]), by_offset);
}

int64_t
restart_error_ns(const struct restart_source *source)
{
	return source->error_ns > 0 ? source->error_ns : source->distance_ns;
}

static struct select_rules
rules_of(const struct restart_policy *policy)
{
	struct select_rules rules = select_rfc5905;

	switch (policy->rules) {
	case RESTART_RULES_NTPD:
		rules = select_ntpd;
		break;
	case RESTART_RULES_CHRONY:
		rules = select_chrony;
		break;
	case RESTART_RULES_NTPD_RS:
	case RESTART_RULES_ONE:
	case RESTART_RULES_MEDIAN:
		rules.truth = SELECT_OVERLAP;
		rules.distance_max_ns = INT64_MAX;
		rules.cluster_to = 0;
		break;
	}
	rules.min_survivors = policy->quorum;
	if (policy->distance_max_ns > 0) {
		rules.distance_max_ns = policy->distance_max_ns;
	}
	if (policy->cluster_to > 0 && rules.cluster_to > 0) {
		rules.cluster_to = policy->cluster_to;
	}
	return rules;
}

void
crowd_gather(const struct restart_case *input, struct crowd *crowd)
{
	const struct select_rules rules = rules_of(&input->policy);

	for (size_t i = 0; i < input->source_count; i++) {
		const struct restart_source *source = &input->sources[i];
		struct voter voter = { source, source->distance_ns };

		if (!source->fit || source->flags & (RESTART_NOSELECT | RESTART_INIT) ||
		    source->distance_ns > rules.distance_max_ns) {
			continue;
		}
		if (voter.distance_ns < rules.distance_min_ns) {
			voter.distance_ns = rules.distance_min_ns;
		}
		crowd_join(crowd, &voter);
	}
	crowd_sort(crowd);
}

bool
crowd_covers(const struct voter *voter, int64_t point_ns)
{
	return voter->source->offset_ns - voter->distance_ns <= point_ns &&
	    voter->source->offset_ns + voter->distance_ns >= point_ns;
}

void
crowd_agreeing_at(const struct crowd *crowd, int64_t point_ns, struct crowd *agreeing)
{
	agreeing->count = 0;
	for (size_t i = 0; i < crowd->count; i++) {
		if (crowd_covers(&crowd->list[i], point_ns)) {
			crowd_join(agreeing, &crowd->list[i]);
		}
	}
}

int64_t
crowd_low_end(const struct voter *voter)
{
	return voter->source->offset_ns - voter->distance_ns;
}

/*
 * Whether @voter stays among those that agree when chronyd measures a little otherwise than we did:
 * beside trusted sources it counts others only while their whole intervals lie within theirs.
 */
static bool
is_sure(const struct crowd *crowd, const struct voter *voter)
{
	bool trusted = false;

	for (size_t i = 0; i < crowd->count; i++) {
		const struct voter *other = &crowd->list[i];
		int64_t apart_ns =
		    duration_size_ns(other->source->offset_ns - voter->source->offset_ns);
		int64_t error_ns =
		    restart_error_ns(other->source) + restart_error_ns(voter->source);

		if (!(other->source->flags & RESTART_TRUE)) {
			continue;
		}
		trusted = true;
		if (other == voter ||
		    apart_ns + voter->distance_ns + error_ns <= other->distance_ns) {
			return true;
		}
	}
	return !trusted;
}

void
crowd_select(const struct restart_policy *policy, const struct crowd *crowd, struct outcome *out)
{
	const struct select_rules rules = rules_of(policy);
	struct select_source sources[RESTART_SOURCES_MAX];
	struct select_result result = { .synced = false };
	int64_t errors_ns = 0;
	bool required = true;

	for (size_t i = 0; i < crowd->count; i++) {
		const struct restart_source *source = crowd->list[i].source;

		sources[i] = (struct select_source){ .fit = true,
			.prefer = source->flags & RESTART_PREFER,
			.truthy = source->flags & RESTART_TRUE,
			.stratum = source->stratum,
			.offset_ns = source->offset_ns,
			.distance_ns = crowd->list[i].distance_ns,
			.jitter_ns = source->jitter_ns };
	}
	if (crowd->count > 0) {
		ntp_select(&rules, sources, crowd->count, &result);
	}
	for (size_t i = 0; i < policy->line_count; i++) {
		required &= !(policy->lines[i].flags & RESTART_REQUIRE);
	}
	*out = (struct outcome){ .majority = result.majority };
	for (size_t i = 0; i < crowd->count; i++) {
		const struct restart_source *source = crowd->list[i].source;

		/* cppcheck-suppress uninitvar; all that are counted were set above */
		if (sources[i].state < SELECT_OUTLIER) {
			continue;
		}
		out->survivors++;
		out->sure +=
		    policy->rules != RESTART_RULES_CHRONY || is_sure(crowd, &crowd->list[i]);
		errors_ns += restart_error_ns(source);
		required |= (source->flags & RESTART_REQUIRE) != 0;
		if (source->distance_ns > out->distance_ns) {
			out->distance_ns = source->distance_ns;
		}
	}
	out->synced = result.synced && required;
	if (out->synced) {
		out->offset.offset_ns = result.offset_ns;
		out->offset.error_ns = errors_ns / (int64_t)out->survivors;
		out->offset.agreeing = out->survivors;
	}
}

/*
 * The dispersion that ntpd gives to new sources.  The one that answered first has been asked more
 * often than the others, so that its dispersion is smaller.
 */
static int64_t
new_dispersion(const struct restart_policy *policy, const struct crowd *group, size_t of)
{
	return of == 0 ? policy->start_dispersion_ns >> ((group->count - 1) / 2)
		       : policy->start_dispersion_ns;
}

/* The mean, in which each offset is weighted by 1 / distance. */
void
crowd_combine(
    const struct restart_policy *policy, const struct crowd *group, struct first_offset *out)
{
	const struct restart_source *base = group->list[0].source;
	double weights = 0, offsets = 0, errors = 0;

	for (size_t i = 0; i < group->count; i++) {
		const struct restart_source *source = group->list[i].source;
		double distance_ns =
		    (double)(source->distance_ns + new_dispersion(policy, group, i));
		double weight = 1 / (distance_ns + NS_PER_US);

		weights += weight;
		offsets += weight * (double)(source->offset_ns - base->offset_ns);
		errors += weight * (double)restart_error_ns(source);
	}
	*out = (struct first_offset){ .how = FIRST_SOME,
		.offset_ns = base->offset_ns + (int64_t)(offsets / weights),
		.error_ns = (int64_t)(errors / weights),
		.agreeing = (unsigned)group->count };
}

bool
crowd_has_flag(const struct crowd *crowd, unsigned flag)
{
	for (size_t i = 0; i < crowd->count; i++) {
		if (crowd->list[i].source->flags & flag) {
			return true;
		}
	}
	return false;
}

/* Whether @a is measured long before @b after a start. */
static bool
is_earlier(const struct restart_source *a, const struct restart_source *b)
{
	bool burst = a->flags & RESTART_IBURST, other = b->flags & RESTART_IBURST;

	return burst != other ? burst : !burst && a->minpoll < b->minpoll;
}

void
crowd_split_early(const struct crowd *crowd, struct crowd *early, struct crowd *late)
{
	early->count = late->count = 0;
	for (size_t i = 0; i < crowd->count; i++) {
		bool later = false;

		for (size_t k = 0; k < crowd->count; k++) {
			later |= is_earlier(crowd->list[k].source, crowd->list[i].source);
		}
		crowd_join(later ? late : early, &crowd->list[i]);
	}
}

void
crowd_widen(const struct restart_policy *policy, struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->count; i++) {
		crowd->list[i].distance_ns += policy->start_dispersion_ns;
	}
}
