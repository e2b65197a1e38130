/* Whether what a phase of a rotation wants is in effect on the hosts.  Pure. */
#ifndef ORCHESTRATOR_RUNS_KEYS_CHECK_H
#define ORCHESTRATOR_RUNS_KEYS_CHECK_H

#include "orchestrator/rollout/health/key_ask.h"
#include "orchestrator/rollout/rollout.h"

#define ROTATE_WORDS_BYTES 320

enum rotate_answer {
	ROTATE_IN_EFFECT,
	ROTATE_NOT_YET, /* look again; the words say for what */
	ROTATE_FAILED,  /* a host could not be asked */
};

/* What was asked of the hosts just now. */
struct rotate_view {
	const struct topology *topology;
	const struct rollout_host *hosts;     /* planned */
	const struct report *const *reports;  /* of each one's agent; NULL: it tells nothing */
	const struct key_question *questions; /* to those that serve */
	size_t count, question_count;
};

/*
 * Judge them: each has the files that it should have and no change under way; its daemon hears
 * everybody with whom it shares a key, authenticated; and servers answer with the keys that they
 * should know, and with no others.
 *
 * @words: ROTATE_WORDS_BYTES; which host, and what is wrong; "" when all is in effect
 */
enum rotate_answer rotate_check(const struct rotate_view *view, char *words);

/* The first host on which a change is under way, or is being put back; NULL: none. */
const struct rollout_host *rotate_find_busy(const struct rollout_host *hosts, size_t count);

#endif
