/*
 * Decides by a vote whose time is right: that of the source that a changed host follows now, or
 * that of the rest of its site.  This file does no I/O.
 *
 * Each other server has a vote, by what the host's own daemon measures of it or by what the
 * orchestrator measured.  The sources that the host had before the change have one vote together;
 * they have none when by them the host's clock was wrong, and by the source of now it is right.  A
 * vote is against the source of now when the two differ by more than the sum of the host's offset
 * budget and both error bounds.  A voter abstains when the source of now says that the host's clock
 * is wrong, and the voter's own error bound is too large to tell the two apart.  The majority
 * decides.  So one wrong server of the site puts nothing back, and new sources that the others
 * agree with may correct a wrong host.
 */
#ifndef ORCHESTRATOR_ROLLOUT_HEALTH_SITE_TIME_H
#define ORCHESTRATOR_ROLLOUT_HEALTH_SITE_TIME_H

#include "orchestrator/topology/topology.h"
#include "verdict/report.h"

/* One voter's clock. */
struct site_clock {
	const char *name;
	int64_t offset_ns; /* its clock minus the host's */
	int64_t error_ns;  /* by its own word, true time is within offset_ns +- this */
};

#define SITE_CLOCKS_MAX 32
#define SITE_TIME_WORDS_BYTES 400

struct site_time_case {
	const struct topology *topology; /* NULL: servers that the daemon measures have no vote */
	const struct host *host;
	const struct report *before;    /* NULL: nobody could tell */
	const struct report *now;       /* the daemon answered */
	int64_t elapsed_ns;             /* since the change */
	const struct site_clock *heard; /* as the orchestrator measured; of two for one server, the
					   one with the smaller error counts */
	size_t heard_count;
};

enum site_time {
	SITE_TIME_OPEN,      /* nobody voted, or as many for the source of now as against it */
	SITE_TIME_AGREES,    /* site and source of now agree with the host's clock */
	SITE_TIME_CORRECTS,  /* the site agrees with the source of now: the host's clock is wrong */
	SITE_TIME_DISAGREES, /* most votes are against the source of now; words say whose */
};

/*
 * What time it was before the change: by the source that the host followed then, or, if it followed
 * none yet, by the majority of its sources.
 *
 * Returns whether the time was known.
 */
bool site_time_before(const struct report *before, int64_t budget_ns, struct site_clock *clock);

/* The server of the site that has the address @text; NULL: none has. */
const struct host *site_server_at(const struct topology *topology, const char *text);

/* Take the vote.  @words: SITE_TIME_WORDS_BYTES bytes; "" unless the site disagrees. */
enum site_time site_time_judge(const struct site_time_case *input, char *words);

#endif
