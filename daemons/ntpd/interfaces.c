/* Source: interface_action() of NTPsec 1.2.2 and ntp 4.2.8p15; both in the lab. */
#include "daemons/ntpd/interfaces.h"

#include "daemons/policy_text.h"

#include <string.h>

/*
 * Addresses of the loopback and the wildcard, and what is meant for an address and is none: nobody
 * else is heard by them.
 */
static bool
is_of_nobody(const char *which)
{
	struct ip ip;
	bool digits = !which[strspn(which, "0123456789.")];

	return (digits && !ip_parse(which, &ip)) || strcmp(which, "wildcard") == 0 ||
	    strcmp(which, "lo") == 0 || strncmp(which, "127.", 4) == 0 || strcmp(which, "::1") == 0;
}

bool
ntp_interfaces_take(struct ntp_interfaces *interfaces, const struct ntp_line *line,
    const struct restart_fence *fence)
{
	static const char *const actions[] = { "listen", "ignore", "drop" };
	const char *action = line->count > 1 ? line->tokens[1].text : "";
	const char *which = line->count > 2 ? line->tokens[2].text : "";
	bool known = false;

	for (size_t i = 0; i < COUNT(actions); i++) {
		known |= strcmp(action, actions[i]) == 0;
	}
	if (!known || !which[0]) {
		return false;
	}
	if (interfaces->count == NTP_INTERFACES_MAX) {
		interfaces->full = true;
		return true;
	}
	interfaces->list[interfaces->count++] = (struct ntp_interface){
		.of = { strcmp(which, "all") == 0 || strcmp(which, "ipv4") == 0,
		    strcmp(which, "all") == 0 || strcmp(which, "ipv6") == 0 },
		.one = !is_of_nobody(which),
		.listens = strcmp(action, "listen") == 0,
		.fence = *fence,
	};
	return true;
}

static bool
names_all(const struct ntp_interface *line)
{
	return line->of[0] || line->of[1];
}

/* Returns the line that decides about the addresses of a family; NULL: none fits. */
static const struct ntp_interface *
decisive(const struct ntp_interfaces *interfaces, size_t family)
{
	for (size_t i = interfaces->count; i > 0; i--) {
		const struct ntp_interface *line = &interfaces->list[i - 1];

		if (line->of[family] || (line->one && line->listens && !names_all(line))) {
			return line;
		}
	}
	return NULL;
}

void
ntp_interfaces_settle(const struct ntp_interfaces *interfaces, struct restart_policy *policy)
{
	static const enum ip_family families[] = { IP_V4, IP_V6 };

	if (interfaces->full) {
		policy_doubt(policy, interfaces->list[0].fence.place,
		    "more lines of interfaces than can be judged");
	}
	for (size_t i = 0; i < COUNT(families) && interfaces->count > 0; i++) {
		const struct ntp_interface *line = decisive(interfaces, i);
		struct restart_fence fence;

		if (line && line->listens) {
			continue;
		}
		fence = line ? line->fence : interfaces->list[interfaces->count - 1].fence;
		fence.network = (struct network){ .ip.family = families[i] };
		fence.whole = true;
		fence.stops = FENCE_ALL;
		policy_add_fence(policy, &fence);
	}
}
