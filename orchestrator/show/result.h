/* How a rollout came out as a whole, in one line that tells success from all else.
 * Pure. */
#ifndef ORCHESTRATOR_SHOW_RESULT_H
#define ORCHESTRATOR_SHOW_RESULT_H

#include "orchestrator/rollout/rollout.h"

/* Worst last: the name of the whole is that of its worst host. */
enum rollout_result {
	RESULT_DONE,
	RESULT_STOPPED, /* hosts were not begun, and nothing else is wrong */
	RESULT_FAILED,
	RESULT_REFUSED,
	RESULT_NOT_WELL,
	RESULT_ROLLED_BACK,
	RESULT_STUCK, /* and putting it back failed */
};

enum rollout_result rollout_result(const struct rollout_host *hosts, size_t count);

/* "done", "rolled back" and its like. */
const char *rollout_result_name(enum rollout_result result);

#define ROLLOUT_RESULT_BYTES 1024

/*
 * "rolled back: time1 was put back as it was; 1 of 3 hosts changed, 1 not begun"; @words has
 * ROLLOUT_RESULT_BYTES.  Returns @words.
 */
const char *rollout_result_words(const struct rollout_host *hosts, size_t count, char *words);

#endif
