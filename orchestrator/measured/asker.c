#include "orchestrator/measured/asker.h"

#include "common/clock.h"
#include "orchestrator/measured/measured.h"
#include "orchestrator/topology/topology.h"

#include <stdlib.h>

#define SLOTS 4 /* rounds at once, each of up to MEASURE_TARGETS_MAX hosts */
#define QUESTIONS 3
#define SPACING_NS (2 * NS_PER_S)
#define TIMEOUT_NS (2 * NS_PER_S)
#define REFUSED_ROUNDS 14 /* intervals for which a host that refuses is left alone */

/* A host that is asked. */
struct member {
	size_t host;      /* index in the topology */
	int64_t next_ns;  /* the next round is due */
	bool busy;        /* a round is under way */
	unsigned address; /* which of its addresses: the next one when this one gave nothing */
};

/* A round. */
struct slot {
	struct asker *asker;
	struct measure measure;
	uint64_t generation; /* of the members when it began */
	size_t members[MEASURE_TARGETS_MAX];
};

struct asker {
	uv_loop_t *loop;
	uint16_t port;
	asker_take take;
	void *ctx;
	bool stopped;
	const struct topology *topology;
	struct member *members;
	size_t count, cursor; /* cursor: the round begins its search here */
	uint64_t generation;
	struct slot slots[SLOTS];
};

struct asker *
asker_new(uv_loop_t *loop, uint16_t port, asker_take take, void *ctx)
{
	struct asker *asker = calloc(1, sizeof(*asker));

	if (!asker) {
		abort();
	}
	asker->loop = loop;
	asker->port = port > 0 ? port : 123;
	asker->take = take;
	asker->ctx = ctx;
	for (size_t i = 0; i < SLOTS; i++) {
		asker->slots[i].asker = asker;
		asker->slots[i].measure.owner = &asker->slots[i];
	}
	return asker;
}

void
asker_use(struct asker *asker, const struct topology *topology)
{
	asker->topology = topology;
	asker->generation++;
	asker->count = asker->cursor = 0;
	free(asker->members);
	asker->members = calloc(topology->host_count + 1, sizeof(*asker->members));
	if (!asker->members) {
		abort();
	}
	for (size_t i = 0; i < topology->host_count; i++) {
		if (host_unmanaged(&topology->hosts[i])) {
			asker->members[asker->count++].host = i;
		}
	}
}

static void
on_round(struct measure *measure)
{
	struct slot *slot = measure->owner;
	struct asker *asker = slot->asker;
	int64_t now_ns = clock_boot_ns();

	if (asker->stopped || slot->generation != asker->generation) {
		return;
	}
	for (size_t i = 0; i < measure->target_count; i++) {
		const struct measure_target *target = &measure->targets[i];
		struct member *member = &asker->members[slot->members[target->source]];

		member->busy = false;
		member->next_ns += target->kiss[0] ? REFUSED_ROUNDS * MEASURED_INTERVAL_NS : 0;
		member->address += target->answered == 0;
		if (member->next_ns < now_ns) {
			member->next_ns = now_ns; /* many hosts, or a suspended machine */
		}
		asker->take(asker->ctx, member->host, target);
	}
}

static void
begin_round(struct asker *asker, struct slot *slot, int64_t now_ns)
{
	struct measure_request request = { .samples = QUESTIONS,
		.spacing_ns = SPACING_NS,
		.timeout_ns = TIMEOUT_NS,
		.port = asker->port };

	for (size_t i = 0; i < asker->count && request.count < MEASURE_TARGETS_MAX; i++) {
		size_t index = (asker->cursor + i) % asker->count;
		struct member *member = &asker->members[index];
		const struct address_list *addresses =
		    &asker->topology->hosts[member->host].addresses;

		if (member->busy || member->next_ns > now_ns) {
			continue;
		}
		member->busy = true;
		member->next_ns = now_ns + MEASURED_INTERVAL_NS;
		slot->members[request.count] = index;
		request.names[request.count++] =
		    addresses->list[member->address % addresses->count].text;
	}
	if (request.count > 0) {
		asker->cursor = slot->members[request.count - 1] + 1;
		slot->generation = asker->generation;
		measure_run(&slot->measure, asker->loop, &request, on_round);
	}
}

void
asker_tick(struct asker *asker, int64_t now_ns)
{
	for (size_t i = 0; i < SLOTS && !asker->stopped; i++) {
		if (!asker->slots[i].measure.running) {
			begin_round(asker, &asker->slots[i], now_ns);
		}
	}
}

void
asker_stop(struct asker *asker)
{
	if (!asker) {
		return;
	}
	asker->stopped = true;
	for (size_t i = 0; i < SLOTS; i++) {
		measure_stop(&asker->slots[i].measure);
	}
}

void
asker_free(struct asker *asker)
{
	if (asker) {
		free(asker->members);
		free(asker);
	}
}
