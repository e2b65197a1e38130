/* Asks an ssh-agent of this machine for its keys and for signatures. */
#ifndef ORCHESTRATOR_SSH_AGENT_H
#define ORCHESTRATOR_SSH_AGENT_H

#include "common/buf.h"
#include "common/error.h"

struct ssh_key;

/* Connect to the socket at @path; returns a descriptor, or -1 with @err set. */
int agent_connect(const char *path, struct error *err) MUST_CHECK;

/*
 * Fill @keys, at most @max, with the agent's keys of usable types.
 *
 * @skipped: how many keys were left out: of other types, or more than @max
 * Returns 0 with @count set, or -1 with @err set.
 */
int agent_list(int fd, struct ssh_key *keys, size_t max, size_t *count, size_t *skipped,
    struct error *err) MUST_CHECK;

int agent_sign(int fd, const struct ssh_key *key, const void *data, size_t len,
    struct buf *signature, struct error *err) MUST_CHECK;

#endif
