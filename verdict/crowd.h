/* Sources that vote after a start: those that agree, and what they amount to.  Pure. */
#ifndef VERDICT_CROWD_H
#define VERDICT_CROWD_H

#include "verdict/restart.h"

/* A source that may be followed, and how far around its offset it is taken to be right. */
struct voter {
	const struct restart_source *source;
	int64_t distance_ns;
};

/* By offset: what is said of them then does not depend on an order. */
struct crowd {
	struct voter list[RESTART_SOURCES_MAX];
	size_t count;
};

enum first_how {
	FIRST_SETTLED, /* what all sources together amount to */
	FIRST_SOME,    /* of some that agree, before the others answer */
	FIRST_ALONE,   /* of one source, before the others answer */
	FIRST_PREFER,  /* of the source that is preferred */
	FIRST_TRUE,    /* of a source that is believed whatever the others say */
};

struct first_offset {
	enum first_how how;
	int64_t offset_ns, error_ns;         /* the daemon measures offset_ns +- error_ns */
	const struct restart_source *source; /* of ALONE, PREFER and TRUE */
	unsigned agreeing;                   /* of SETTLED and SOME */
	bool late;                           /* others come first and use up the licence to step */
};

struct outcome {
	bool majority, synced;
	unsigned survivors;
	int64_t distance_ns; /* the largest of them */
	struct first_offset offset;
};

/* Sources that may be followed at all. */
void crowd_gather(const struct restart_case *input, struct crowd *crowd);

void crowd_join(struct crowd *crowd, const struct voter *voter);
void crowd_sort(struct crowd *crowd);
bool crowd_has_flag(const struct crowd *crowd, unsigned flag);

/* Those that are measured before all others, as their lines have it; the rest to @late. */
void crowd_split_early(const struct crowd *crowd, struct crowd *early, struct crowd *late);

/* New sources of ntpd 4.2.8 are so unsure that they agree with almost anybody. */
void crowd_widen(const struct restart_policy *policy, struct crowd *crowd);

/* Where a group that agrees can be found: at the lower end of one of its intervals. */
int64_t crowd_low_end(const struct voter *voter);

/* Whether @point_ns is within the interval of @voter. */
bool crowd_covers(const struct voter *voter, int64_t point_ns);

/* Those of @crowd whose interval has @point_ns within. */
void crowd_agreeing_at(const struct crowd *crowd, int64_t point_ns, struct crowd *agreeing);

/* What the whole of @crowd amounts to. */
void crowd_select(
    const struct restart_policy *policy, const struct crowd *crowd, struct outcome *out);

/* The mean of @group, at least one, while they are new; the first answered before the others. */
void crowd_combine(
    const struct restart_policy *policy, const struct crowd *group, struct first_offset *out);

/* The daemon's own measurement of @source may differ by so much from ours. */
int64_t restart_error_ns(const struct restart_source *source);

#endif
