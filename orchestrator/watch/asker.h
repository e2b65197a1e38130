/*
 * Asks for the fleet on a loop, one question after the other: a collector over HTTP, or a command
 * that prints the same.  Nothing here blocks but the look-up of an address that is a name.
 */
#ifndef ORCHESTRATOR_WATCH_ASKER_H
#define ORCHESTRATOR_WATCH_ASKER_H

#include "common/buf.h"
#include "common/error.h"

#include <uv.h>

struct question;

/*
 * Called once for each question.
 *
 * @body: what was answered; NULL: nothing, and @err says why
 */
typedef void asked_fn(void *context, const struct buf *body, const struct error *err);

/*
 * GET @url + @path, within FETCH_TIMEOUT_S.
 *
 * Returns the question, which is gone when @fn is called or by question_drop(); or NULL with @err
 * set, and @fn is not called.
 */
struct question *question_ask(uv_loop_t *loop, const char *url, const char *path, asked_fn *fn,
    void *context, struct error *err) MUST_CHECK;

/* Forget it; @question may be NULL.  The loop must run once more to close its handles. */
void question_drop(struct question *question);

#endif
