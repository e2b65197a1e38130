/* What the parts of a judgement share: who judges, and of what. */
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

/* To @kind, where that is worse; a step and what is unknown weigh the same, the first one stays. */
void judge_raise(struct verdict *verdict, enum verdict_kind kind);

/* All that the daemon may act on first: the worst counts, and is explained. */
void judge_offsets(struct judge *judge);

/* Sets the clock at its start, before any source was heard. */
void judge_presets(struct judge *judge);

#endif
