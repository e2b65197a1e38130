/* What happens to one host, in words.  No I/O: the words go to a buffer. */
#ifndef ORCHESTRATOR_SHOW_PLAN_TEXT_H
#define ORCHESTRATOR_SHOW_PLAN_TEXT_H

#include "common/buf.h"
#include "orchestrator/rollout/rollout.h"

/* The name of the host's tier or client group. */
const char *plan_text_role(const struct host *host);

/*
 * Add what follows "NAME (ROLE": its daemon, the action and why, the verdict, what was changed by
 * hand, notes, and the difference of each file.
 */
void plan_text_host(struct buf *out, const struct rollout_host *host, bool colour);

#endif
