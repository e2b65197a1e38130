#include "orchestrator/rollout/looks.h"

#include <stdlib.h>

static void
moved(void *ctx UNUSED, struct rollout_host *host UNUSED)
{
}

static void
fill(struct looks *looks)
{
	while (looks->next < looks->count && looks->at_work < looks->parallel) {
		looks->at_work++;
		host_start_look(&looks->hosts[looks->next++], &looks->owner);
	}
}

static void
over(void *ctx, struct rollout_host *host UNUSED)
{
	struct looks *looks = ctx;

	looks->at_work--;
	fill(looks);
	if (looks->at_work == 0 && looks->next == looks->count) {
		looks->done(looks->ctx);
	}
}

/* Hosts are freed here, not in over(): there the functions of their work are still on the stack. */
void
looks_done(struct looks *looks)
{
	for (size_t i = 0; i < looks->count; i++) {
		host_done(&looks->hosts[i]);
	}
	free(looks->hosts);
	looks->hosts = NULL;
	looks->count = 0;
}

void
looks_start(struct looks *looks, const struct host_owner *owner, const struct host *const *hosts,
    size_t count)
{
	looks_done(looks);
	looks->hosts = calloc(count + 1, sizeof(*looks->hosts));
	if (!looks->hosts) {
		abort();
	}
	looks->owner = *owner;
	looks->owner.keep_links = false;
	looks->owner.ctx = looks;
	looks->owner.moved = moved;
	looks->owner.over = over;
	looks->parallel = owner->request->parallel;
	looks->count = count;
	looks->next = looks->at_work = 0;
	for (size_t i = 0; i < count; i++) {
		looks->hosts[i].host = hosts[i];
	}
	if (count == 0) {
		looks->done(looks->ctx);
		return;
	}
	fill(looks);
}

static const struct rollout_host *
find(const struct looks *looks, const struct host *host)
{
	for (size_t i = 0; i < looks->count; i++) {
		if (looks->hosts[i].host == host) {
			return &looks->hosts[i];
		}
	}
	return NULL;
}

const struct report *
looks_report(const struct looks *looks, const struct host *host)
{
	const struct rollout_host *found = find(looks, host);

	return found ? found->facts.agent_status : NULL;
}

bool
looks_is_mute(const struct looks *looks, const struct host *host)
{
	const struct rollout_host *found = find(looks, host);

	return found && found->facts.complete && !found->facts.agent_hash;
}
