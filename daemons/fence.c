/* Which sources a daemon cannot hear, by its own configuration: the narrowest fence counts. */
#include "daemons/policy.h"
#include "daemons/policy_text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* How narrow a fence is: a prefix; the fence that each source has of its own; an exact address. */
#define WIDTH_SOURCE 129
#define WIDTH_ADDRESS 130

static bool
same_range(const struct restart_fence *a, const struct restart_fence *b)
{
	return a->whole == b->whole && a->network.ip.family == b->network.ip.family &&
	    a->network.prefix == b->network.prefix &&
	    memcmp(a->network.ip.bytes, b->network.ip.bytes, sizeof(a->network.ip.bytes)) == 0 &&
	    strcasecmp(a->name, b->name) == 0;
}

void
policy_add_fence(struct restart_policy *policy, const struct restart_fence *fence)
{
	for (size_t i = 0; i < policy->fence_count; i++) {
		struct restart_fence *other = &policy->fences[i];

		if (same_range(other, fence)) {
			if (fence->stops & ~other->stops) {
				memcpy(other->place, fence->place, sizeof(other->place));
				memcpy(other->text, fence->text, sizeof(other->text));
			}
			other->stops |= fence->stops;
			return;
		}
	}
	if (policy->fence_count == RESTART_FENCES_MAX) {
		policy_doubt(policy, fence->place, "more lines of access than can be judged");
		return;
	}
	policy->fences[policy->fence_count++] = *fence;
}

static bool
stops(const struct restart_fence *fence, unsigned flags)
{
	return fence->stops & (FENCE_ALL | FENCE_SERVICE) ||
	    (fence->stops & FENCE_UNSIGNED && !(flags & RESTART_AUTH)) ||
	    (fence->stops & FENCE_POOL && flags & RESTART_POOL && !(flags & RESTART_AUTH));
}

/* How narrow @fence is around the source; -1: the source is outside. */
static int
width_around(const struct restart_fence *fence, const char *name, const struct ip *ip)
{
	unsigned bits = fence->network.ip.family == IP_V6 ? 128 : 32;

	if (fence->network.ip.family == IP_NONE) {
		if (!fence->name[0]) {
			return WIDTH_SOURCE;
		}
		return strcasecmp(fence->name, name) == 0 ? WIDTH_ADDRESS : -1;
	}
	if (!network_contains(&fence->network, ip)) {
		return -1;
	}
	return fence->network.prefix == bits ? WIDTH_ADDRESS : (int)fence->network.prefix;
}

/* NTPsec makes a hole for a source where it is ignored, or not trusted; not where `noserve` stops
 * it. */
static bool
makes_hole(const struct restart_fence *fence, unsigned flags)
{
	return fence &&
	    (fence->stops & FENCE_ALL ||
		(fence->stops & FENCE_UNSIGNED && !(flags & RESTART_AUTH)));
}

/* Returns the fence that decides about a source at @ip, whether it stops it or not. */
static const struct restart_fence *
narrowest(const struct restart_policy *policy, const struct restart_line *line, const struct ip *ip)
{
	const struct restart_fence *found = NULL, *own = NULL;
	int narrow = -1;

	for (size_t i = 0; i < policy->fence_count; i++) {
		const struct restart_fence *fence = &policy->fences[i];
		int width = width_around(fence, line->name, ip);

		if (width >= 0 && fence->whole && stops(fence, line->flags)) {
			return fence;
		}
		if (width == WIDTH_SOURCE) {
			own = fence;
		} else if (width > narrow && !fence->whole) {
			narrow = width;
			found = fence;
		}
	}
	if (own && narrow < WIDTH_ADDRESS && (!own->hole || makes_hole(found, line->flags))) {
		return own;
	}
	return found;
}

static bool
is_loopback(const struct network *network)
{
	return network->ip.family == IP_V4 ? network->ip.bytes[0] == 127
					   : network->ip.family == IP_V6 &&
		network->prefix == 128 && network->ip.bytes[0] == 0 && network->ip.bytes[15] == 1;
}

/* Whether some address, which a name may have, passes by a fence that is narrower than all. */
static bool
passes_somewhere(const struct restart_policy *policy, unsigned flags)
{
	for (size_t i = 0; i < policy->fence_count; i++) {
		const struct restart_fence *fence = &policy->fences[i];

		if (fence->network.ip.family != IP_NONE && fence->network.prefix > 0 &&
		    !fence->whole && !is_loopback(&fence->network) && !stops(fence, flags)) {
			return true;
		}
	}
	return false;
}

/* Whether a source whose name is not known may be one that a fence lets pass by its name. */
static bool
passes_by_name(const struct restart_policy *policy, const struct restart_line *line)
{
	for (size_t i = 0; i < policy->fence_count && !line->name[0]; i++) {
		if (policy->fences[i].name[0] && !stops(&policy->fences[i], line->flags)) {
			return true;
		}
	}
	return false;
}

const struct restart_fence *
restart_fence_around(
    const struct restart_policy *policy, const struct restart_line *line, const struct ip *ip)
{
	/* addresses of nobody: only fences around all addresses contain them */
	static const struct ip any[] = { { .family = IP_V4, .bytes = { 255, 255, 255, 255 } },
		{ .family = IP_V6, .bytes = { 255, 255, 255, 255 } } };
	const struct restart_fence *both[COUNT(any)];

	if (line->flags & RESTART_REFCLOCK) {
		return NULL;
	}
	if (ip->family != IP_NONE) {
		const struct restart_fence *fence = narrowest(policy, line, ip);

		return fence && stops(fence, line->flags) && !passes_by_name(policy, line) ? fence
											   : NULL;
	}
	for (size_t i = 0; i < COUNT(any); i++) {
		both[i] = narrowest(policy, line, &any[i]);
		if (!both[i] || !stops(both[i], line->flags)) {
			return NULL;
		}
	}
	return !both[0]->whole && passes_somewhere(policy, line->flags) ? NULL : both[0];
}

void
policy_line_deaf(
    struct restart_policy *policy, struct restart_line *line, const char *place, const char *words)
{
	line->flags |= RESTART_NOSELECT | RESTART_DEAF;
	if (!policy->blames[BLAME_DEAF].text[0]) {
		policy_blame(policy, BLAME_DEAF, place, words);
	}
}

void
policy_mark_deaf(struct restart_policy *policy)
{
	for (size_t i = 0; i < policy->line_count; i++) {
		struct restart_line *line = &policy->lines[i];
		const struct restart_fence *fence;
		struct ip ip = { .family = IP_NONE };

		ip_parse(line->name, &ip);
		fence = restart_fence_around(policy, line, &ip);
		if (fence) {
			policy_line_deaf(policy, line, fence->place, fence->text);
		}
	}
}
