/* Matches a host against the names of a line of known_hosts.  No I/O. */
#ifndef ORCHESTRATOR_SSH_KNOWN_MATCH_H
#define ORCHESTRATOR_SSH_KNOWN_MATCH_H

#include "common/base.h"

/* Whether @name, which is in lower case, matches the comma list @patterns, as "a,b*,!c". */
bool known_patterns_match(const char *patterns, const char *name);

/* Whether @hashed is "|1|SALT|HASH", both in base64, and HASH is HMAC-SHA1(SALT, @name). */
bool known_hash_matches(const char *hashed, const char *name);

#endif
