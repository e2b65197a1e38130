/* Collects the reasons of a verdict, puts the most important first, names the lines to blame. */
#ifndef VERDICT_WORDS_H
#define VERDICT_WORDS_H

#include "verdict/restart.h"

#define WORDS_MAX 24
#define WORDS_BLAME_BYTES 180

/* Zero-initialise it. */
struct words {
	struct {
		enum verdict_kind argues; /* the kind for which this reason argues */
		char text[VERDICT_REASON_BYTES];
	} list[WORDS_MAX];
	size_t count;
};

void words_add(struct words *words, enum verdict_kind argues, const char *fmt, ...) PRINTF(3, 4);

/* Copy the reasons to @verdict: first those for its kind, then from the worst kind to the best. */
void words_finish(const struct words *words, struct verdict *verdict);

/*
 * Write the line or option to blame for @what, "/etc/ntp.conf:4: tos minsane 1: ", to @out of
 * WORDS_BLAME_BYTES bytes; "" if it is a default.  Returns @out.
 */
const char *words_blame(const struct restart_case *input, enum restart_blamed what, char *out);

const char *words_format(char *out, size_t size, const char *fmt, ...) PRINTF(3, 4);

#endif
