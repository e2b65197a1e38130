/* The part of the witness that puts steps into the ledger and finds out what caused them. */
#ifndef AGENT_WITNESS_STEPS_H
#define AGENT_WITNESS_STEPS_H

#include "agent/witness/witness.h"

/*
 * Write a step into the ledger; its cause is looked for from now on.
 *
 * @away: the agent did not run when it happened
 */
void witness_note_step(struct witness *witness, const struct step_seen *seen, bool away);

/* Look for causes after a look at the daemon; returns whether one was settled. */
bool witness_judge_steps(struct witness *witness, const struct sample *sample);

/* Put into the ledger what the first-set unit did before the agent watched. */
void witness_note_first_set(struct witness *witness);

#endif
