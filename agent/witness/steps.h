/* The witness's part that is about steps: into the ledger, and what caused them. */
#ifndef AGENT_WITNESS_STEPS_H
#define AGENT_WITNESS_STEPS_H

#include "agent/witness/witness.h"

/*
 * Write a step into the ledger; its cause is looked for from now on.
 *
 * @away: the agent did not run when it happened
 */
void witness_note_step(struct witness *witness, const struct step_seen *seen, bool away);

/* After a look at the daemon that began after the steps.  Whether a cause was settled. */
bool witness_judge_steps(struct witness *witness, const struct sample *sample);

/* What the first-set unit did before anybody watched belongs into the ledger, too. */
void witness_note_first_set(struct witness *witness);

#endif
