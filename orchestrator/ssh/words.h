/* Words for the operator when SSH fails: what is wrong, and what to do. */
#ifndef ORCHESTRATOR_SSH_WORDS_H
#define ORCHESTRATOR_SSH_WORDS_H

#include "common/error.h"
#include "orchestrator/ssh/kexinit.h"

/*
 * Whether a handshake failed because the two sides share no name of some list.  Then @err says
 * which list, and @lack, of @size bytes, says the same in short.
 *
 * @heard:   the server's first bytes
 * @ours:    KEX_LISTS comma lists of libssh2, in the order of enum kex_list
 * @version: of libssh2
 */
bool words_algorithms(const struct buf *heard, const struct buf *ours, const char *version,
    char *lack, size_t size, struct error *err);

#endif
