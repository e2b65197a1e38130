/*
 * Lists the offsets on which a daemon may act first after a start: the one that all its sources
 * give together, and those of sources that happen to answer before the others.  No I/O.
 */
#ifndef VERDICT_FIRST_H
#define VERDICT_FIRST_H

#include "verdict/crowd.h"

#define FIRST_OFFSETS_MAX 320

struct first_offsets {
	struct first_offset list[FIRST_OFFSETS_MAX];
	size_t count;
	bool synced;         /* all sources together pass the selection: time would be served */
	bool majority;       /* more than half of the fit sources agree */
	unsigned fit;        /* number of sources that may be followed */
	unsigned survivors;  /* number of sources that agree when all have answered */
	unsigned sure;       /* how many of these agree whatever the width of intervals is */
	int64_t distance_ns; /* the largest root distance of the survivors */
	bool early; /* at first only sources with iburst, or with the shortest poll, count */
};

/*
 * Fill @first.  The order of the sources does not matter.
 * Source: chrony 4.3, sources.c; ntp 4.2.8p15, ntp_proto.c;
 * measured with all three.
 */
void restart_first(const struct restart_case *input, struct first_offsets *first);

#endif
