/* Takes what a host tells of its machine: records of facts.sh.  No I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_FACTS_MACHINE_H
#define ORCHESTRATOR_ROLLOUT_FACTS_MACHINE_H

#include "orchestrator/rollout/facts/facts.h"

/* Add the questions that ask for these. */
void machine_questions(struct buf *questions);

/* For the rows of facts.c: @words is what follows the name of the record. */
void machine_take_virt(struct facts *facts, const struct record *record, const char *words);
void machine_take_clocksource(struct facts *facts, const struct record *record, const char *words);
void machine_take_ptp(struct facts *facts, const struct record *record, const char *words);
void machine_take_adjtime(struct facts *facts, const struct record *record, const char *words);
void machine_take_age(struct facts *facts, const struct record *record, const char *words);
void machine_take_ages(struct facts *facts, const struct record *record, const char *words);
void machine_take_leap(struct facts *facts, const struct record *record, const char *words);

#endif
