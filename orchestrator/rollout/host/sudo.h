/*
 * The sudo password of a run.  The operator is asked for it once, when the first host wants it.
 * Until a host has accepted it, it is given to one host at a time, so that a wrong password does
 * not lock the user out on all hosts; after some refusals and no acceptance no other host gets it.
 * A host that has refused it may have another one: it does not get it again, and the others do.
 */
#ifndef ORCHESTRATOR_ROLLOUT_HOST_SUDO_H
#define ORCHESTRATOR_ROLLOUT_HOST_SUDO_H

#include "common/error.h"

struct sudo;

/* Get the password, then call sudo_answer(), at once or from the loop.  @host wants it first. */
typedef void (*sudo_ask)(void *ctx, struct sudo *sudo, const char *host);

struct sudo *sudo_new(sudo_ask ask, void *ctx);

/* No host may be waiting. */
void sudo_free(struct sudo *sudo);

/* @password: copied; NULL: there is none, and @why says why. */
void sudo_answer(struct sudo *sudo, const char *password, const struct error *why);

/* The turn of one host to get the password.  Zero-initialise it, then set ctx and come. */
struct sudo_turn {
	void *ctx;
	/* Called when the turn has come; or, with @err, when it will never come. */
	void (*come)(void *ctx, const struct error *err);
	bool waiting;
	struct sudo_turn *next;
};

/* Wait for the turn of @host; come() may be called before this returns. */
void sudo_wait(struct sudo *sudo, struct sudo_turn *turn, const char *host);

/* The password, with a newline, to be given to the host whose turn has come. */
const char *sudo_line(const struct sudo *sudo, size_t *len);

/*
 * The host of @turn has accepted the password, or has refused it.  @host is borrowed until
 * sudo_free().
 */
void sudo_accepted(struct sudo *sudo, const struct sudo_turn *turn);
void sudo_refused(struct sudo *sudo, const struct sudo_turn *turn, const char *host);

/* Give up @turn: the password was neither accepted nor refused.  May be called at any time. */
void sudo_leave(struct sudo *sudo, struct sudo_turn *turn);

#endif
