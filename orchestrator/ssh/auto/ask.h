/* What ssh_config says of a host, asked of `ssh -G` on the loop. */
#ifndef ORCHESTRATOR_SSH_AUTO_ASK_H
#define ORCHESTRATOR_SSH_AUTO_ASK_H

#include "orchestrator/ssh/auto/config.h"

#include <uv.h>

struct auto_ask;

/* @config: all empty when ssh could not tell. */
typedef void (*auto_asked)(void *ctx, const struct ssh_config *config);

/*
 * @target: borrowed until then
 * @asked is called once, from the loop.
 */
struct auto_ask *auto_ask_start(uv_loop_t *loop, const struct link_target *target,
    bool own_known_hosts, auto_asked asked, void *ctx);

/* Give it up; @asked is not called any more. */
void auto_ask_cancel(struct auto_ask *ask);

#endif
