/* The transport that uses libssh2, on the loop. */
#ifndef ORCHESTRATOR_SSH_LIBSSH2_SSH_H
#define ORCHESTRATOR_SSH_LIBSSH2_SSH_H

#include "orchestrator/ssh/transport.h"

#include <uv.h>

/*
 * @options: copied; its texts are borrowed until the transport is freed
 * Returns 0 with @transport set, or -1 with @err set: a file of known hosts cannot be read.
 */
int ssh_transport_new(uv_loop_t *loop, const struct ssh_options *options,
    struct transport **transport, struct error *err) MUST_CHECK;

/* Call it when all its links are closed and the loop has run since. */
void ssh_transport_free(struct transport *transport);

/*
 * Whether @link failed because libssh2 lacks something, so that another transport may succeed.  May
 * be called from failed() until close().
 *
 * @what: set to what libssh2 lacks, or ""; @size bytes
 */
bool ssh_link_lacks(const struct link *link, char *what, size_t size);

/*
 * Whether @link failed in a way that no other transport can change: the host knew the key, and
 * refused its user.  May be called as ssh_link_lacks().
 */
bool ssh_link_settled(const struct link *link);

/* Whether the host was too busy for @link, and may let in later.  May be called as the others. */
bool ssh_link_turned_away(const struct link *link);

#endif
