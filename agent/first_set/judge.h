/*
 * What the answers of the sources mean for a clock that was not set yet in this boot: keep it, set
 * it, wait, or refuse a time that cannot be true.  This file does no I/O.
 */
#ifndef AGENT_FIRST_SET_JUDGE_H
#define AGENT_FIRST_SET_JUDGE_H

#include "common/ntp/select.h"
#include "measure/target.h"

struct first_set_case {
	unsigned quorum;   /* so many sources must agree, and more than half of those that answer */
	int64_t limit_ns;  /* the largest offset that the daemon slews by itself; up to 128 ms of it
			      is left to the daemon */
	int64_t real_ns;   /* the clock when the offsets were measured */
	int64_t built_ns;  /* when this program was made: version_built_ns() */
	int64_t synced_ns; /* when a daemon here last followed its sources, by the mtime of its
			      drift file; 0: not known */
	int64_t agreed_ns; /* for how long a quorum has agreed */
	bool bounded;      /* the sources should prove who they are, and cannot before the clock is
			      right: see first_set_judge() */
	int64_t good_ns;   /* the last time at which the clock was right; 0: not known */
	const struct select_source *witnesses; /* those with a key, whether they have a vote or not;
						  fit when they answered */
	size_t witness_count;
	bool force; /* an operator says that the sources are right */
};

enum first_set_kind {
	FIRST_SET_WAIT,   /* no quorum: ask again */
	FIRST_SET_KEEP,   /* the clock is near enough: the daemon slews the rest */
	FIRST_SET_SET,    /* the clock is wrong, and can be set */
	FIRST_SET_REFUSE, /* a quorum agrees on a time that cannot be true */
};

struct first_set_verdict {
	enum first_set_kind kind;
	int64_t offset_ns; /* source minus local, in the NTP era nearest to built_ns; 0 without a
			      quorum */
	int64_t error_ns;  /* half width of the interval that it is good for */
	unsigned answered, agree; /* how many sources */
	char words[256];          /* why, for the operator */
};

/* Make the answer of an address a vote.  A name that leads to another name's address has none. */
void first_set_vote(
    const struct measure_target *target, int64_t boot_ns, struct select_source *source);

/*
 * Judge.
 *
 * A quorum is refused when its time is
 *  - before the program was made;
 *  - more than 7 days from the clock, unless the clock is before that date, too: one of the two is
 *    wrong, and nobody can tell which;
 *  - more than a day before the daemon last followed its sources.  A file's time may be wrong, too,
 *    and must not lock a host out: when a quorum has agreed for two hours, this one rule yields.
 * And a quorum that is bounded is refused, unless a witness confirms it, when its time is
 *  - before the last good time;
 *  - more than 7 days after the later of that time and the clock.
 * A witness is a source with a key, so nobody can pose as it.  Those that answer confirm a time
 * when more than half of them are near it.
 *
 * @sources: fit when they answered; their offsets are turned to the NTP era that is nearest to
 *           built_ns, their states are filled
 */
void first_set_judge(const struct first_set_case *input, struct select_source *sources,
    size_t count, struct first_set_verdict *verdict);

#endif
