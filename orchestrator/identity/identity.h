/*
 * What proves the collector to the agents and each agent to the collector: a P-256 key with a
 * self-signed certificate, pinned by the hash of its public key, and a secret from which every
 * host's token is derived.  All of them are in one folder of mode 0700 beside site.yaml, and are
 * made at first use.
 */
#ifndef ORCHESTRATOR_IDENTITY_IDENTITY_H
#define ORCHESTRATOR_IDENTITY_IDENTITY_H

#include "orchestrator/identity/pin.h"
#include "orchestrator/identity/revocations.h"

#define TOKEN_BYTES 65 /* 64 hex digits and a NUL */

struct identity {
	char *key_pem, *certificate_pem; /* NUL-ended */
	char pin[PIN_TEXT_BYTES]; /* "sha256//BASE64" of the SubjectPublicKeyInfo, as curl has it */
	uint8_t secret[32];
	struct revocations revoked;
};

/*
 * Read the identity of @folder; where the folder or its files are not there, make them.
 *
 * Returns 0, or -1 with @err set: a file is unreadable, readable by others, or missing while others
 * are there.
 */
int identity_open(const char *folder, struct identity *identity, struct error *err) MUST_CHECK;

/* What a folder has of an identity. */
enum identity_found {
	IDENTITY_NONE,  /* nothing: identity_open() makes one */
	IDENTITY_PART,  /* some of its files were lost: identity_open() refuses it */
	IDENTITY_WHOLE, /* all of its files are there */
};

/* See what @folder, which need not be there, has; changes nothing.  Returns 0, or -1 with @err set.
 */
int identity_find(const char *folder, enum identity_found *what, struct error *err) MUST_CHECK;

/* Give the files of an identity other names ("secret.old"), so that identity_open() makes one. */
int identity_set_aside(const char *folder, struct error *err) MUST_CHECK;

/* Whether no host is known to have been given the identity of @folder. */
bool identity_is_unused(const char *folder);

/* A host was given the identity of @folder, or is seen to have it. */
void identity_used(const char *folder);

/*
 * The token of @host that is in force.  A host's first token (number 0) is the hex of
 * HMAC-SHA256(secret, host); each that was revoked makes the number grow, which follows the host's
 * name, after a NUL.
 *
 * @token: TOKEN_BYTES bytes
 */
void identity_token(const struct identity *identity, const char *host, char *token);

/* Whether @token is the token @number of @host; takes the same time wherever the two differ. */
bool identity_token_is(
    const struct identity *identity, const char *host, unsigned number, const char *token);

/* The number of the token of @host that is in force. */
unsigned identity_token_number(const struct identity *identity, const char *host);

/*
 * Revoke the token of @host that is in force, on the disk, too.  Collectors of @folder refuse it
 * within a second; identity_token() is another one from then on.
 */
int identity_revoke(
    const char *folder, struct identity *identity, const char *host, struct error *err) MUST_CHECK;

/*
 * See what another process has revoked.  Changes nothing that identity_token_is() reads.
 *
 * Returns 1 when something was, 0 when nothing changed, or -1 with @err set.
 */
int identity_refresh(const char *folder, struct identity *identity, struct error *err) MUST_CHECK;

void identity_done(struct identity *identity);

#endif
