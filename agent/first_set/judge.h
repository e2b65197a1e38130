/*
 * What the answers of the sources mean for a clock that was never set in this boot: left, set, or
 * neither, because what they say cannot be true.  Pure.
 */
#ifndef AGENT_FIRST_SET_JUDGE_H
#define AGENT_FIRST_SET_JUDGE_H

#include "agent/uplink/target.h"
#include "common/ntp/select.h"

struct first_set_case {
	unsigned quorum;   /* so many must agree, and more than half of those that answer */
	int64_t limit_ns;  /* what the daemon slews by itself */
	int64_t real_ns;   /* the clock when the offsets were measured */
	int64_t built_ns;  /* when this program was made: version_built_ns() */
	int64_t synced_ns; /* when a daemon here last followed its sources, by the mtime of its
			      drift file; 0: not known */
	int64_t agreed_ns; /* for how long a quorum has been saying so */
	bool force;        /* by an operator who knows that it is true */
};

enum first_set_kind {
	FIRST_SET_WAIT,   /* no quorum: ask again */
	FIRST_SET_KEEP,   /* the clock is right, as far as the daemon's business goes */
	FIRST_SET_SET,    /* it is not, and can be */
	FIRST_SET_REFUSE, /* a quorum says what cannot be true */
};

struct first_set_verdict {
	enum first_set_kind kind;
	int64_t offset_ns; /* source minus local, in the era of the program; 0 without a quorum */
	int64_t error_ns;  /* half width of the interval that it is good for */
	unsigned answered, agree; /* sources */
	char words[256];          /* why, for the operator */
};

/* What an address told, as a vote.  A name that leads to another one's address has none. */
void first_set_vote(
    const struct measure_target *target, int64_t boot_ns, struct select_source *source);

/*
 * Judge.
 *
 * A quorum is refused when its time is
 *  - before the program was made;
 *  - more than 7 days from a clock that is not itself before that: then one of the two is wrong,
 *    and nobody can tell which;
 *  - more than a day before the daemon last followed its sources.  A file's time may be wrong, too,
 *    and must not lock a host out: after two hours of the same quorum this one rule yields.
 *
 * @sources: those that answered are fit; their offsets are turned to the era that is nearest to
 *           the program's date, their states are filled
 */
void first_set_judge(const struct first_set_case *input, struct select_source *sources,
    size_t count, struct first_set_verdict *verdict);

#endif
