/* Which keys to log in by, each read and decoded once in a run, and an ssh-agent asked once. */
#ifndef ORCHESTRATOR_SSH_LOGIN_KEYS_H
#define ORCHESTRATOR_SSH_LOGIN_KEYS_H

#include "common/buf.h"
#include "common/error.h"

struct login_keys;
struct ssh_key;

/* A server gives up after so many (MaxAuthTries of sshd). */
#define KEY_TRIES_MAX 6

struct login_keys *login_keys_new(void);
void login_keys_free(struct login_keys *ring);

/*
 * The keys to try, in this order: @identity alone when it is given, else what the agent holds,
 * then ~/.ssh/id_ed25519 and ~/.ssh/id_ecdsa.
 *
 * @keys:  KEY_TRIES_MAX pointers, owned by the ring
 * @notes: what was left out, and why, is added to it
 * Returns how many there are.
 */
size_t login_keys_list(
    struct login_keys *ring, const char *identity, const struct ssh_key **keys, struct buf *notes);

/*
 * Whether there are files that ssh would also log in by and that are not in the list: other types,
 * and certificates.
 */
bool login_keys_more(const char *identity);

/* Sign @data by @key, here or in the agent (one local request); see key_sign(). */
int login_keys_sign(struct login_keys *ring, const struct ssh_key *key, const void *data,
    size_t len, struct buf *signature, struct error *err) MUST_CHECK;

#endif
