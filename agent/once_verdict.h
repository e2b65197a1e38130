/* A verdict for people: what would happen, why, by which sources, and what to do about it. */
#ifndef AGENT_ONCE_VERDICT_H
#define AGENT_ONCE_VERDICT_H

#include "agent/look/sample.h"

void once_verdict_print(const struct sample *sample);

#endif
