/* What `ssh -v` says while it logs in: how far it is, and what was wrong.  Pure. */
#ifndef ORCHESTRATOR_SSH_SYSTEM_WORDS_H
#define ORCHESTRATOR_SSH_SYSTEM_WORDS_H

#include "common/buf.h"
#include "orchestrator/ssh/transport.h"

#define SYSTEM_LINE_BYTES 512

/* Begin with system_words_init(); system_words_done() ends it. */
struct system_words {
	char line[SYSTEM_LINE_BYTES]; /* the present one, as far as it came */
	size_t line_len;
	enum link_step step;
	char key[160];         /* what the server showed: type and fingerprint; "" : nothing yet */
	char offending[256];   /* the file and line by which the host is known otherwise */
	struct buf tried;      /* the keys that were offered */
	struct buf complaints; /* all lines that are not of -v */
};

void system_words_init(struct system_words *words);
void system_words_done(struct system_words *words);

/* Take what came; returns whether it got further: a step's time begins anew. */
bool system_words_feed(struct system_words *words, const char *bytes, size_t len);

/* Why it ended without a login; returns the step. */
enum link_step system_words_error(
    struct system_words *words, const struct link_target *target, struct error *err);

/* Why the connection was lost later, "" when ssh said nothing of it. */
void system_words_lost(struct system_words *words, struct error *err);

#endif
