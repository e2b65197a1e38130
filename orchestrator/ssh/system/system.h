/*
 * The transport that is the system's `ssh`: all that its configuration and its version can do
 * (ProxyJump, certificates, every cipher and type of key), for some processes a host.
 */
#ifndef ORCHESTRATOR_SSH_SYSTEM_SYSTEM_H
#define ORCHESTRATOR_SSH_SYSTEM_SYSTEM_H

#include "orchestrator/ssh/transport.h"

#include <uv.h>

/*
 * @options: copied, but for its text, which outlives the transport.  Where known_hosts is NULL,
 *           ssh's own configuration says which files know hosts.
 * Returns 0 with @transport set, or -1 with @err set.
 */
int system_transport_new(uv_loop_t *loop, const struct ssh_options *options,
    struct transport **transport, struct error *err) MUST_CHECK;

/* Its links are closed, and the loop has run since. */
void system_transport_free(struct transport *transport);

#endif
