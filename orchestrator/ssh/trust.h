/* Whom to believe at a host: decides by its policy and the known hosts, as ssh would. */
#ifndef ORCHESTRATOR_SSH_TRUST_H
#define ORCHESTRATOR_SSH_TRUST_H

#include "orchestrator/ssh/kexinit.h"
#include "orchestrator/ssh/known_hosts.h"

#define TRUST_NAME_BYTES 256

struct trust_host {
	const struct ssh_policy *policy; /* borrowed */
	char name[TRUST_NAME_BYTES];     /* as ssh looks it up */
	unsigned port;                   /* the same; never 0 */
};

/*
 * Set @trust: the name by which ssh knows @host, by its policy; an address is spelt as ssh spells
 * it.
 *
 * @port: 0: the policy's, or 22
 */
void trust_init(
    struct trust_host *trust, const char *host, unsigned port, const struct ssh_policy *policy);

/* Whether @host is an address, and no name. */
bool trust_is_address(const char *host);

/*
 * Read the files of known hosts of @policy that were not read yet.
 *
 * @required: the first one must be there
 * Returns 0, or -1 with @err set.
 */
int trust_load(struct known_hosts *known, const struct ssh_policy *policy, bool required,
    struct error *err) MUST_CHECK;

/*
 * Read the file of revoked keys of @policy.
 *
 * Returns 0, or -1 with @err set: only ssh can read it, or nobody.
 */
int trust_load_revoked(
    struct known_hosts *known, const struct ssh_policy *policy, struct error *err) MUST_CHECK;

/* Add to @order the host key algorithms, in the order in which ssh asks for them. */
void trust_order(
    const struct known_hosts *known, const struct trust_host *trust, struct buf *order);

/*
 * Whether ssh would have been shown another key, or a certificate.  Then @lack, of @size bytes,
 * says so.
 *
 * @order: as trust_order() gave it
 * @heard: the server's first bytes
 * @key:   the key that it showed
 */
bool trust_differs(const struct trust_host *trust, const char *order, const struct buf *heard,
    const struct known_key *key, char *lack, size_t size);

/*
 * Check that @key is a known key of the host.  With @accept_new, the key of a host that is not
 * known is added to @known and to the first file of UserKnownHostsFile.
 *
 * Returns 0, or -1 with @err set, with the fingerprint and the remedy.
 */
int trust_check(struct known_hosts *known, const struct trust_host *trust,
    const struct known_key *key, bool accept_new, struct error *err) MUST_CHECK;

/*
 * Whether ssh may be told to accept a new key of the host: none is known, and there is a file that
 * it can write the key to.
 */
bool trust_may_add(const struct known_hosts *known, const struct trust_host *trust);

#endif
