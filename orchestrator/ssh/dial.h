/* A TCP connection on the loop: the name resolved off it, its addresses tried in turn. */
#ifndef ORCHESTRATOR_SSH_DIAL_H
#define ORCHESTRATOR_SSH_DIAL_H

#include "orchestrator/ssh/transport.h"

#include <uv.h>

struct dial;

/*
 * @fd:   connected, non-blocking, the receiver's; -1: it failed at @step, as @err says
 * The dial is over by then and must not be cancelled.
 */
typedef void (*dial_done)(void *ctx, int fd, enum link_step step, const struct error *err);

/*
 * Connect to @port of @host, which is copied.  @timeout_ns is for the name, and then for each
 * address.  @done is called once, from the loop.
 */
struct dial *dial_start(uv_loop_t *loop, const char *host, unsigned port, int64_t timeout_ns,
    dial_done done, void *ctx);

/* Give it up; @done is not called any more. */
void dial_cancel(struct dial *dial);

#endif
