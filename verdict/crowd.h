/* The sources that vote after a start: finds which agree, and on which offset.  No I/O. */
#ifndef VERDICT_CROWD_H
#define VERDICT_CROWD_H

#include "verdict/restart.h"

/* A source that may be followed.  Its interval is its offset +- distance_ns. */
struct voter {
	const struct restart_source *source;
	int64_t distance_ns;
};

/* Voters.  crowd_sort() orders them by offset: verdicts do not depend on the order of lines. */
struct crowd {
	struct voter list[RESTART_SOURCES_MAX];
	size_t count;
};

enum first_how {
	FIRST_SETTLED, /* selected from all sources */
	FIRST_SOME,    /* of some sources that agree, before the others answer */
	FIRST_ALONE,   /* of one source, before the others answer */
	FIRST_PREFER,  /* of a source with `prefer` */
	FIRST_TRUE,    /* of a source that is believed whatever the others say */
};

struct first_offset {
	enum first_how how;
	int64_t offset_ns, error_ns;         /* the daemon measures offset_ns +- error_ns */
	const struct restart_source *source; /* of FIRST_ALONE, FIRST_PREFER and FIRST_TRUE */
	unsigned agreeing;                   /* how many sources agree on it */
	bool late; /* other offsets come before it and use up the licence to step (makestep) */
};

struct outcome {
	bool majority, synced;
	unsigned survivors;
	unsigned sure;       /* survivors that intervals of a slightly other width leave in */
	int64_t distance_ns; /* the largest root distance of the survivors */
	struct first_offset offset;
};

/* Fill @crowd with the sources that may be followed at all, in order of their offsets. */
void crowd_gather(const struct restart_case *input, struct crowd *crowd);

void crowd_join(struct crowd *crowd, const struct voter *voter);
void crowd_sort(struct crowd *crowd);
bool crowd_has_flag(const struct crowd *crowd, unsigned flag);

/* Split @crowd: by iburst and minpoll of their lines, @early are measured long before @late. */
void crowd_split_early(const struct crowd *crowd, struct crowd *early, struct crowd *late);

/* Widen all intervals by ntp 4.2.8's dispersion of new sources: almost all of them then agree. */
void crowd_widen(const struct restart_policy *policy, struct crowd *crowd);

/* The lower end of an interval: each group that agrees, agrees at such an end of a member. */
int64_t crowd_low_end(const struct voter *voter);

/* Whether @point_ns is within the interval of @voter. */
bool crowd_covers(const struct voter *voter, int64_t point_ns);

/* Fill @agreeing with those of @crowd whose interval contains @point_ns. */
void crowd_agreeing_at(const struct crowd *crowd, int64_t point_ns, struct crowd *agreeing);

/* What the daemon selects when all of @crowd have answered. */
void crowd_select(
    const struct restart_policy *policy, const struct crowd *crowd, struct outcome *out);

/*
 * The offset that the daemon combines from @group while its sources are new.
 *
 * @group: at least one source; the first one answered before the others
 */
void crowd_combine(
    const struct restart_policy *policy, const struct crowd *group, struct first_offset *out);

/* By how much the daemon's own measurement of @source may differ from ours. */
int64_t restart_error_ns(const struct restart_source *source);

#endif
