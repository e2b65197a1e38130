/* The transport that is libssh2 on the loop. */
#ifndef ORCHESTRATOR_SSH_LIBSSH2_SSH_H
#define ORCHESTRATOR_SSH_LIBSSH2_SSH_H

#include "orchestrator/ssh/transport.h"

#include <uv.h>

/*
 * @options: copied, but for its text, which outlives the transport
 * Returns 0 with @transport set, or -1 with @err set: a file of known hosts cannot be read.
 */
int ssh_transport_new(uv_loop_t *loop, const struct ssh_options *options,
    struct transport **transport, struct error *err) MUST_CHECK;

/* Its links are closed, and the loop has run since. */
void ssh_transport_free(struct transport *transport);

/*
 * Whether a link of this transport has failed for want of something that libssh2 cannot do, and
 * another transport may.  From failed() until close().
 */
bool ssh_link_lacks(const struct link *link, char *what, size_t size);

#endif
