/* Asks `ssh -G`, on the loop, what ssh_config says about a host. */
#ifndef ORCHESTRATOR_SSH_AUTO_ASK_H
#define ORCHESTRATOR_SSH_AUTO_ASK_H

#include "orchestrator/ssh/auto/config.h"
#include "orchestrator/ssh/transport.h"

#include <uv.h>

/* Questions of one loop, of which only some are asked at the same time. */
struct auto_asks {
	uv_loop_t *loop;
	const char *known_hosts; /* as for ssh_config_read() */
	unsigned running;
	struct auto_ask *first, **last; /* those that wait for their turn */
};

struct auto_ask;

/* @config: given over; NULL: there is no answer, and @err says why. */
typedef void (*auto_asked)(void *ctx, struct ssh_config *config, const struct error *err);

void auto_asks_init(struct auto_asks *asks, uv_loop_t *loop, const char *known_hosts);

/* Ask about @target; its texts are borrowed until the end.  @asked is called once, from the loop.
 */
struct auto_ask *auto_ask_start(
    struct auto_asks *asks, const struct link_target *target, auto_asked asked, void *ctx);

/* Give @ask up (NULL: nothing); its @asked is not called any more. */
void auto_ask_cancel(struct auto_ask *ask);

#endif
