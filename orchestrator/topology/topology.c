/* Questions that every room asks about a loaded site.  No I/O. */
#include "orchestrator/topology/topology.h"

#include <string.h>

#define CHAIN_DEPTH_MAX 16 /* tiers above each other that smeared() follows */

void
topology_free(struct topology *topology)
{
	if (topology) {
		arena_free(&topology->arena);
		*topology = (struct topology){ 0 };
	}
}

const struct host *
topology_host(const struct topology *topology, const char *name)
{
	size_t at = index_find(&topology->index, topology->hosts, sizeof(*topology->hosts), name);

	return at == INDEX_NONE ? NULL : &topology->hosts[at];
}

const struct source_list *
host_sources(const struct host *host)
{
	return host->tier ? &host->tier->sources : &host->group->sources;
}

static bool
smeared(const struct source_list *sources, int depth)
{
	const struct tier *done = NULL; /* all its servers have the same sources: one is enough */

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->list[i];

		if (source->upstream && source->upstream->smear != SMEAR_NONE) {
			return true;
		}
		if (source->server && source->server->tier != done && depth < CHAIN_DEPTH_MAX) {
			done = source->server->tier;
			if (smeared(host_sources(source->server), depth + 1)) {
				return true;
			}
		}
	}
	return false;
}

bool
host_is_smeared(const struct host *host)
{
	return smeared(host_sources(host), 0);
}

const struct budget *
host_budget(const struct host *host)
{
	return host->tier ? &host->tier->budget : &host->group->budget;
}

bool
host_unmanaged(const struct host *host)
{
	return host->manage == MANAGE_FALSE;
}

bool
host_never_steps(const struct host *host)
{
	return !host_unmanaged(host) && !host->released &&
	    (host->tier || host->group->restart.limit_ns > 0);
}

int64_t
topology_limit_ns(const struct topology *topology, const struct host *host)
{
	int64_t limit_ns =
	    host->tier ? host->tier->restart.limit_ns : host->group->restart.limit_ns;

	return limit_ns > 0 ? limit_ns : topology->restart.limit_ns;
}

/* The narrowest network of @entry that has @ip, if it is narrower than @found (or that is NULL). */
static const struct network *
narrower_of(const struct deny *entry, const struct ip *ip, const struct network *found)
{
	for (size_t i = 0; i < entry->net_count; i++) {
		const struct network *network = &entry->nets[i].network;

		if (network_contains(network, ip) && (!found || network->prefix > found->prefix)) {
			found = network;
		}
	}
	return found;
}

const struct network *
topology_denied(const struct topology *topology, const struct ip *ip, const struct deny **deny)
{
	const struct network *found = NULL;

	for (size_t i = 0; i < topology->deny_count; i++) {
		const struct network *before = found;

		found = narrower_of(&topology->denies[i], ip, found);
		if (found != before && deny) {
			*deny = &topology->denies[i];
		}
	}
	for (size_t i = 0; found && i < topology->serve_count; i++) {
		const struct network *network = &topology->serve[i].network;

		if (network->prefix > found->prefix && network_contains(network, ip)) {
			found = NULL;
		}
	}
	return found;
}

struct key_list
topology_keys_of(const struct topology *topology, const struct host *host)
{
	struct key_list keys = { NULL, 0 };
	size_t at = (size_t)(host - topology->hosts);

	if (topology->keys_begin) {
		keys.list = topology->keys_of_hosts + topology->keys_begin[at];
		keys.count = topology->keys_begin[at + 1] - topology->keys_begin[at];
	}
	return keys;
}

void
topology_index_keys(struct topology *topology)
{
	size_t total = 0;
	uint32_t *begin;

	topology->keys_begin = NULL;
	if (topology->key_count == 0) {
		return;
	}
	/* counted two places further on, so that filling moves each beginning to its place */
	begin = arena_alloc(&topology->arena, (topology->host_count + 2) * sizeof(*begin));
	for (size_t i = 0; i < topology->key_count; i++) {
		for (size_t h = 0; h < topology->keys[i].host_count; h++) {
			begin[topology->keys[i].hosts[h] - topology->hosts + 2]++;
			total++;
		}
	}
	for (size_t i = 2; i < topology->host_count + 2; i++) {
		begin[i] += begin[i - 1];
	}
	topology->keys_of_hosts =
	    arena_alloc(&topology->arena, total * sizeof(*topology->keys_of_hosts) + 1);
	for (size_t i = 0; i < topology->key_count; i++) {
		const struct symmetric_key *key = &topology->keys[i];

		for (size_t h = 0; h < key->host_count; h++) {
			topology->keys_of_hosts[begin[key->hosts[h] - topology->hosts + 1]++] = key;
		}
	}
	topology->keys_begin = begin;
}

static bool
has_host(const struct symmetric_key *key, const struct host *host)
{
	for (size_t i = 0; i < key->host_count; i++) {
		if (key->hosts[i] == host) {
			return true;
		}
	}
	return false;
}

const struct symmetric_key *
topology_key(const struct topology *topology, const struct host *a, const struct host *b)
{
	struct key_list mine = topology_keys_of(topology, a), its = topology_keys_of(topology, b);
	const struct host *other = its.count < mine.count ? a : b;

	/* a server may share a key with each of thousands of clients, and a client has a few */
	mine = other == a ? its : mine;
	for (size_t i = 0; i < mine.count; i++) {
		if (mine.list[i]->state == KEY_USED && has_host(mine.list[i], other)) {
			return mine.list[i];
		}
	}
	return NULL;
}

bool
key_is_known(const struct symmetric_key *key)
{
	switch (key->state) {
	case KEY_USED:
	case KEY_COMING:
	case KEY_LEAVING:
		return true;
	case KEY_GONE:
	case KEY_WITHDRAWN:
		break;
	}
	return false;
}

bool
key_is_doubled(const struct symmetric_key *key)
{
	return key->other && key_is_known(key) && key_is_known(key->other);
}

const char *const refclock_type_words[] = {
	[REFCLOCK_SHM] = "shm",
	[REFCLOCK_SOCK] = "sock",
	[REFCLOCK_PPS] = "pps",
	[REFCLOCK_PHC] = "phc",
	[REFCLOCK_NMEA] = "nmea",
	NULL,
};

bool
refclock_numbers(const struct host *host, const struct refclock *clock)
{
	for (size_t i = 0; i < host->refclocks.count; i++) {
		const char *lock = host->refclocks.list[i].lock;

		if (lock && strcmp(lock, clock->name) == 0) {
			return true;
		}
	}
	return false;
}

unsigned
host_clock_votes(const struct host *host)
{
	unsigned votes = 0;

	for (size_t i = 0; i < host->refclocks.count; i++) {
		const struct refclock *clock = &host->refclocks.list[i];
		bool whole = clock->type != REFCLOCK_PPS || clock->lock;

		votes += whole && !clock->noselect && !refclock_numbers(host, clock);
	}
	return votes;
}

unsigned
tier_clock_votes(const struct tier *tier)
{
	unsigned least = 0;

	for (size_t i = 0; i < tier->server_count; i++) {
		unsigned votes = host_clock_votes(tier->servers[i]);

		least = i == 0 || votes < least ? votes : least;
	}
	return least;
}

unsigned
upstream_votes(const struct upstream *upstream)
{
	unsigned count = upstream->maxsources > 0 ? upstream->maxsources : 1;

	return upstream->noselect ? 0 : count;
}

unsigned
source_votes(const struct source_list *sources)
{
	unsigned votes = 0;

	for (size_t i = 0; i < sources->count; i++) {
		const struct upstream *upstream = sources->list[i].upstream;

		votes += upstream ? upstream_votes(upstream) : 1;
	}
	return votes;
}

unsigned
tier_source_count(const struct tier *tier)
{
	return source_votes(&tier->sources) + tier_clock_votes(tier);
}

int
refclock_speed(unsigned baud)
{
	static const unsigned speeds[] = { 4800, 9600, 19200, 38400, 57600, 115200 };

	for (size_t i = 0; i < COUNT(speeds); i++) {
		if (baud == speeds[i]) {
			return (int)i;
		}
	}
	return -1;
}

unsigned
tier_quorum(const struct tier *tier)
{
	unsigned count;

	if (tier->quorum > 0) {
		return tier->quorum;
	}
	if (tier->isolated) {
		return 1;
	}
	count = tier_source_count(tier);
	return count >= 5 ? 3 : count / 2 + 1;
}

const char *const verify_way_words[] = {
	[VERIFY_STATUS] = "status",
	[VERIFY_VERSION] = "version",
	[VERIFY_ASSOCIATION] = "association",
	[VERIFY_SWITCH] = "switch",
	[VERIFY_WORD] = "word",
	[VERIFY_REDIRECT] = "redirect",
	NULL,
};

void
topology_expire(struct topology *topology, int64_t now_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < topology->verify_count; i++) {
		struct verify verify = topology->verifies[i];

		if (now_ns < verify.until_ns) {
			memmove(&topology->verifies[kept + 1], &topology->verifies[kept],
			    (i - kept) * sizeof(verify));
			topology->verifies[kept++] = verify;
		}
	}
	topology->verify_past_count += topology->verify_count - kept;
	topology->verify_count = kept;
}

const struct verify *
topology_port_proof(const struct topology *topology, const struct host *host)
{
	for (size_t i = 0; i < topology->verify_count; i++) {
		const struct verify *verify = &topology->verifies[i];

		if (verify->host == host &&
		    (verify->way == VERIFY_WORD || verify->way == VERIFY_REDIRECT)) {
			return verify;
		}
	}
	return NULL;
}
