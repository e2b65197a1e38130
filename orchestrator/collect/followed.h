/* Whom a host's daemon follows, as its report says and as site.yaml names it.  No I/O. */
#ifndef ORCHESTRATOR_COLLECT_FOLLOWED_H
#define ORCHESTRATOR_COLLECT_FOLLOWED_H

#include "orchestrator/collect/names.h"
#include "orchestrator/collect/store.h"
#include "verdict/report.h"

/*
 * Fill @followed but for its time.
 *
 * Returns a hash of it, never 0; or 0, with @followed untouched, when @report does not tell whom
 * the daemon follows: it gave no answer, or the agent measured in its stead.
 */
uint64_t followed_of(
    const struct report *report, const struct names *names, struct followed *followed);

#endif
