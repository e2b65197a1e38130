/*
 * `timetier-agent answer`: tells one caller at a TCP port what proves that this server means to be
 * in the public pool: a word, or a redirect.  systemd takes the call and hands it over as stdin;
 * what the caller says is dropped.
 */
#ifndef AGENT_ANSWER_H
#define AGENT_ANSWER_H

#include "common/error.h"

#define ANSWER_CONFIG "/etc/timetier/verify.conf"
#define ANSWER_TEXT_BYTES 256

/* What is answered, and until when. */
struct answer {
	bool redirect;                /* to @text by HTTP; else @text itself is told */
	char text[ANSWER_TEXT_BYTES]; /* printable, of one line */
	int64_t until_s;              /* since 1970, from which on nothing is told */
};

/*
 * Read what timetier writes to ANSWER_CONFIG.
 *
 * Returns 0, or -1 with @err set and @answer untouched.
 */
int answer_parse(const char *text, size_t len, struct answer *answer, struct error *err) MUST_CHECK;

/*
 * Answer the caller at @fd, a connected socket, within some seconds; the caller closes it.
 *
 * @now_s: since 1970
 */
void answer_call(int fd, const struct answer *answer, int64_t now_s);

/*
 * Answer the call on stdin as the file @config says.
 *
 * Returns 0, or 2 when it cannot be read: stderr says why.
 */
int answer_run(const char *config);

#endif
