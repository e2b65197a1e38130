/* Finds the word that was probably meant, for every "did you mean" of both programs. */
#ifndef COMMON_NEAREST_H
#define COMMON_NEAREST_H

#include "common/base.h"

/* Begin with { .word = W }, offer each candidate, then read @best. */
struct nearest {
	const char *word;  /* as it was written */
	const char *best;  /* the nearest candidate so far; NULL: none is near enough to be meant */
	unsigned distance; /* letters changed, added, left out or swapped between the two */
};

/* A longer word has no nearest candidate. */
#define NEAREST_WORD_MAX 63

/* Keep @candidate, borrowed, if it is nearer than all before it; case does not count. */
void nearest_offer(struct nearest *nearest, const char *candidate);

#endif
