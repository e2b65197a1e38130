/* How a line of known_hosts names hosts.  Pure. */
#ifndef ORCHESTRATOR_SSH_KNOWN_MATCH_H
#define ORCHESTRATOR_SSH_KNOWN_MATCH_H

#include "common/base.h"

/* Whether @name, in lower case, matches the comma list: "a,b*,!c". */
bool known_patterns_match(const char *patterns, const char *name);

/* Whether @hashed is "|1|" base64 of a salt "|" base64 of HMAC-SHA1(salt, @name). */
bool known_hash_matches(const char *hashed, const char *name);

#endif
