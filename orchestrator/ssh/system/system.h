/*
 * The transport that uses the system's `ssh`.  It can do all that ssh can (ProxyJump, certificates,
 * every cipher and type of key), and costs some processes for each host.
 */
#ifndef ORCHESTRATOR_SSH_SYSTEM_SYSTEM_H
#define ORCHESTRATOR_SSH_SYSTEM_SYSTEM_H

#include "orchestrator/ssh/transport.h"

#include <uv.h>

/*
 * @options: copied; its texts are borrowed until the transport is freed.  If known_hosts is NULL,
 *           ssh_config says which files are read for known hosts.
 * Returns 0 with @transport set, or -1 with @err set.
 */
int system_transport_new(uv_loop_t *loop, const struct ssh_options *options,
    struct transport **transport, struct error *err) MUST_CHECK;

/* Call it when all its links are closed and the loop has run since. */
void system_transport_free(struct transport *transport);

/*
 * Whether the host, or its jump host, was too busy for @link, and may let in later.  May be called
 * from failed() until close().  From then on fewer links log in at once.
 */
bool system_link_turned_away(const struct link *link);

#endif
