/*
 * Which offset a daemon may act on first after a start: what all its sources amount to, and what
 * some of them say that happen to answer before the others.  Pure.
 */
#ifndef VERDICT_FIRST_H
#define VERDICT_FIRST_H

#include "verdict/crowd.h"

#define FIRST_OFFSETS_MAX 320

struct first_offsets {
	struct first_offset list[FIRST_OFFSETS_MAX];
	size_t count;
	bool synced;         /* all together satisfy the selection: it would serve time */
	bool majority;       /* more than half of the fit ones agree */
	unsigned fit;        /* that may be followed */
	unsigned survivors;  /* that agree, when all have answered */
	int64_t distance_ns; /* the largest of the survivors */
	bool early;          /* only those with a burst, or the shortest poll, count at first */
};

/*
 * Fill @first.  The order of the sources changes nothing.
 * Source: TIMESAFETY 1.6, 1.7 steps 4 and 5; chrony 4.3, sources.c; ntp 4.2.8p15, ntp_proto.c;
 * measured with all three.
 */
void restart_first(const struct restart_case *input, struct first_offsets *first);

#endif
