/* What the agent's service saw, for `timetier-agent status`: put into a report, and printed. */
#ifndef AGENT_WITNESS_RECALL_H
#define AGENT_WITNESS_RECALL_H

#include "agent/look/sample.h"

/* Fill proof, ledger and end of @sample's report from the service's file in @folder. */
void recall(const char *folder, struct sample *sample);

/* For people; times are the host's own, in UTC. */
void recall_print(const struct report *report);

#endif
