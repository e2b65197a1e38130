/* Shows how a rollout came out: as text for people, as JSON for scripts. */
#ifndef ORCHESTRATOR_SHOW_OUTCOME_H
#define ORCHESTRATOR_SHOW_OUTCOME_H

#include "orchestrator/rollout/rollout.h"

/* The colour of an outcome on a terminal; "": no colour of its own. */
const char *outcome_colour(enum host_outcome outcome);

/* Print each host's outcome and its time; the last line says how the whole rollout came out. */
void rollout_show_outcome(const struct rollout *rollout, bool quiet, bool colour);

/* A plan or an outcome as JSON; member names are stable. */
struct json_t;
struct json_t *rollout_json(const struct rollout *rollout, const char *site);

/* The same with "result": what stands before the colon in the last line of
 * rollout_show_outcome(). */
struct json_t *rollout_outcome_json(const struct rollout *rollout, const char *site);

#endif
