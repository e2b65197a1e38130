/* Prints a verdict for people: what a restart would do, why, what the sources say, what to do. */
#ifndef AGENT_ONCE_VERDICT_H
#define AGENT_ONCE_VERDICT_H

#include "agent/look/sample.h"

void once_verdict_print(const struct sample *sample);

#endif
