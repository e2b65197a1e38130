/*
 * Whose time is right: that of the sources which a changed host follows now, or that of the rest of
 * its site?  A vote.  Pure.
 *
 * Each of the other servers has a vote: by what the host's own daemon measures of it, or by what
 * the orchestrator measured.  So have the sources that the host had before the change, when
 * its clock was good by them.  A vote is against the sources of now when the two differ by more
 * than the host's offset budget and both error bounds.  Who cannot tell the time of now from that
 * of before, because it is not known well enough, abstains.  Most votes decide; so one server of
 * the site that is wrong puts nothing back, and new sources that the others agree with may correct
 * a wrong host.
 */
#ifndef ORCHESTRATOR_ROLLOUT_HEALTH_SITE_TIME_H
#define ORCHESTRATOR_ROLLOUT_HEALTH_SITE_TIME_H

#include "orchestrator/topology/topology.h"
#include "verdict/report.h"

/* One who knows the time. */
struct site_clock {
	const char *name;
	int64_t offset_ns; /* its clock minus the host's */
	int64_t error_ns;  /* half width of the interval that true time is in, by what it says */
};

#define SITE_CLOCKS_MAX 32
#define SITE_TIME_WORDS_BYTES 400

struct site_time_case {
	const struct topology *topology; /* NULL: the votes of others are not asked for */
	const struct host *host;
	const struct report *before;    /* NULL: nobody could tell */
	const struct report *now;       /* the daemon answered */
	int64_t elapsed_ns;             /* since the change */
	const struct site_clock *heard; /* by the orchestrator; the better known one counts */
	size_t heard_count;
};

enum site_time {
	SITE_TIME_OPEN,      /* nobody knows better, or they are at odds */
	SITE_TIME_AGREES,    /* with the sources of now, which agree with the host's clock */
	SITE_TIME_CORRECTS,  /* with the sources of now, and it is the host's clock that is wrong */
	SITE_TIME_DISAGREES, /* words say who, and by how much */
};

/*
 * What time it was before the change: by the source that the host followed then, or, as long as it
 * followed none, by most of its sources.
 *
 * Returns whether anybody knew.
 */
bool site_time_before(const struct report *before, int64_t budget_ns, struct site_clock *clock);

/* The server of the site that has the address @text; NULL: none has. */
const struct host *site_server_at(const struct topology *topology, const char *text);

/* @words: SITE_TIME_WORDS_BYTES bytes */
enum site_time site_time_judge(const struct site_time_case *input, char *words);

#endif
