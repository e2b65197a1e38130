/* Asks `ssh -G`, on the loop, what ssh_config says about a host. */
#ifndef ORCHESTRATOR_SSH_AUTO_ASK_H
#define ORCHESTRATOR_SSH_AUTO_ASK_H

#include "orchestrator/ssh/auto/config.h"

#include <uv.h>

struct auto_ask;

/* @config: empty when `ssh -G` failed. */
typedef void (*auto_asked)(void *ctx, const struct ssh_config *config);

/*
 * Ask about @target, which is borrowed until the end.  @asked is called once, from the loop.
 *
 * @own_known_hosts: as for ssh_config_read()
 */
struct auto_ask *auto_ask_start(uv_loop_t *loop, const struct link_target *target,
    bool own_known_hosts, auto_asked asked, void *ctx);

/* Give @ask up (NULL: nothing); its @asked is not called any more. */
void auto_ask_cancel(struct auto_ask *ask);

#endif
