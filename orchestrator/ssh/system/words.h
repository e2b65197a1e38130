/* Reads what `ssh -v` prints while it logs in: how far it is, and what went wrong.  No I/O. */
#ifndef ORCHESTRATOR_SSH_SYSTEM_WORDS_H
#define ORCHESTRATOR_SSH_SYSTEM_WORDS_H

#include "common/buf.h"
#include "orchestrator/ssh/refusal.h"
#include "orchestrator/ssh/transport.h"

#define SYSTEM_LINE_BYTES 512

/* Begin with system_words_init(); system_words_done() frees it. */
struct system_words {
	char line[SYSTEM_LINE_BYTES]; /* the present line, as far as it has come */
	size_t line_len;
	enum link_step step;
	char key[160];          /* of the server: type and fingerprint; "" : not shown yet */
	bool logged_in;         /* to the last host that was logged in to: a jump host */
	char greeting[160];     /* what the host said before its version; "" : nothing */
	bool turned_away;       /* the error: the host was too busy, and may let in later */
	char offending[256];    /* the file and line that has another key of the host */
	struct refusal refusal; /* what the host that is logged in to says meanwhile */
	struct buf complaints;  /* all lines that ssh would print without -v, too */
};

void system_words_init(struct system_words *words);
void system_words_done(struct system_words *words);

/* Read @bytes; returns whether the login got further: the deadline of a step begins again. */
bool system_words_feed(struct system_words *words, const char *bytes, size_t len);

/* Set @err: why ssh ended without a login; returns the step that failed. */
enum link_step system_words_error(
    struct system_words *words, const struct link_target *target, struct error *err);

/* Set @err: the connection was lost after the login, and why, if ssh said that. */
void system_words_lost(struct system_words *words, struct error *err);

#endif
