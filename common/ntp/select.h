/*
 * Decides which sources to believe: selection, clustering and combining by RFC 5905 section 11.2,
 * with the constants of each daemon and its deviations from the RFC.  No I/O.
 */
#ifndef COMMON_NTP_SELECT_H
#define COMMON_NTP_SELECT_H

#include "common/base.h"

enum select_state {
	SELECT_UNFIT,       /* not considered: fit is false, or the distance is too large */
	SELECT_FALSETICKER, /* outvoted by a majority, or there is no majority */
	SELECT_OUTLIER,     /* a truechimer, but dropped by the clustering or not preferred */
	SELECT_SURVIVOR,
	SELECT_PEER, /* the system peer, which is one of the survivors */
};

struct select_source {
	bool fit;            /* it answers, is synchronised and may be selected */
	bool prefer, truthy; /* `prefer`; ntpd's `true`, chrony's `trust`: see ntp_select() */
	unsigned stratum;
	int64_t offset_ns;   /* source minus local */
	int64_t distance_ns; /* root distance: half the width of its correctness interval */
	int64_t jitter_ns;
	enum select_state state; /* filled by ntp_select() */
};

/* When a source is a truechimer: how its interval must lie to the intersection. */
enum select_truth {
	SELECT_MIDPOINT, /* its midpoint is inside: RFC 5905 */
	SELECT_OVERLAP,  /* the two overlap: ntp 4.2.8, NTPsec */
	SELECT_DEEPEST,  /* it contains, or is inside, the deepest intersection: chrony */
};

struct select_rules {
	enum select_truth truth;
	int64_t distance_max_ns; /* maxdist: sources farther away are unfit */
	int64_t distance_min_ns; /* mindist: smaller distances count as this */
	unsigned min_survivors;  /* minsane, minsources: with fewer there is no peer */
	unsigned cluster_to; /* minclock: outliers are dropped until so many are left; 0: never */
};

/* Source: RFC 5905 appendix A.5.5; ntpd/ntp_proto.c of 4.2.8p15 and NTPsec 1.2.2; chrony 4.3
 * sources.c. */
extern const struct select_rules select_rfc5905, select_ntpd, select_chrony;

#define SELECT_SOURCES_MAX 64 /* further ones are unfit */

struct select_result {
	bool majority;           /* more than half of the fit sources agree */
	bool synced;             /* the survivors are enough: there is a peer and an offset */
	size_t peer;             /* index of the system peer, when synced */
	int64_t offset_ns;       /* combined, or that of a preferred peer alone (not in chrony) */
	int64_t error_ns;        /* the true offset is within +- this of offset_ns */
	int64_t low_ns, high_ns; /* the intersection; 0 without a majority */
	unsigned fit;            /* number of fit sources */
	unsigned survivors;      /* number that is compared with min_survivors */
};

/*
 * Fill the state of each of @sources, and @result.
 *
 * Each rule set does as its daemon does, also where that differs from RFC 5905:
 * - In ntpd a truthy source survives whatever the others say, even alone without a majority.  In
 *   chrony the truthy sources vote before all others, and these must then agree with them.
 * - Of preferred survivors, ntpd follows only the first configured; chrony combines them.
 * - Intervals that touch in one point agree only in chrony.
 * - ntpd compares min_survivors with what is left after the clustering, so that a minsane above
 *   minclock may never be met; the RFC and chrony compare it with what was there before.
 * What a daemon remembers (its last peer, reach, waiting for other sources) is left out.
 */
void ntp_select(const struct select_rules *rules, struct select_source *sources, size_t count,
    struct select_result *result);

#endif
