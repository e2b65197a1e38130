#include "orchestrator/ssh/known_match.h"

#include "common/digest.h"

#include <ctype.h>
#include <string.h>

/*
 * Whether @name matches @pattern: '*' is any text, '?' is any character, case does not count.
 * Source: ssh's match_pattern().
 */
static bool
matches_glob(const char *pattern, size_t len, const char *name)
{
	size_t star = len, star_name = 0, p = 0, n = 0, name_len = strlen(name);

	while (n < name_len) {
		if (p < len && pattern[p] == '*') {
			star = p++;
			star_name = n;
		} else if (p < len &&
		    (pattern[p] == '?' || tolower((unsigned char)pattern[p]) == name[n])) {
			p++;
			n++;
		} else if (star < len) {
			p = star + 1;
			n = ++star_name;
		} else {
			return false;
		}
	}
	while (p < len && pattern[p] == '*') {
		p++;
	}
	return p == len;
}

bool
known_patterns_match(const char *patterns, const char *name)
{
	bool found = false;

	while (*patterns) {
		size_t len = strcspn(patterns, ",");
		bool negated = *patterns == '!';

		if (matches_glob(patterns + negated, len - negated, name)) {
			if (negated) {
				return false;
			}
			found = true;
		}
		patterns += len + (patterns[len] == ',');
	}
	return found;
}

bool
known_hash_matches(const char *hashed, const char *name)
{
	uint8_t salt[64], want[64], digest[SHA1_BYTES];
	const char *bar;
	long salt_len;

	if (strncmp(hashed, "|1|", 3) != 0 || !(bar = strchr(hashed + 3, '|'))) {
		return false;
	}
	if (bar - (hashed + 3) > 64 || strlen(bar + 1) > 64) {
		return false;
	}
	salt_len = base64_decode(hashed + 3, (size_t)(bar - (hashed + 3)), salt);
	if (salt_len <= 0 || base64_decode(bar + 1, strlen(bar + 1), want) != SHA1_BYTES) {
		return false;
	}
	hmac_sha1(salt, (size_t)salt_len, name, strlen(name), digest);
	return memcmp(digest, want, SHA1_BYTES) == 0;
}
