#include "orchestrator/rollout/guard.h"

#include <stdio.h>
#include <stdlib.h>

#define AGAIN_MS 5000 /* between two rounds of questions */

static void
answer(struct guard *guard, enum guard_answer answer)
{
	struct rollout_host *host = guard->host;

	guard->host = NULL;
	guard->answered(guard->ctx, host, answer);
}

static void
ask(struct guard *guard)
{
	const struct host *hosts[QUORUM_HOSTS_MAX];
	const struct topology *topology = guard->owner->request->topology;
	size_t all = quorum_hosts(topology, guard->host->host, hosts, QUORUM_HOSTS_MAX), count = 0;

	for (size_t i = 0; i < all; i++) {
		if (!host_unmanaged(hosts[i])) {
			hosts[count++] = hosts[i];
		}
	}
	looks_start(&guard->looks, guard->owner, hosts, count);
}

static void
on_timer(uv_timer_t *timer)
{
	struct guard *guard = timer->data;

	if (guard->host) {
		ask(guard);
	}
}

static bool
allows(struct guard *guard)
{
	const struct rollout_request *request = guard->owner->request;
	struct quorum_view views[QUORUM_HOSTS_MAX];
	size_t count = guard->looks.count;

	for (size_t i = 0; i < count; i++) {
		views[i] = (struct quorum_view){ .host = guard->looks.hosts[i].host };
		views[i].fresh = voters_is_fresh(guard->voters, views[i].host);
		views[i].mute = looks_is_mute(&guard->looks, views[i].host);
		quorum_look(&views[i], looks_report(&guard->looks, views[i].host));
	}
	return quorum_allows(request->topology, guard->host->host, views, count,
	    request->kind == ROLLOUT_FILES, guard->words);
}

static void
on_looked(void *ctx)
{
	struct guard *guard = ctx;

	if (guard->stopped) {
		answer(guard, GUARD_STOPPED);
	} else if (allows(guard)) {
		answer(guard, GUARD_GO);
	} else if (uv_now(guard->owner->request->loop) >= guard->deadline_ms) {
		answer(guard, GUARD_REFUSED);
	} else {
		uv_timer_start(guard->timer, on_timer, AGAIN_MS, 0);
	}
}

void
guard_init(struct guard *guard, const struct host_owner *owner)
{
	guard->owner = owner;
	guard->looks.ctx = guard;
	guard->looks.done = on_looked;
	guard->timer = calloc(1, sizeof(*guard->timer));
	if (!guard->timer) {
		abort();
	}
	uv_timer_init(owner->request->loop, guard->timer);
	guard->timer->data = guard;
}

void
guard_ask(struct guard *guard, struct rollout_host *host)
{
	const struct rollout_request *request = guard->owner->request;
	int64_t within_ms = request->topology->rollout.confirm_within_ns / NS_PER_MS;

	guard->host = host;
	guard->deadline_ms = uv_now(request->loop) + (uint64_t)within_ms;
	ask(guard);
}

void
guard_stop(struct guard *guard)
{
	guard->stopped = true;
	if (guard->host && uv_is_active((uv_handle_t *)guard->timer)) {
		uv_timer_stop(guard->timer);
		answer(guard, GUARD_STOPPED);
	}
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle);
}

void
guard_free(struct guard *guard)
{
	looks_done(&guard->looks);
	if (guard->timer) {
		uv_close((uv_handle_t *)guard->timer, on_closed);
		guard->timer = NULL;
	}
}
