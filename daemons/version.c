/* Settles what a configuration means to the one version of a daemon that reads it. */
#include "daemons/policy.h"
#include "daemons/policy_text.h"

#include <stdio.h>
#include <string.h>

/* Returns "4.6.1" as 40601; 0: @version is no version. */
static unsigned
number_of(const char *version)
{
	unsigned major = 0, minor = 0, patch = 0;

	if (sscanf(version, "%2u.%2u.%2u", &major, &minor, &patch) < 2) {
		return 0;
	}
	return major * 10000 + minor * 100 + patch;
}

void
restart_policy_settle(struct restart_policy *policy, const char *version)
{
	const struct restart_blame *blame = &policy->blames[BLAME_VERSION];
	unsigned number = number_of(version);

	if (number == 0) {
		policy->refused = policy->refused_by_all; /* else nobody knows that, either */
	}
	if (policy->since == 0 && policy->until == 0 && !policy->asks) {
		return;
	}
	if (policy->asks || number == 0 ||
	    (number > policy->newest && policy->since > policy->newest)) {
		policy_doubt(policy, blame->place, blame->text);
	} else if (number < policy->since || (policy->until > 0 && number >= policy->until)) {
		policy_refuse(policy, blame->place, blame->text);
	}
	policy->since = policy->until = 0;
	policy->asks = false;
}

/* Whether the line that was found to be doubtful or wrong is the one at @place. */
static bool
blames(const struct restart_policy *policy, enum restart_blamed what, const char *place)
{
	return policy->blames[what].text[0] && strcmp(policy->blames[what].place, place) == 0;
}

void
restart_policy_checked(struct restart_policy *policy, const char *place, const char *words)
{
	/* the line itself says more than the daemon's words */
	const struct restart_blame found = blames(policy, BLAME_REFUSED, place)
	    ? policy->blames[BLAME_REFUSED]
	    : policy->blames[BLAME_VERSION];

	policy->since = policy->until = 0;
	policy->asks = false;
	policy->refused = policy->refused_by_all;
	if (words) {
		bool same = strcmp(found.place, place) == 0 && found.text[0];

		policy_refuse_by_all(policy, place, same ? found.text : words);
	}
}
