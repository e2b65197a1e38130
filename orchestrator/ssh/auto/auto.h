/* The transport that takes, for each link, what reaches the host: libssh2 or the system's `ssh`. */
#ifndef ORCHESTRATOR_SSH_AUTO_AUTO_H
#define ORCHESTRATOR_SSH_AUTO_AUTO_H

#include "orchestrator/ssh/transport.h"

#include <uv.h>

/*
 * @options: copied; its texts are borrowed until the transport is freed
 * Returns 0 with @transport set, or -1 with @err set.
 */
int auto_transport_new(uv_loop_t *loop, const struct ssh_options *options,
    struct transport **transport, struct error *err) MUST_CHECK;

/* Call it when all its links are closed and the loop has run since. */
void auto_transport_free(struct transport *transport);

#endif
