/* Reads what the agent's service saw, for `timetier-agent status`, and prints it. */
#ifndef AGENT_WITNESS_RECALL_H
#define AGENT_WITNESS_RECALL_H

#include "agent/look/sample.h"

/* Fill proof, ledger and end of @sample's report from the service's file in @folder. */
void recall(const char *folder, struct sample *sample);

/* Print proof and ledger for people; times are by the host's clock, in UTC. */
void recall_print(const struct report *report);

#endif
