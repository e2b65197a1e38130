/* The keys to log in with.  A run reads each key file once, and asks the ssh-agent once. */
#ifndef ORCHESTRATOR_SSH_LOGIN_KEYS_H
#define ORCHESTRATOR_SSH_LOGIN_KEYS_H

#include "common/buf.h"
#include "common/error.h"
#include "orchestrator/ssh/policy.h"

struct login_keys;
struct ssh_key;

/* A server refuses further keys after so many (MaxAuthTries of sshd). */
#define KEY_TRIES_MAX 6

struct login_keys *login_keys_new(void);
void login_keys_free(struct login_keys *ring);

/*
 * The keys to try, in the order in which ssh tries them: only @identity when it is not NULL; else
 * the agent's and those of the files that @policy names, or of ~/.ssh/id_ed25519 and
 * ~/.ssh/id_ecdsa.
 *
 * @keys:  KEY_TRIES_MAX pointers; @ring owns the keys
 * @notes: for each key that was left out, the reason is added
 * Returns the number of keys.
 */
size_t login_keys_list(struct login_keys *ring, const char *identity,
    const struct ssh_policy *policy, const struct ssh_key **keys, struct buf *notes);

/*
 * Whether ssh could try files that login_keys_list() does not list: keys of other types, and
 * certificates.
 */
bool login_keys_more(const char *identity, const struct ssh_policy *policy);

/* Sign @data with @key, as key_sign(); the agent signs (one request) when it has the key. */
int login_keys_sign(struct login_keys *ring, const struct ssh_key *key, const void *data,
    size_t len, struct buf *signature, struct error *err) MUST_CHECK;

#endif
