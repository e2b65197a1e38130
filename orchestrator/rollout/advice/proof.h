/* Rules about what a server proves itself by: its certificate and its key.  No I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_ADVICE_PROOF_H
#define ORCHESTRATOR_ROLLOUT_ADVICE_PROOF_H

#include "orchestrator/rollout/advice/advice.h"

/* A certificate that holds no more, or not yet, or for another name; a key nobody can read. */
void advise_proof(struct advising *advising);

#endif
