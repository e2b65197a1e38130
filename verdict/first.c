#include "verdict/first.h"

/* The sources that the daemon waits for, and those that may or may not have answered by then. */
struct turnout {
	struct crowd awaited, maybe;
};

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
	const struct first_offset offset = { .how = how,
		.offset_ns = source->offset_ns,
		.error_ns = restart_error_ns(source),
		.source = source,
		.agreeing = 1 };

	add(first, &offset);
}

/*
 * Add what the group that agrees at @point_ns gives, if it can win: with all its awaited members
 * and as few of its other members as it needs.  These others are taken once from the lowest
 * offset up, and once from the highest down.
 */
static void
add_group(const struct restart_policy *policy, const struct turnout *turnout, int64_t point_ns,
    struct first_offsets *first)
{
	struct crowd ours, more;
	size_t need = 0;

	crowd_agreeing_at(&turnout->awaited, point_ns, &ours);
	crowd_agreeing_at(&turnout->maybe, point_ns, &more);
	/* so many others make the group more than half of all that have answered */
	if (turnout->awaited.count >= 2 * ours.count) {
		need = turnout->awaited.count - 2 * ours.count + 1;
	}
	if (ours.count + need < policy->quorum) {
		need = policy->quorum - ours.count;
	}
	if (need > more.count || ours.count + need == 0) {
		return;
	}
	for (int end = 0; end < (need > 0 ? 2 : 1); end++) {
		struct crowd group = { .count = 0 };
		struct first_offset offset;

		for (size_t i = 0; i < need; i++) {
			crowd_join(&group, &more.list[end ? more.count - 1 - i : i]);
		}
		for (size_t i = 0; i < ours.count; i++) {
			crowd_join(&group, &ours.list[i]);
		}
		crowd_combine(policy, &group, &offset);
		add(first, &offset);
	}
}

/* The size of the largest group that agrees at a point within @voter's interval; NULL: anywhere. */
static size_t
largest_group(const struct crowd *crowd, const struct voter *voter)
{
	size_t largest = 0;

	for (size_t i = 0; i < crowd->count; i++) {
		int64_t point_ns = crowd_low_end(&crowd->list[i]);
		struct crowd group;

		if (voter && !crowd_covers(voter, point_ns)) {
			continue;
		}
		crowd_agreeing_at(crowd, point_ns, &group);
		largest = group.count > largest ? group.count : largest;
	}
	return largest;
}

/* How many survive the selection when `true` makes @voter one of them. */
static size_t
group_with(const struct crowd *crowd, const struct voter *voter)
{
	size_t largest = largest_group(crowd, NULL);

	return largest_group(crowd, voter) == largest ? largest : largest + 1;
}

/* Add single sources: with `prefer` one sets the offset of its group, with `true` it needs none. */
static void
add_special(
    const struct restart_policy *policy, const struct crowd *crowd, struct first_offsets *first)
{
	for (size_t i = 0; i < crowd->count; i++) {
		const struct voter *voter = &crowd->list[i];
		unsigned flags = voter->source->flags;

		if (flags & RESTART_TRUE && group_with(crowd, voter) >= policy->quorum) {
			add_one(first, FIRST_TRUE, voter->source);
		} else if (flags & RESTART_PREFER &&
		    largest_group(crowd, voter) >= policy->quorum) {
			add_one(first, FIRST_PREFER, voter->source);
		}
	}
}

/* Add every offset that may win, whichever of turnout->maybe have answered. */
static void
add_turnout(
    const struct restart_policy *policy, const struct turnout *turnout, struct first_offsets *first)
{
	const struct crowd *crowds[] = { &turnout->awaited, &turnout->maybe };

	for (size_t c = 0; c < COUNT(crowds); c++) {
		for (size_t i = 0; i < crowds[c]->count; i++) {
			add_group(policy, turnout, crowd_low_end(&crowds[c]->list[i]), first);
		}
	}
}

/* Add the offset of each source alone: any of them may answer before the others. */
static void
add_each(const struct crowd *crowd, struct first_offsets *first)
{
	for (size_t i = 0; i < crowd->count && (crowd->count > 1 || first->early); i++) {
		add_one(first, FIRST_ALONE, crowd->list[i].source);
	}
}

/* ntpd and ntpd-rs do not wait: the sources that have been measured by now vote. */
static void
first_of_ntpd(
    const struct restart_policy *policy, const struct crowd *crowd, struct first_offsets *first)
{
	struct turnout turnout = { .awaited = { .count = 0 } };
	struct outcome outcome;
	struct crowd late;

	crowd_split_early(crowd, &turnout.maybe, &late);
	crowd_select(policy, &turnout.maybe, &outcome);
	first->early = late.count > 0 && outcome.synced;
	if (!first->early) {
		turnout.maybe = *crowd;
	}
	if (policy->quorum <= 1) {
		add_each(&turnout.maybe, first);
	} else {
		crowd_widen(policy, &turnout.maybe);
		add_turnout(policy, &turnout, first);
	}
	add_special(policy, &turnout.maybe, first);
}

/* Add what @crowd selects while one of them is late: its answer got lost, its name was slow. */
static void
add_without_one(
    const struct restart_policy *policy, const struct crowd *crowd, struct first_offsets *first)
{
	for (size_t out = 0; out < crowd->count; out++) {
		struct crowd rest = { .count = 0 };
		struct outcome outcome;

		for (size_t i = 0; i < crowd->count; i++) {
			if (i != out) {
				crowd_join(&rest, &crowd->list[i]);
			}
		}
		crowd_select(policy, &rest, &outcome);
		if (outcome.synced) {
			outcome.offset.how = FIRST_SOME;
			add(first, &outcome.offset);
		}
	}
}

/* Add what may win while the late sources come one by one; all early ones have answered. */
static void
add_late(const struct restart_policy *policy, const struct crowd *early, const struct crowd *late,
    struct first_offsets *first)
{
	const struct turnout turnout = { .awaited = *early, .maybe = *late };
	struct crowd all = *early;

	for (size_t i = 0; i < late->count; i++) {
		crowd_join(&all, &late->list[i]);
	}
	crowd_sort(&all);
	add_turnout(policy, &turnout, first);
	add_special(policy, &all, first);
}

/* chrony waits for the sources that are polled alike and answer every question. */
static void
first_of_chrony(
    const struct restart_policy *policy, const struct crowd *crowd, struct first_offsets *first)
{
	struct turnout turnout = { .awaited = { .count = 0 } };
	struct crowd early, late;
	struct outcome outcome;

	crowd_split_early(crowd, &early, &late);
	for (size_t i = 0; i < early.count; i++) {
		const struct restart_source *source = early.list[i].source;
		bool sure = !source->lossy && !(source->flags & RESTART_UNSURE);

		crowd_join(sure ? &turnout.awaited : &turnout.maybe, &early.list[i]);
	}
	crowd_select(policy, &early, &outcome);
	first->early = late.count > 0 && outcome.synced;
	if (outcome.synced && late.count > 0) {
		outcome.offset.how = FIRST_SOME;
		add(first, &outcome.offset);
	}
	if (turnout.maybe.count > 0 && !crowd_has_flag(&turnout.awaited, RESTART_TRUE)) {
		add_turnout(policy, &turnout, first);
		add_special(policy, &early, first);
	}
	add_without_one(policy, &early, first);
	/* late ones may step if the early ones do not use up the licence to step in 3 updates */
	if (late.count > 0 &&
	    (!outcome.synced || policy->step_updates < 0 || policy->step_updates > 3)) {
		add_late(policy, &early, &late, first);
		first->early = false;
	}
}

/* The daemon follows one server at a time, or the median of those that answer: no vote. */
static void
settle_without_vote(const struct crowd *crowd, struct outcome *outcome)
{
	const struct restart_source *middle;

	*outcome = (struct outcome){ .majority = crowd->count > 0, .synced = crowd->count > 0 };
	if (crowd->count > 0) {
		middle = crowd->list[crowd->count / 2].source;
		outcome->offset.offset_ns = middle->offset_ns;
		outcome->offset.error_ns = restart_error_ns(middle);
		outcome->offset.agreeing = 1;
		outcome->survivors = outcome->sure = (unsigned)crowd->count;
		outcome->distance_ns = middle->distance_ns;
	}
}

static void
settle(const struct restart_policy *policy, const struct crowd *crowd, struct first_offsets *first)
{
	struct outcome outcome;

	if (policy->rules == RESTART_RULES_ONE || policy->rules == RESTART_RULES_MEDIAN) {
		settle_without_vote(crowd, &outcome);
	} else {
		crowd_select(policy, crowd, &outcome);
	}
	first->majority = outcome.majority;
	first->synced = outcome.synced;
	first->survivors = outcome.survivors;
	first->sure = outcome.sure;
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
	crowd_gather(input, &crowd);
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
	if (first->early && first->synced) {
		first->list[0].late = true;
	}
}
