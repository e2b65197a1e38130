#include "daemons/restart_first.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Sources that may be followed, by offset: what is said of them then does not depend on an order.
 */
struct crowd {
	const struct restart_source *list[RESTART_SOURCES_MAX];
	size_t count;
};

/* Those that are waited for, and those that may have answered by then or not. */
struct turnout {
	struct crowd awaited, maybe;
};

static int
by_offset(const void *a, const void *b)
{
	const struct restart_source *left = *(const struct restart_source *const *)a;
	const struct restart_source *right = *(const struct restart_source *const *)b;

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

static void
join(struct crowd *crowd, const struct restart_source *source)
{
	assert(crowd->count < RESTART_SOURCES_MAX);
	crowd->list[crowd->count++] = source;
}

static void
sort(struct crowd *crowd)
{
	qsort(crowd->list, crowd->count, sizeof(const struct restart_source *), by_offset);
}

static int64_t
error_of(const struct restart_source *source)
{
	return source->error_ns > 0 ? source->error_ns : source->distance_ns;
}

/* Sources that may be followed at all. */
static void
gather(const struct restart_case *input, struct crowd *crowd)
{
	for (size_t i = 0; i < input->source_count; i++) {
		const struct restart_source *source = &input->sources[i];

		if (source->fit && !(source->flags & RESTART_NOSELECT)) {
			join(crowd, source);
		}
	}
	sort(crowd);
}

static bool
covers(const struct restart_source *source, int64_t point_ns)
{
	return source->offset_ns - source->distance_ns <= point_ns &&
	    source->offset_ns + source->distance_ns >= point_ns;
}

/* Those of @crowd whose interval has @point_ns within. */
static void
agreeing_at(const struct crowd *crowd, int64_t point_ns, struct crowd *agreeing)
{
	agreeing->count = 0;
	for (size_t i = 0; i < crowd->count; i++) {
		if (covers(crowd->list[i], point_ns)) {
			join(agreeing, crowd->list[i]);
		}
	}
}

/* Their mean, each weighted by the inverse of its distance; @count of them, at least one. */
static void
combine(const struct restart_source *const *sources, size_t count, struct first_offset *out)
{
	double weights = 0, offsets = 0, errors = 0;

	for (size_t i = 0; i < count; i++) {
		double weight = 1.0 / (double)(sources[i]->distance_ns + NS_PER_US);

		weights += weight;
		offsets += weight * (double)(sources[i]->offset_ns - sources[0]->offset_ns);
		errors += weight * (double)error_of(sources[i]);
	}
	out->offset_ns = sources[0]->offset_ns + (int64_t)(offsets / weights);
	out->error_ns = (int64_t)(errors / weights);
	out->agreeing = (unsigned)count;
}

static void
add(struct first_offsets *first, const struct first_offset *offset)
{
	if (first->count < FIRST_OFFSETS_MAX) {
		first->list[first->count++] = *offset;
	}
}

static void
add_one(struct first_offsets *first, enum first_how how, const struct restart_source *source)
{
	const struct first_offset offset = { how, source->offset_ns, error_of(source), source, 1 };

	add(first, &offset);
}

/* The largest group of sources that agree on a moment. */
static void
largest_group(const struct crowd *crowd, struct crowd *best)
{
	best->count = 0;
	for (size_t i = 0; i < crowd->count; i++) {
		struct crowd group;

		agreeing_at(crowd, crowd->list[i]->offset_ns - crowd->list[i]->distance_ns, &group);
		if (group.count > best->count) {
			*best = group;
		}
	}
}

struct outcome {
	bool majority, synced;
	unsigned survivors;
	int64_t distance_ns;
	struct first_offset offset;
};

/* What the whole of @crowd amounts to. */
static void
select_all(const struct restart_policy *policy, const struct crowd *crowd, struct outcome *out)
{
	struct crowd best;

	largest_group(crowd, &best);
	*out = (struct outcome){ .survivors = (unsigned)best.count };
	if (best.count == 0) {
		return;
	}
	out->majority = 2 * best.count > crowd->count;
	out->synced = out->majority && best.count >= policy->quorum;
	combine(best.list, best.count, &out->offset);
	for (size_t i = 0; i < best.count; i++) {
		if (best.list[i]->distance_ns > out->distance_ns) {
			out->distance_ns = best.list[i]->distance_ns;
		}
	}
}

/*
 * A group that agrees wins when enough of those that are waited for belong to it, or so many of
 * the others answer early that they make up for it: the fewest of these that do, at both ends.
 */
static void
add_group(const struct restart_policy *policy, const struct turnout *turnout, int64_t point_ns,
    struct first_offsets *first)
{
	struct crowd ours, more, some;
	struct first_offset offset;
	size_t need;

	agreeing_at(&turnout->awaited, point_ns, &ours);
	agreeing_at(&turnout->maybe, point_ns, &more);
	/* a majority of the awaited and of as many others as it takes */
	need = turnout->awaited.count >= 2 * ours.count
	    ? turnout->awaited.count - 2 * ours.count + 1
	    : 0;
	if (ours.count + need < policy->quorum) {
		need = policy->quorum - ours.count;
	}
	if (need > more.count || ours.count + need == 0) {
		return;
	}
	for (int end = 0; end < (need > 0 ? 2 : 1); end++) {
		some = ours;
		for (size_t i = 0; i < need; i++) {
			join(&some, more.list[end ? more.count - 1 - i : i]);
		}
		sort(&some);
		combine(some.list, some.count, &offset);
		offset.how = FIRST_SOME;
		offset.source = NULL;
		add(first, &offset);
	}
}

static bool
has_flag(const struct crowd *crowd, unsigned flag)
{
	for (size_t i = 0; i < crowd->count; i++) {
		if (crowd->list[i]->flags & flag) {
			return true;
		}
	}
	return false;
}

/* Sources with a word of their own: `prefer` alone sets the offset of the group that it is in,
 * `true` needs no group. */
static void
add_special(
    const struct restart_policy *policy, const struct crowd *crowd, struct first_offsets *first)
{
	struct crowd best;

	largest_group(crowd, &best);
	for (size_t i = 0; i < crowd->count; i++) {
		const struct restart_source *source = crowd->list[i];
		struct crowd group;

		if (source->flags & RESTART_TRUE && best.count + 1 >= policy->quorum) {
			add_one(first, FIRST_TRUE, source);
		}
		agreeing_at(crowd, source->offset_ns, &group);
		if (source->flags & RESTART_PREFER && group.count >= policy->quorum) {
			add_one(first, FIRST_PREFER, source);
		}
	}
}

/* Every offset that may win while any of turnout->maybe have answered or not. */
static void
add_turnout(
    const struct restart_policy *policy, const struct turnout *turnout, struct first_offsets *first)
{
	const struct crowd *crowds[] = { &turnout->awaited, &turnout->maybe };

	/* who is trusted decides alone; only a daemon that waits for it can be sure of it */
	if (has_flag(&turnout->awaited, RESTART_TRUE)) {
		return;
	}
	for (size_t c = 0; c < COUNT(crowds); c++) {
		for (size_t i = 0; i < crowds[c]->count; i++) {
			const struct restart_source *source = crowds[c]->list[i];

			add_group(policy, turnout, source->offset_ns - source->distance_ns, first);
		}
	}
}

/* Any may answer before the others. */
static void
add_each(const struct crowd *crowd, struct first_offsets *first)
{
	for (size_t i = 0; i < crowd->count && crowd->count > 1; i++) {
		add_one(first, FIRST_ALONE, crowd->list[i]);
	}
}

/* Whether @a is measured long before @b after a start. */
static bool
is_earlier(const struct restart_source *a, const struct restart_source *b)
{
	bool burst = a->flags & RESTART_IBURST, other = b->flags & RESTART_IBURST;

	return burst != other ? burst : !burst && a->minpoll < b->minpoll;
}

/* Those that are measured before all others, as their lines have it; the rest to @late. */
static void
split_early(const struct crowd *crowd, struct crowd *early, struct crowd *late)
{
	early->count = late->count = 0;
	for (size_t i = 0; i < crowd->count; i++) {
		bool later = false;

		for (size_t k = 0; k < crowd->count; k++) {
			later |= is_earlier(crowd->list[k], crowd->list[i]);
		}
		join(later ? late : early, crowd->list[i]);
	}
}

/* ntpd and ntpd-rs: whatever has been measured at a moment votes. */
static void
first_of_ntpd(
    const struct restart_policy *policy, const struct crowd *crowd, struct first_offsets *first)
{
	struct turnout turnout = { .awaited = { .count = 0 } };
	struct outcome outcome;
	struct crowd late;

	split_early(crowd, &turnout.maybe, &late);
	select_all(policy, &turnout.maybe, &outcome);
	first->early = late.count > 0 && outcome.synced;
	if (!first->early) {
		turnout.maybe = *crowd;
	}
	if (policy->quorum <= 1) {
		add_each(&turnout.maybe, first);
	} else {
		add_turnout(policy, &turnout, first);
	}
	add_special(policy, &turnout.maybe, first);
}

/* chrony waits for sources that are polled alike and miss no answer. */
static void
first_of_chrony(
    const struct restart_policy *policy, const struct crowd *crowd, struct first_offsets *first)
{
	struct turnout turnout = { .awaited = { .count = 0 } };
	struct crowd early, late;
	struct outcome outcome;

	split_early(crowd, &early, &late);
	for (size_t i = 0; i < early.count; i++) {
		const struct restart_source *source = early.list[i];
		bool sure = !source->lossy && !(source->flags & RESTART_UNSURE);

		join(sure ? &turnout.awaited : &turnout.maybe, source);
	}
	select_all(policy, &early, &outcome);
	first->early = late.count > 0 && outcome.synced;
	add_turnout(policy, &turnout, first);
	add_special(policy, &early, first);
	if (late.count == 0) {
		return;
	}
	/* the later ones come one by one, and a licence to step that outlives three updates, or
	 * that the early ones do not use up, is theirs */
	if (!outcome.synced || policy->step_updates < 0 || policy->step_updates > 3) {
		turnout = (struct turnout){ .awaited = early, .maybe = late };
		add_turnout(policy, &turnout, first);
		add_special(policy, crowd, first);
	}
}

static void
settle(const struct restart_policy *policy, const struct crowd *crowd, struct first_offsets *first)
{
	struct outcome outcome;

	select_all(policy, crowd, &outcome);
	if (policy->rules == RESTART_RULES_ONE || policy->rules == RESTART_RULES_MEDIAN) {
		size_t middle = crowd->count / 2;

		outcome.majority = outcome.synced = crowd->count > 0;
		if (crowd->count > 0) {
			combine(&crowd->list[middle], 1, &outcome.offset);
			outcome.distance_ns = crowd->list[middle]->distance_ns;
		}
	}
	first->majority = outcome.majority;
	first->synced = outcome.synced;
	first->survivors = outcome.survivors;
	first->distance_ns = outcome.distance_ns;
	if (outcome.synced) {
		outcome.offset.how = FIRST_SETTLED;
		add(first, &outcome.offset);
	}
}

void
restart_first(const struct restart_case *input, struct first_offsets *first)
{
	struct crowd crowd = { .count = 0 };

	first->count = 0;
	first->early = false;
	gather(input, &crowd);
	first->fit = (unsigned)crowd.count;
	settle(&input->policy, &crowd, first);
	switch (input->policy.rules) {
	case RESTART_RULES_NTPD:
	case RESTART_RULES_NTPD_RS:
		first_of_ntpd(&input->policy, &crowd, first);
		break;
	case RESTART_RULES_CHRONY:
		first_of_chrony(&input->policy, &crowd, first);
		break;
	case RESTART_RULES_ONE:
	case RESTART_RULES_MEDIAN:
		add_each(&crowd, first);
		break;
	}
}
