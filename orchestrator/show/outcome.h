/* A rollout as people and as scripts read it. */
#ifndef ORCHESTRATOR_SHOW_OUTCOME_H
#define ORCHESTRATOR_SHOW_OUTCOME_H

#include "orchestrator/rollout/rollout.h"

/* What an outcome is shown in on a terminal; "": as all else. */
const char *outcome_colour(enum host_outcome outcome);

/* Each host's outcome and how its time is, and how the whole came out, last. */
void rollout_show_outcome(const struct rollout *rollout, bool colour);

/* A plan or an outcome as JSON; member names are stable. */
struct json_t;
struct json_t *rollout_json(const struct rollout *rollout, const char *site);

/* With how it came out: "result" is the first word of the last line. */
struct json_t *rollout_outcome_json(const struct rollout *rollout, const char *site);

#endif
