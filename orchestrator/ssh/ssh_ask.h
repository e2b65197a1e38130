/* What ssh_config says of a host, asked of `ssh -G` on the loop. */
#ifndef ORCHESTRATOR_SSH_SSH_ASK_H
#define ORCHESTRATOR_SSH_SSH_ASK_H

#include <uv.h>

#include "orchestrator/ssh/ssh_config.h"

struct ssh_ask;

/* @config: all empty when ssh could not tell. */
typedef void (*ssh_asked)(void *ctx, const struct ssh_config *config);

/*
 * @target: borrowed until then
 * @asked is called once, from the loop.
 */
struct ssh_ask *ssh_ask_start(uv_loop_t *loop, const struct link_target *target,
    bool own_known_hosts, ssh_asked asked, void *ctx);

/* Give it up; @asked is not called any more. */
void ssh_ask_cancel(struct ssh_ask *ask);

#endif
