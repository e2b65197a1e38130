/*
 * Whom to believe: selection, clustering and combining of sources as RFC 5905 section 11.2 has
 * them, with the constants and the differences of the daemons that people run.  Pure.
 */
#ifndef COMMON_NTP_SELECT_H
#define COMMON_NTP_SELECT_H

#include "common/base.h"

enum select_state {
	SELECT_UNFIT,       /* not considered: @fit was false, or its distance is too large */
	SELECT_FALSETICKER, /* outvoted by a majority, or there is none */
	SELECT_OUTLIER,     /* true, and left out: by the clustering, or as not preferred */
	SELECT_SURVIVOR,
	SELECT_PEER, /* the system peer: a survivor, too */
};

struct select_source {
	bool fit;            /* answers, is synchronised, may be selected */
	bool prefer, truthy; /* `prefer`; ntpd's `true`, chrony's `trust`: see ntp_select() */
	unsigned stratum;
	int64_t offset_ns;   /* source minus local */
	int64_t distance_ns; /* root distance: half the width of its correctness interval */
	int64_t jitter_ns;
	enum select_state state; /* filled */
};

/* When an interval that meets the intersection counts as true. */
enum select_truth {
	SELECT_MIDPOINT, /* its midpoint is inside: RFC 5905 */
	SELECT_OVERLAP,  /* it overlaps: ntp 4.2.8, NTPsec */
	SELECT_DEEPEST,  /* it contains, or is inside, the deepest intersection: chrony */
};

struct select_rules {
	enum select_truth truth;
	int64_t distance_max_ns; /* maxdist; farther ones are unfit */
	int64_t distance_min_ns; /* mindist: smaller distances count as this */
	unsigned min_survivors;  /* minsane, minsources: with fewer there is no peer */
	unsigned cluster_to;     /* minclock: outliers are dropped down to so many; 0: never */
};

/* Source: RFC 5905 appendix A.5.5; ntpd/ntp_proto.c of 4.2.8p15 and NTPsec 1.2.2; chrony 4.3
 * sources.c. */
extern const struct select_rules select_rfc5905, select_ntpd, select_chrony;

#define SELECT_SOURCES_MAX 64 /* further ones are unfit */

struct select_result {
	bool majority;           /* more than half of the fit ones agree */
	bool synced;             /* and the survivors are enough: there is a peer and an offset */
	size_t peer;             /* index of the system peer, when synced */
	int64_t offset_ns;       /* combined; that of a prefer peer alone, where there is one */
	int64_t error_ns;        /* half width of the interval that it is good for */
	int64_t low_ns, high_ns; /* the intersection, with a majority */
	unsigned fit;
	unsigned survivors; /* that are held against min_survivors */
};

/*
 * Fill the state of each of @sources and @result.
 *
 * Where the daemons differ from RFC 5905 and from each other, each rule set does as its daemon:
 * - a truthy source survives whatever the others say, and alone where there is no majority; but
 *   to chrony it is one whose like vote before all others, who must then fit in with them;
 * - of preferred survivors ntpd obeys the first configured alone, chrony combines them;
 * - intervals that touch in a point agree to chrony alone;
 * - ntpd holds min_survivors against what the clustering has left, so that a minsane above
 *   minclock may never be met; the RFC against what came into it.
 * What a daemon remembers (its last peer, reach, waiting for other sources) is not in it.
 */
void ntp_select(const struct select_rules *rules, struct select_source *sources, size_t count,
    struct select_result *result);

#endif
