/* The reasons of a verdict: collected, the most important first, and who is to blame. */
#ifndef VERDICT_WORDS_H
#define VERDICT_WORDS_H

#include "verdict/restart.h"

#define WORDS_MAX 24
#define WORDS_BLAME_BYTES 180

/* Zero-initialise it. */
struct words {
	struct {
		enum verdict_kind argues; /* for which verdict */
		char text[VERDICT_REASON_BYTES];
	} list[WORDS_MAX];
	size_t count;
};

void words_add(struct words *words, enum verdict_kind argues, const char *fmt, ...) PRINTF(3, 4);

/* Into the verdict: what argues for its kind first, then the worse before the better. */
void words_finish(const struct words *words, struct verdict *verdict);

/* "/etc/ntp.conf:4: tos minsane 1: ", or "" when it is nobody's doing, in @out of
 * WORDS_BLAME_BYTES. */
const char *words_blame(const struct restart_case *input, enum restart_blamed what, char *out);

const char *words_format(char *out, size_t size, const char *fmt, ...) PRINTF(3, 4);

#endif
