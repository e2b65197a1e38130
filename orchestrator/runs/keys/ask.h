/* Asks all hosts of a rotation what check.h judges. */
#ifndef ORCHESTRATOR_RUNS_KEYS_ASK_H
#define ORCHESTRATOR_RUNS_KEYS_ASK_H

#include "orchestrator/runs/job.h"
#include "orchestrator/runs/keys/check.h"

/*
 * Ask the hosts of @job, which is planned, how they are, and their servers which keys they know.
 *
 * @words: ROTATE_WORDS_BYTES; what is wrong, "" when all is in effect
 */
enum rotate_answer rotate_ask(struct job *job, char *words);

#endif
