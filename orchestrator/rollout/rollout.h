/*
 * Puts on hosts the files that they should have.  Asks each host for its facts and plans its
 * change, then changes hosts in order, many at once, each wholly or not at all.  The caller says
 * what a host should have.
 */
#ifndef ORCHESTRATOR_ROLLOUT_ROLLOUT_H
#define ORCHESTRATOR_ROLLOUT_ROLLOUT_H

#include "orchestrator/rollout/host/request.h"

struct rollout;

/* @request is copied; what it points to must stay until rollout_free(). */
struct rollout *rollout_new(const struct rollout_request *request);
void rollout_free(struct rollout *rollout);

/* Ask all hosts for their facts, and plan; runs the loop until that is done. */
void rollout_plan(struct rollout *rollout);

/*
 * Carry out what rollout_plan() found, wave by wave; runs the loop until that is done.  A failure
 * that left its host as it was does not stop it; more than the site's max_failures other failures
 * do.  When restarts were asked for, the first failure of a restart stops it.
 */
void rollout_apply(struct rollout *rollout);

/*
 * Ask all hosts again for their state, and keep what their agents report in `after` of each; runs
 * the loop until that is done.
 */
void rollout_look(struct rollout *rollout);

/* Do not change host @index; @note says why, and must stay until rollout_free(). */
void rollout_withhold(struct rollout *rollout, size_t index, const char *note);

/* The report of @host that rollout_look() got, valid until the next rollout_look(); NULL: none. */
const struct report *rollout_report(const struct rollout *rollout, const struct host *host);

/*
 * After rollout_plan(): hosts that could not be reached are no failure; where none was reached,
 * they are.  Returns how many are left out.
 */
size_t rollout_leave_out_unreachable(struct rollout *rollout);

/* Change no host that is to be restarted, because one of them was refused. */
void rollout_withhold_restarts(struct rollout *rollout);

/* Begin no further host; hosts at work are finished.  Call it from the loop. */
void rollout_stop(struct rollout *rollout);

const struct rollout_host *rollout_hosts(const struct rollout *rollout, size_t *count);
/* How many hosts have ended with @outcome. */
size_t rollout_count(const struct rollout *rollout, enum host_outcome outcome);
unsigned rollout_waves(const struct rollout *rollout);

#endif
