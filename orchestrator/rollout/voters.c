#include "orchestrator/rollout/voters.h"

#include <stdlib.h>

#define RECENT_MS 300000 /* what was asked so long ago is not asked again */

static uint64_t
now_ms(const struct voters *voters)
{
	return uv_now(voters->owner->request->loop);
}

void
voters_init(struct voters *voters, const struct host_owner *owner)
{
	const struct topology *topology = owner->request->topology;

	voters->owner = owner;
	voters->list = calloc(topology->server_count + 1, sizeof(*voters->list));
	voters->marks = calloc(topology->server_count + 1, sizeof(*voters->marks));
	if (!voters->list || !voters->marks) {
		abort();
	}
	voters->count = topology->server_count;
	for (size_t i = 0; i < voters->count; i++) {
		voters->list[i].host = &topology->hosts[i];
	}
}

/* Whether the clock of a server was on its way when it was asked: by now it may be elsewhere. */
static bool
is_moving(const struct site_voter *voter)
{
	return voter->known && !voter->right;
}

static void
want(struct voters *voters, const struct host *server)
{
	uint64_t now = now_ms(voters);

	for (size_t i = 0; i < voters->count; i++) {
		struct voter_mark *mark = &voters->marks[i];

		if (voters->list[i].host == server && !host_unmanaged(server)) {
			mark->wanted |= !mark->asked || now - mark->asked_ms >= RECENT_MS ||
			    is_moving(&voters->list[i]);
		}
	}
}

void
voters_want(struct voters *voters, const struct host *host, bool siblings)
{
	const struct source_list *sources = host_sources(host);

	for (size_t i = 0; siblings && host->tier && i < host->tier->server_count; i++) {
		if (host->tier->servers[i] != host) {
			want(voters, host->tier->servers[i]);
		}
	}
	for (size_t i = 0; i < sources->count; i++) {
		want(voters, sources->list[i].server);
	}
}

bool
voters_ask(struct voters *voters)
{
	const struct host **list = calloc(voters->count + 1, sizeof(*list));
	size_t count = 0;

	if (!list) {
		abort();
	}
	for (size_t i = 0; i < voters->count; i++) {
		if (voters->marks[i].wanted) {
			voters->marks[i].wanted = false;
			list[count++] = voters->list[i].host;
		}
	}
	if (count > 0) {
		looks_start(&voters->looks, voters->owner, list, count);
	}
	free(list);
	return count > 0;
}

static bool
was_asked(const struct looks *looks, const struct host *host)
{
	for (size_t i = 0; i < looks->count; i++) {
		if (looks->hosts[i].host == host) {
			return true;
		}
	}
	return false;
}

void
voters_take(struct voters *voters, const struct looks *looks)
{
	for (size_t i = 0; i < voters->count; i++) {
		struct site_voter *voter = &voters->list[i];
		struct voter_mark *mark = &voters->marks[i];

		if (was_asked(looks, voter->host)) {
			site_voter_look(voter, mark->lost ? NULL : looks_report(looks, voter->host),
			    mark->touched, (int64_t)now_ms(voters) * NS_PER_MS);
			mark->asked = true;
			mark->asked_ms = now_ms(voters);
		}
	}
}

void
voters_touched(struct voters *voters, const struct rollout_host *host)
{
	for (size_t i = 0; i < voters->count; i++) {
		if (voters->list[i].host == host->host) {
			voters->list[i] = (struct site_voter){ .host = host->host };
			voters->marks[i] = (struct voter_mark){ .touched = true,
				.fresh = host->outcome == HOST_DONE && !host->facts.agent_hash,
				.lost = host->outcome == HOST_LOST || host->outcome == HOST_STUCK ||
				    host->outcome == HOST_UNWELL };
		}
	}
}

bool
voters_is_fresh(const struct voters *voters, const struct host *host)
{
	for (size_t i = 0; voters && i < voters->count; i++) {
		if (voters->list[i].host == host) {
			return voters->marks[i].fresh;
		}
	}
	return false;
}

void
voters_done(struct voters *voters)
{
	looks_done(&voters->looks);
	free(voters->list);
	free(voters->marks);
}
