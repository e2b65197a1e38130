/* Which tokens are revoked: for each host, how many it had before the one that is in force.  The
 * file "revoked" of the state folder says so as JSON, {"time3": 1}; no file: none is revoked. */
#ifndef ORCHESTRATOR_IDENTITY_REVOCATIONS_H
#define ORCHESTRATOR_IDENTITY_REVOCATIONS_H

#include "common/error.h"

#include <jansson.h>
#include <sys/stat.h>

struct revocations {
	json_t *counts;   /* NULL: nothing was read yet */
	struct stat seen; /* of the file that was read; zeroed: there was none */
};

/*
 * Read the file of @folder again when it is another than the one that was read.
 *
 * @revocations: zeroed at first; unchanged on failure
 * Returns 1 when it was read, 0 when nothing changed, or -1 with @err set.
 */
int revocations_read(
    const char *folder, struct revocations *revocations, struct error *err) MUST_CHECK;

/* Revoke the token that @host has, and write the file; the caller has the folder's lock. */
int revocations_add(const char *folder, struct revocations *revocations, const char *host,
    struct error *err) MUST_CHECK;

/* How many tokens of @host are revoked. */
unsigned revocations_of(const struct revocations *revocations, const char *host);

void revocations_done(struct revocations *revocations);

#endif
