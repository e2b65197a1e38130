/* How a rollout came out as a whole, in one line that tells success from all else.  No I/O. */
#ifndef ORCHESTRATOR_SHOW_RESULT_H
#define ORCHESTRATOR_SHOW_RESULT_H

#include "orchestrator/rollout/rollout.h"

enum rollout_result rollout_result(const struct rollout_host *hosts, size_t count);

/* "done", "rolled back"; of a rollback that failed, "not rolled back". */
const char *rollout_result_name(const struct rollout_host *hosts, size_t count);

/* The exit status of a program that carried out a rollout with this result. */
int rollout_result_status(enum rollout_result result);

#define ROLLOUT_RESULT_BYTES 1024

/*
 * "rolled back: time1 was put back as it was; 1 of 3 hosts changed, 1 not begun"; @words has
 * ROLLOUT_RESULT_BYTES.  Returns @words.
 */
const char *rollout_result_words(const struct rollout_host *hosts, size_t count, char *words);

#endif
