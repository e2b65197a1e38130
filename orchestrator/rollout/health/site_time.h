/*
 * Decides by a vote whose time is right: that of the source that a changed host follows now, or
 * that of the rest of its site.  This file does no I/O.
 *
 * Each other server has a vote if its clock is known to be right: its own daemon says that it is
 * within its budget.  A server that is still on its way, or of which nobody knows how its clock is,
 * has none, neither for nor against.  So the servers of a first rollout do not put back each other.
 * A vote rests on what the host's own daemon measures of the server, or on what the orchestrator
 * measured.  The sources that the host had before the change have one vote together; they have none
 * when by them the host's clock was wrong, and by the source of now it is right.  If they are
 * servers of the site that were on their way themselves, their clock is as uncertain as that.
 *
 * Each clock is an interval: the measured offset, with the error of the measurement, what the
 * server itself still has to correct, and how far a clock may have been slewed between two
 * measurements.  A vote is against the source of now when the two intervals are further apart than
 * the host's offset budget.  A voter abstains when the source of now says that the host's clock is
 * wrong, and the voter's own interval is too large to tell the two apart.  The majority decides.
 * So one wrong server of the site puts nothing back, and new sources that the others agree with may
 * correct a wrong host.
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
	int64_t age_ns;    /* since it was compared with the host's clock */
};

/* What is known of a server of the site, before a host is changed. */
struct site_voter {
	const struct host *host;
	bool known;        /* its daemon told the two that follow */
	bool right;        /* it follows its sources, and is within its budget */
	int64_t offset_ns; /* what its clock still has to be corrected by */
	int64_t since_ns;  /* since when it is known to be right, by the caller's clock; INT64_MIN:
			      for longer than any measurement is old */
};

#define SITE_CLOCKS_MAX 32
#define SITE_TIME_WORDS_BYTES 400

struct site_time_case {
	const struct topology *topology; /* NULL: servers that the daemon measures have no vote */
	const struct host *host;
	const struct report *before;    /* NULL: nobody could tell */
	const struct report *now;       /* the daemon answered */
	int64_t elapsed_ns;             /* since the change */
	const struct site_clock *heard; /* as the orchestrator measured, relative to what the host
					   answers; of two for one server, the one with the smaller
					   error counts */
	size_t heard_count;
	const struct site_voter *voters; /* a server that is not among them has no vote */
	size_t voter_count;
	int64_t now_ns; /* by the clock of their since_ns */
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

/*
 * By how much the servers of the site that @status uses (or measures, while it follows none) still
 * have to be corrected, by their own word: the most of them.  So far their clocks may yet move, and
 * true time is as far from them.  A server of which nothing is known counts as one that stands
 * still.
 */
int64_t site_time_moving_ns(const struct site_time_case *input, const struct daemon_status *status);

/*
 * Say when the server of the site that the host follows now is itself over its budget, or nothing
 * is known of it: "t1, which it follows, is itself 62.0 ms off".  @words: SITE_TIME_WORDS_BYTES
 * bytes; else, and when the host follows no server of the site, "".
 */
void site_time_say_moving(const struct site_time_case *input, char *words);

/*
 * Take what the daemon of @voter->host says of its clock.
 *
 * @report: NULL: it told nothing
 * @moved:  whether its clock was perhaps corrected until now: something was done to its daemon.
 *          The same is assumed of a daemon that started a short time ago.
 */
void site_voter_look(
    struct site_voter *voter, const struct report *report, bool moved, int64_t now_ns);

/* Take the vote.  @words: SITE_TIME_WORDS_BYTES bytes; "" unless the site disagrees. */
enum site_time site_time_judge(const struct site_time_case *input, char *words);

#endif
