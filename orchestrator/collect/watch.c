#include "orchestrator/collect/watch.h"

#include "orchestrator/health/host.h"
#include "orchestrator/health/site.h"
#include "orchestrator/topology/topology.h"

void
watch_init(struct watch *watch, const struct topology *topology, int64_t now_ns)
{
	*watch = (struct watch){ .paced_ns = now_ns };
	conditions_init(&watch->conditions, topology, now_ns);
	sights_init(&watch->sights, topology);
}

void
watch_done(struct watch *watch)
{
	conditions_done(&watch->conditions);
	sights_done(&watch->sights);
}

/* Whose address it is: a server of the site, or an upstream. */
static uint32_t
owner(void *context, const char *address)
{
	const struct names *names = context;
	const struct name_entry *entry = names_find(names, address);
	const struct topology *topology = names->topology;

	if (entry && entry->upstream) {
		return (uint32_t)(topology->server_count +
		    (size_t)(entry->upstream - topology->upstreams));
	}
	return entry && entry->host->role == HOST_SERVER ? (uint32_t)(entry->host - topology->hosts)
							 : SIGHT_NOBODY;
}

static void
judge_host(struct watch *watch, size_t host, const struct fleet_host *row, int64_t now_ns)
{
	const struct host_look look = {
		.report = row->heard ? &row->report : NULL,
		.health = row->health,
		.reason = row->reason,
		.read_ns = row->read_ns,
	};

	health_judge_host(&watch->conditions, host, &look, now_ns);
}

static void
take_sights(
    struct watch *watch, const struct names *names, const struct fleet_host *row, size_t host)
{
	union {
		const struct names *given;
		void *context;
	} names_of = { .given = names };

	sights_take(
	    &watch->sights, host, row->heard ? &row->report : NULL, owner, names_of.context);
}

void
watch_take(struct watch *watch, const struct fleet *fleet, const struct names *names,
    const struct fleet_host *row, int64_t now_ns)
{
	size_t host = (size_t)(row - fleet->hosts);

	take_sights(watch, names, row, host);
	judge_host(watch, host, row, now_ns);
}

void
watch_replace(struct watch *watch, const struct topology *topology, const struct fleet *fleet,
    const struct names *names)
{
	conditions_replace(&watch->conditions, topology);
	sights_done(&watch->sights);
	sights_init(&watch->sights, topology);
	for (size_t i = 0; i < fleet->count; i++) {
		if (fleet_is_fresh(&fleet->hosts[i])) {
			take_sights(watch, names, &fleet->hosts[i], i);
		}
	}
}

void
watch_tick(struct watch *watch, const struct fleet *fleet, int64_t now_ns)
{
	for (size_t i = 0; i < fleet->count; i++) {
		const struct fleet_host *row = &fleet->hosts[i];

		if (row->health == HEALTH_SILENT || row->health == HEALTH_NEVER) {
			sights_take(&watch->sights, i, NULL, NULL, NULL);
			judge_host(watch, i, row, now_ns);
		}
	}
	if (now_ns - watch->paced_ns >= HEALTH_PACE_NS) {
		watch->paced_ns = now_ns;
		health_judge_site(&watch->conditions, &watch->sights, now_ns);
	}
}
