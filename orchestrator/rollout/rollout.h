/*
 * Put on hosts what they should have: facts and plan of each, then the change, in order, many at
 * once, each host wholly or not at all.  What a host should have is the caller's to know.
 */
#ifndef ORCHESTRATOR_ROLLOUT_ROLLOUT_H
#define ORCHESTRATOR_ROLLOUT_ROLLOUT_H

#include "orchestrator/rollout/host/request.h"

struct rollout;

/* @request is copied; what it points to is kept until rollout_free(). */
struct rollout *rollout_new(const struct rollout_request *request);
void rollout_free(struct rollout *rollout);

/* Ask all hosts and plan; runs the loop until that is done. */
void rollout_plan(struct rollout *rollout);

/*
 * Carry out what rollout_plan() found, wave by wave; runs the loop until that is done.  Failures
 * of hosts that are as they were do not stop it; more than the site's max_failures others do.
 */
void rollout_apply(struct rollout *rollout);

/*
 * Ask all hosts again how they are, and keep what their agents told in `after`; runs the loop
 * until that is done.
 */
void rollout_look(struct rollout *rollout);

/* Begin not with host @index; @note says why, and is kept. */
void rollout_withhold(struct rollout *rollout, size_t index, const char *note);

/* What the agent of @host told rollout_look(), until the next one; NULL: nothing. */
const struct report *rollout_report(const struct rollout *rollout, const struct host *host);

/* Begin with none that is to be restarted: one of those was refused. */
void rollout_withhold_restarts(struct rollout *rollout);

/* Begin with no further host; those at work are finished.  From the loop. */
void rollout_stop(struct rollout *rollout);

const struct rollout_host *rollout_hosts(const struct rollout *rollout, size_t *count);
/* How many hosts have come out as @outcome. */
size_t rollout_count(const struct rollout *rollout, enum host_outcome outcome);
unsigned rollout_waves(const struct rollout *rollout);

#endif
