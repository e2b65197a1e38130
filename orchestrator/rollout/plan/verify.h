/* The unit by which a server proves at a TCP port, for a while, that it means to be in the pool. */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_VERIFY_H
#define ORCHESTRATOR_ROLLOUT_PLAN_VERIFY_H

#include "orchestrator/rollout/plan/plan.h"

/*
 * Fill @gone with the files of that unit that timetier put on the host and that the site does not
 * want any more, because its time is over: they are to be absent.
 */
void plan_find_past(const struct plan_input *input, struct arena *arena, struct file_set *gone);

/* Plan to open the socket, or to close it; @plan has its changes of files. */
void plan_verify(const struct plan_input *input, struct arena *arena, struct host_plan *plan);

#endif
