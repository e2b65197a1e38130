/* What sudo and doas say when they do not run a command, in the C locale.  No I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_HOST_SUDO_WORDS_H
#define ORCHESTRATOR_ROLLOUT_HOST_SUDO_WORDS_H

#include "common/base.h"

enum sudo_verdict {
	SUDO_UNCLEAR,  /* nothing that is known */
	SUDO_ASKS,     /* it wants a password */
	SUDO_WRONG,    /* the password was wrong */
	SUDO_REFUSES,  /* no password would help */
	SUDO_NOT_HERE, /* there is no such program on the host */
};

/*
 * Read what sudo or doas said.
 *
 * @remedy: set to what the operator can do, static; NULL: nothing is known
 */
enum sudo_verdict sudo_words_read(int exit_status, const char *said, const char **remedy);

/* A prompt of ours in a text. */
struct sudo_prompt {
	const char *at, *end; /* the bytes of the prompt */
	char whose[64];       /* whose password it asks for; "" : not told */
};

/* Find the first whole prompt in @said; false: there is none. */
bool sudo_prompt_find(const char *said, struct sudo_prompt *prompt);

/* Copy @said to @out as one line, without our prompts, the middle left out where it is too long. */
void sudo_words_line(const char *said, char *out, size_t size);

/* The question that @said ends with, a line that is not over; NULL: it ends with none. */
const char *sudo_question(const char *said);

#endif
