/* What the parts of a judgement share: its data, and the functions that they call. */
#ifndef VERDICT_JUDGE_H
#define VERDICT_JUDGE_H

#include "verdict/first.h"
#include "verdict/words.h"

struct judge {
	const struct restart_case *input;
	const struct restart_policy *policy;
	struct first_offsets first;
	struct words words;
	struct verdict *verdict;
};

/* Raise the kind to @kind if that is worse.  STEP and UNKNOWN are equal: the first one stays. */
void judge_raise(struct verdict *verdict, enum verdict_kind kind);

/* Judge each offset that the daemon may act on first; the worst one counts and is explained. */
void judge_offsets(struct judge *judge);

/* Judge what the unit runs before the daemon, which sets the clock whatever the daemon does. */
void judge_presets_of_unit(struct judge *judge);

/* Judge that, and what else sets the clock at the start, before any source is heard. */
void judge_presets(struct judge *judge);

#endif
