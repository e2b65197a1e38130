/*
 * Keeps what is known of the clocks of the site's servers while a rollout changes hosts.  A server
 * whose clock is known to be right has a vote on the time of other hosts (health/site_time.h).
 */
#ifndef ORCHESTRATOR_ROLLOUT_VOTERS_H
#define ORCHESTRATOR_ROLLOUT_VOTERS_H

#include "orchestrator/rollout/health/site_time.h"
#include "orchestrator/rollout/looks.h"

/* How a server fares in this rollout. */
struct voter_mark {
	bool touched;      /* its daemon was changed */
	bool fresh;        /* it had no agent before */
	bool lost;         /* nobody knows what became of the change */
	bool asked;        /* since it was touched last, at asked_ms */
	bool wanted;       /* it is to be asked in the next round */
	uint64_t asked_ms; /* by the loop's clock */
};

/* voters_init() begins it, voters_done() ends it. */
struct voters {
	const struct host_owner *owner;
	struct site_voter *list; /* all servers of the site */
	struct voter_mark *marks;
	size_t count;
	struct looks looks;
};

/* The caller sets looks.ctx and looks.done, which is called when a round is over. */
void voters_init(struct voters *voters, const struct host_owner *owner);

/*
 * Want to know how those servers are doing that may have a vote on @host: the others of its tier,
 * and those that it takes time from.  Who was asked a short time ago is not asked again, unless it
 * was on its way then.
 *
 * @siblings: false: not the others of its tier, because the guard asks them
 */
void voters_want(struct voters *voters, const struct host *host, bool siblings);

/* Ask all that are wanted, if any; voters_take() takes the answers.  Returns whether any are. */
bool voters_ask(struct voters *voters);

/* Take what a round of questions told. */
void voters_take(struct voters *voters, const struct looks *looks);

/* A change of @host is over. */
void voters_touched(struct voters *voters, const struct rollout_host *host);

/* Whether @host got its agent in this rollout. */
bool voters_is_fresh(const struct voters *voters, const struct host *host);

void voters_done(struct voters *voters);

#endif
