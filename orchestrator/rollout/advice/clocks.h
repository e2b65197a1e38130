/* Rules about what a server's hardware clocks are read by.  No I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_ADVICE_CLOCKS_H
#define ORCHESTRATOR_ROLLOUT_ADVICE_CLOCKS_H

#include "orchestrator/rollout/advice/advice.h"

/* Devices that are not there, memory that nobody writes, or that anybody may write. */
void advise_clocks(struct advising *advising);

#endif
