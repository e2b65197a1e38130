/* Runs a program that gets a text on its standard input, on the loop, and within a time. */
#ifndef ORCHESTRATOR_ALERTS_SEND_H
#define ORCHESTRATOR_ALERTS_SEND_H

#include "common/buf.h"

#include <uv.h>

struct sending;

/* @words: why it was not done */
typedef void sent_fn(void *context, bool done, const char *words);

/*
 * Run @argv, NULL-ended, whose first word is looked for in PATH.
 *
 * @text: taken over
 * @sent: called once, from the loop, when all of it is over
 */
struct sending *send_by(
    uv_loop_t *loop, const char *const *argv, struct buf *text, sent_fn *sent, void *context);

/* End the program now; sent() is called as for one that failed. */
void send_end(struct sending *sending);

#endif
