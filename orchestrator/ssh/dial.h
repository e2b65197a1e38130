/* Makes a TCP connection on the loop: a thread resolves the name, then each address is tried. */
#ifndef ORCHESTRATOR_SSH_DIAL_H
#define ORCHESTRATOR_SSH_DIAL_H

#include "orchestrator/ssh/transport.h"

#include <uv.h>

struct dial;

#define DIAL_TIMEOUTS 4

/*
 * The end of a dial, which must not be cancelled any more.
 *
 * @fd: connected and non-blocking, owned by the receiver; -1: the dial failed at @step, see @err
 */
typedef void (*dial_done)(void *ctx, int fd, enum link_step step, const struct error *err);

/*
 * Connect to @port of @host, which is copied.  @done is called once, from the loop.
 *
 * @timeout_ns: for resolving the name, and again for each address; a name may have any number of
 *              them: after DIAL_TIMEOUTS times as much no further one is tried
 */
struct dial *dial_start(uv_loop_t *loop, const char *host, unsigned port, int64_t timeout_ns,
    dial_done done, void *ctx);

/* Give @dial up (NULL: nothing); its @done is not called any more. */
void dial_cancel(struct dial *dial);

#endif
