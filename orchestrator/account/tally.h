/*
 * Counts in which part of a span a host's clock was within its budget.  No I/O.
 *
 * Every moment of the span has one standing.  What nobody reported is a gap, and a gap is never
 * counted as good.  Where rows are longer than what they tell, the worst in a row holds for all of
 * it: a share is never flattered.
 */
#ifndef ORCHESTRATOR_ACCOUNT_TALLY_H
#define ORCHESTRATOR_ACCOUNT_TALLY_H

#include "orchestrator/collect/past.h"
#include "orchestrator/topology/topology.h"

#define TALLY_DAY_NS (86400 * NS_PER_S)

/* A silence of whole minutes that is this long is a gap.  The longest interval between reports is
 * 64 s, and three without a report are silence, as on the page. */
#define TALLY_GAP_NS (3 * PAST_MINUTE_NS)

#define TALLY_GAPS_MAX 1000 /* of a host are listed, all are counted */

enum standing {
	STANDING_WITHIN,   /* offset and error bound within the budget */
	STANDING_UNPROVEN, /* the offset is, the error bound is not: it may have been beyond */
	STANDING_BEYOND,   /* the offset was not */
	STANDING_GAP,      /* nothing is known */
	STANDING_COUNT,
};

/* In JSON and CSV: "within", "unproven", "beyond", "gap". */
const char *standing_name(enum standing standing);

/* A largest value, and when it was: somewhere in the @length_ns from @at_ns on. */
struct worst {
	bool known;
	int64_t ns; /* of an offset: with its sign */
	int64_t at_ns, length_ns;
};

struct share {
	int64_t ns[STANDING_COUNT];
	struct worst offset, error_bound;
};

struct span {
	int64_t from_ns, to_ns; /* from < to; to is not included */
};

struct tally {
	struct span span;
	struct budget budget; /* INT64_MAX: no limit */
	struct share whole;
	struct share *days; /* one for each day of UTC that the span touches; owned */
	size_t day_count;
	struct span *gaps; /* the first TALLY_GAPS_MAX; owned */
	size_t gap_count;  /* of all */
	int64_t longest_gap_ns;
	int64_t until_ns; /* what is before it is counted */
	enum standing last;
	bool heard;
};

/* How many days of UTC @span touches, and the start of the day @index. */
size_t span_days(const struct span *span);
int64_t span_day_ns(const struct span *span, size_t index);

/* The length of @share in all. */
int64_t share_total_ns(const struct share *share);

/* Add @more to @sum: lengths are added, of the worst the worse one stays. */
void share_add(struct share *sum, const struct share *more);

/* From when on the rows of a span are needed, so that it is known who was heard just before. */
int64_t tally_from_ns(const struct span *span);

void tally_begin(struct tally *tally, const struct span *span, const struct budget *budget);

/* Whether the minutes of @hour must be asked for, because they do not all stand alike. */
bool tally_needs_minutes(const struct tally *tally, const struct past_row *hour);

/* Add a minute or an hour; rows come in the order of time. */
void tally_add(struct tally *tally, const struct past_row *row);

/* No more rows: what is left of the span is counted. */
void tally_end(struct tally *tally);

/* @tally may be zero-initialised. */
void tally_done(struct tally *tally);

#endif
