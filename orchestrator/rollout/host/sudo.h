/*
 * The password of a run's sudo: asked for once, when the first host wants one, and then given to
 * hosts: to one alone until one has accepted it, so that a wrong one locks nobody out everywhere,
 * and to none any more once hosts have refused it.
 */
#ifndef ORCHESTRATOR_ROLLOUT_HOST_SUDO_H
#define ORCHESTRATOR_ROLLOUT_HOST_SUDO_H

#include "common/error.h"

struct sudo;

/* Get it, and call sudo_answer() then: at once or from the loop.  @host: which wants it first. */
typedef void (*sudo_ask)(void *ctx, struct sudo *sudo, const char *host);

struct sudo *sudo_new(sudo_ask ask, void *ctx);

/* Nobody waits. */
void sudo_free(struct sudo *sudo);

/* @password: copied; NULL: there is none, because of @why. */
void sudo_answer(struct sudo *sudo, const char *password, const struct error *why);

/* One host's; zero-initialised, but for its function. */
struct sudo_turn {
	void *ctx;
	/* Its turn has come, or, with @err, never will. */
	void (*come)(void *ctx, const struct error *err);
	bool waiting;
	struct sudo_turn *next;
};

/* Wait for the turn of @host; it may come at once. */
void sudo_wait(struct sudo *sudo, struct sudo_turn *turn, const char *host);

/* The password, with a newline, to be given to the host whose turn has come. */
const char *sudo_line(const struct sudo *sudo, size_t *len);

/* How that went. */
void sudo_accepted(struct sudo *sudo, const struct sudo_turn *turn);
void sudo_refused(struct sudo *sudo, const struct sudo_turn *turn, const char *host);

/* It has not come to that, or not yet.  Does no harm at any time. */
void sudo_leave(struct sudo *sudo, struct sudo_turn *turn);

#endif
