/* A rollout as people and as scripts read it. */
#ifndef ORCHESTRATOR_COMMANDS_ROLLOUT_SHOW_H
#define ORCHESTRATOR_COMMANDS_ROLLOUT_SHOW_H

#include "orchestrator/rollout/rollout.h"

/* Each host's diff, action and reasons, the order, and one line that sums up; to stdout. */
void rollout_show_plan(const struct rollout *rollout, bool colour);

/* Each host's outcome and how its time is, and how the whole came out, last. */
void rollout_show_outcome(const struct rollout *rollout, bool colour);

/* Either of them as JSON; member names are stable. */
struct json_t;
struct json_t *rollout_json(const struct rollout *rollout, const char *site);

/* With how it came out: "result" is the first word of the last line. */
struct json_t *rollout_outcome_json(const struct rollout *rollout, const char *site);

#endif
