/* How long a server's certificate still holds, and what that means.  No I/O. */
#ifndef VERDICT_CERTIFICATE_H
#define VERDICT_CERTIFICATE_H

#include "common/base.h"

struct certificate;

#define CERTIFICATE_WORDS_BYTES 120

/* Days before its end. */
#define CERTIFICATE_SOON_DAYS 30 /* whoever renews it by machine has done so by then */
#define CERTIFICATE_LAST_DAYS 7

enum certificate_state {
	CERTIFICATE_HOLDS,
	CERTIFICATE_SOON, /* it ends within CERTIFICATE_SOON_DAYS */
	CERTIFICATE_LAST, /* within CERTIFICATE_LAST_DAYS */
	CERTIFICATE_ENDED,
	CERTIFICATE_EARLY, /* it does not hold yet */
};

/* Whole days from @now_ns, real time, to @ends_ns, rounded down: less than 0 when it has ended. */
int certificate_days(int64_t ends_ns, int64_t now_ns);

/* @words: what follows the name of its file, unless it holds: "ends in 12 days" */
enum certificate_state certificate_judge(
    const struct certificate *certificate, int64_t now_ns, char words[CERTIFICATE_WORDS_BYTES]);

/* The same of its end alone. */
enum certificate_state certificate_judge_end(
    int64_t ends_ns, int64_t now_ns, char words[CERTIFICATE_WORDS_BYTES]);

#endif
