#include "orchestrator/rollout/plan/order.h"

#include <stdlib.h>
#include <string.h>

#define TIER_DEPTH_MAX 64 /* a circle of tiers is an error in site.yaml; recursion ends here */

static unsigned
tier_depth(const struct tier *tier, unsigned limit)
{
	unsigned depth = 0;

	for (size_t i = 0; limit > 0 && i < tier->sources.count; i++) {
		const struct host *server = tier->sources.list[i].server;
		unsigned above =
		    server && server->tier != tier ? tier_depth(server->tier, limit - 1) + 1 : 0;

		depth = above > depth ? above : depth;
	}
	return depth;
}

struct seen {
	const char **kinds;
	size_t count;
};

/* Whether @kind was not seen yet; from now on it is. */
static bool
is_first(struct seen *seen, const char *kind)
{
	for (size_t i = 0; i < seen->count; i++) {
		if (strcmp(seen->kinds[i], kind) == 0) {
			return false;
		}
	}
	seen->kinds[seen->count++] = kind;
	return true;
}

/* Order the servers of the tiers at @depth, canaries before the others; returns the last wave. */
static unsigned
order_servers(
    struct order_member *members, size_t count, unsigned depth, struct seen *seen, unsigned wave)
{
	for (int others = 0; others < 2; others++) {
		for (size_t i = 0; i < count; i++) {
			struct order_member *member = &members[i];

			if (member->host->role != HOST_SERVER || member->wave > 0 ||
			    tier_depth(member->host->tier, TIER_DEPTH_MAX) != depth) {
				continue;
			}
			if (others || is_first(seen, member->kind)) {
				member->wave = ++wave;
			}
		}
	}
	return wave;
}

static size_t
batch_size(const struct rollout_settings *rollout, size_t clients)
{
	size_t size = rollout->batch;

	if (rollout->batch_percent) {
		size = (clients * rollout->batch + 99) / 100;
	}
	return size > 0 ? size : 1;
}

static unsigned
order_clients(const struct rollout_settings *rollout, struct order_member *members, size_t count,
    struct seen *seen, unsigned wave)
{
	size_t clients = 0, in_wave = 0, size;
	bool canaries = false;

	for (size_t i = 0; i < count; i++) {
		if (members[i].host->role == HOST_CLIENT) {
			clients++;
			if (is_first(seen, members[i].kind)) {
				members[i].wave = wave + 1;
				canaries = true;
			}
		}
	}
	wave += canaries;
	size = batch_size(rollout, clients);
	for (size_t i = 0; i < count; i++) {
		if (members[i].wave > 0 || members[i].host->role != HOST_CLIENT) {
			continue;
		}
		wave += in_wave == 0;
		members[i].wave = wave;
		in_wave = (in_wave + 1) % size;
	}
	return wave;
}

unsigned
order_waves(const struct rollout_settings *rollout, struct order_member *members, size_t count)
{
	struct seen seen = { calloc(count + 1, sizeof(*seen.kinds)), 0 };
	unsigned wave = 0, deepest = 0;

	if (!seen.kinds) {
		abort();
	}
	for (size_t i = 0; i < count; i++) {
		unsigned depth = members[i].host->role == HOST_SERVER
		    ? tier_depth(members[i].host->tier, TIER_DEPTH_MAX)
		    : 0;

		members[i].wave = 0;
		deepest = depth > deepest ? depth : deepest;
	}
	for (unsigned depth = 0; depth <= deepest; depth++) {
		wave = order_servers(members, count, depth, &seen, wave);
	}
	seen.count = 0; /* clients have another configuration: they need canaries of their own */
	wave = order_clients(rollout, members, count, &seen, wave);
	free(seen.kinds);
	return wave;
}
