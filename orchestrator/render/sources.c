/* Whom a host asks for time, clocks, too; the keys that it shares; its operator's own lines. */
#include "orchestrator/render/items.h"
#include "orchestrator/topology/asked.h"
#include "orchestrator/topology/extras.h"
#include "orchestrator/topology/nts.h"
#include "orchestrator/topology/refclocks.h"
#include "orchestrator/topology/siblings.h"

#include <string.h>

/* log2 s: our own servers ask each other every 16 s to 64 s; no daemon's rate limit drops that. */
#define OWN_MINPOLL 4
#define OWN_MAXPOLL 6
/*
 * log2 s.  A peer does not answer a question; it sends its own packets at its own interval, and a
 * daemon that was just started waits for one.  8 s is the shortest interval that ntp 4.2.8 knows.
 */
#define PEER_POLL 3
#define MEASURED_POLL 10 /* an upstream that nobody follows is not to be burdened */
#define CLIENT_MINPOLL 6
#define CLIENT_MAXPOLL 10

static bool
asks_by_nts(const struct context *context, const struct host *server)
{
	return context->driver && context->driver->features & DAEMON_NTS &&
	    host_asks_by_nts(context->host, server);
}

/* Whether the daemon of @server answers in interleaved mode, as far as is declared. */
static bool
is_interleaved(const struct host *server)
{
	const struct daemon_driver *driver = daemon_find(server->daemon);

	return !driver || (driver->features & DAEMON_INTERLEAVES);
}

static struct source_item *
add_server(struct context *context, struct items *items, const struct host *server, bool peer)
{
	struct source_item *item = items_add(context, items, SCOPE_SOURCE, sizeof(*item));
	const struct symmetric_key *key = topology_key(context->topology, context->host, server);
	bool client = context->host->role == HOST_CLIENT;

	item->name = server->name;
	item->nts = asks_by_nts(context, server);
	item->address = item->nts && host_nts_name(server)
	    ? host_nts_name(server)
	    : address_between(context->host, server)->text;
	item->ca = item->nts ? host_nts(server)->ca : NULL;
	item->minpoll = client ? CLIENT_MINPOLL : peer ? PEER_POLL : OWN_MINPOLL;
	item->maxpoll = client ? CLIENT_MAXPOLL : peer ? PEER_POLL : OWN_MAXPOLL;
	item->iburst = true;
	item->xleave = server->tier->xleave && is_interleaved(server);
	if (key) {
		item->key = arena_printf(&context->scratch, "%u", key->id);
		/* with a MAC of more than 160 bits, chrony falls back to NTP version 3: KEY005 */
		item->version4 = key->type == KEY_TYPE_SHA256;
		item->rotating = key_is_doubled(key);
	}
	return item;
}

/* One association for each upstream, with its first address: two would give it two votes. */
static void
add_upstream(struct context *context, struct items *items, const struct upstream *upstream)
{
	struct source_item *item = items_add(context, items, SCOPE_SOURCE, sizeof(*item));

	item->name = upstream->name;
	item->operator_name = upstream->operator_name;
	item->address = upstream->addresses.list[0].text;
	item->minpoll = upstream->minpoll;
	item->maxpoll = upstream->maxpoll;
	item->iburst = upstream->iburst;
	item->burst = upstream->burst;
	item->nts = upstream->nts;
	item->prefer = upstream->prefer;
	item->noselect = upstream->noselect;
	item->trust = upstream->trust;
	item->xleave = upstream->xleave;
	if (upstream->maxsources > 0) {
		item->maxsources = arena_printf(&context->scratch, "%u", upstream->maxsources);
	}
	if (upstream->noselect && upstream->minpoll_pos.line == 0) {
		item->minpoll = MEASURED_POLL;
		item->maxpoll = item->maxpoll < MEASURED_POLL ? MEASURED_POLL : item->maxpoll;
	}
}

void
context_sources(struct context *context, struct mustache_value *value)
{
	const struct source_list *sources = host_sources(context->host);
	struct items items = { 0 };

	for (size_t i = 0; i < sources->count; i++) {
		if (sources->list[i].upstream) {
			add_upstream(context, &items, sources->list[i].upstream);
		} else {
			add_server(context, &items, sources->list[i].server, false);
		}
	}
	items_list(&items, value);
}

static void
add_authority(struct context *context, struct items *items, const struct host *server)
{
	const char *ca = asks_by_nts(context, server) ? host_nts(server)->ca : NULL;
	struct text_item *item;

	if (!ca) {
		return;
	}
	for (size_t i = 0; i < items->count; i++) {
		if (strcmp(((const struct text_item *)items->list[i])->text, ca) == 0) {
			return;
		}
	}
	item = items_add(context, items, SCOPE_TEXT, sizeof(*item));
	item->text = ca;
}

void
context_nts_authorities(struct context *context, struct mustache_value *value)
{
	const struct source_list *sources = host_sources(context->host);
	const struct tier *tier = context->host->tier;
	struct items items = { 0 };

	for (size_t i = 0; i < sources->count; i++) {
		if (sources->list[i].server) {
			add_authority(context, &items, sources->list[i].server);
		}
	}
	for (size_t i = 0; tier && tier->peering != PEERING_NONE && i < tier->server_count; i++) {
		if (tier->servers[i] != context->host) {
			add_authority(context, &items, tier->servers[i]);
		}
	}
	items_list(&items, value);
}

void
context_maxclock(struct context *context, struct mustache_value *value)
{
	const struct source_list *sources = host_sources(context->host);
	const struct tier *tier = context->host->tier;
	size_t count = context->host->refclocks.count;
	bool pools = false;

	for (size_t i = 0; i < sources->count; i++) {
		const struct upstream *upstream = sources->list[i].upstream;

		pools |= upstream && upstream->maxsources > 0;
		count += 1 + (upstream ? upstream->maxsources : 0);
	}
	if (tier && tier->peering != PEERING_NONE) {
		count += tier->server_count - 1;
	}
	value->kind = pools ? MUSTACHE_TEXT : MUSTACHE_FALSE;
	value->text = pools ? arena_printf(&context->scratch, "%zu", count) : NULL;
}

/* @duration_ns in seconds; NULL: 0 */
static const char *
seconds_or_none(struct context *context, int64_t duration_ns)
{
	const char *text;

	if (duration_ns == 0) {
		return NULL;
	}
	text = context_seconds(&context->scratch, duration_ns < 0 ? -duration_ns : duration_ns);
	return duration_ns < 0 ? arena_printf(&context->scratch, "-%s", text) : text;
}

void
context_clocks(struct context *context, struct mustache_value *value)
{
	const struct refclock_list *clocks = &context->host->refclocks;
	bool follows_pps = context->driver && context->driver->features & DAEMON_FOLLOWS_PPS;
	struct items items = { 0 };

	for (size_t i = 0; i < clocks->count; i++) {
		const struct refclock *clock = &clocks->list[i];
		struct clock_item *item = items_add(context, &items, SCOPE_CLOCK, sizeof(*item));

		char ntp_address[REFCLOCK_TEXT_BYTES];

		refclock_ntp_name(clock, ntp_address);
		item->name = clock->name;
		item->ntp_address = arena_strdup(&context->scratch, ntp_address);
		item->shm = clock->type == REFCLOCK_SHM;
		item->sock = clock->type == REFCLOCK_SOCK;
		item->pps = clock->type == REFCLOCK_PPS;
		item->phc = clock->type == REFCLOCK_PHC;
		item->nmea = clock->type == REFCLOCK_NMEA;
		item->unit = (int)clock->unit;
		item->poll = clock->poll;
		item->device = clock->device;
		item->lock = clock->lock;
		item->offset = seconds_or_none(context, clock->offset_ns);
		item->delay = seconds_or_none(context, clock->delay_ns);
		item->precision = seconds_or_none(context, clock->precision_ns);
		item->baud = (int)clock->baud;
		item->mode = 16 * refclock_speed(clock->baud);
		item->numbers = refclock_numbers(context->host, clock);
		item->noselect = !refclock_is_followed(context->host, clock, follows_pps);
	}
	items_list(&items, value);
}

void
context_extra(struct context *context, struct mustache_value *value)
{
	const char *daemon = context->driver ? context->driver->name : "";
	const struct extra_line *line;
	struct items items = { 0 };

	for (size_t i = 0; (line = host_extra(context->host, daemon, i)); i++) {
		struct extra_item *item = items_add(context, &items, SCOPE_EXTRA, sizeof(*item));

		item->line = line->text;
	}
	items_list(&items, value);
}

bool
context_siblings_help(const struct context *context)
{
	unsigned features = context->driver ? context->driver->features : 0;

	return features & DAEMON_SERVES &&
	    host_siblings_use(context->topology, context->host, features & DAEMON_PREFERS,
		features & DAEMON_RANKS_BY_PROOF) == SIBLINGS_HELP;
}

void
context_siblings(struct context *context, struct mustache_value *value)
{
	const struct tier *tier = context->host->tier;
	bool help = context_siblings_help(context);
	struct items items = { 0 };

	for (size_t i = 0; tier && tier->peering != PEERING_NONE && i < tier->server_count; i++) {
		if (tier->servers[i] != context->host) {
			add_server(
			    context, &items, tier->servers[i], tier->peering == PEERING_SYMMETRIC)
			    ->helps = help && host_may_follow(context->host, tier->servers[i]);
		}
	}
	items_list(&items, value);
}

/* Source: ntpd 4.2.8p15, NTPsec 1.2.2, chrony 4.3. */
static const struct {
	const char *ntp, *chrony;
} key_spellings[] = {
	[KEY_TYPE_AES128CMAC] = { "AES128CMAC", "AES128" },
	[KEY_TYPE_SHA1] = { "SHA1", "SHA1" },
	[KEY_TYPE_SHA256] = { "SHA256", "SHA256" },
	[KEY_TYPE_MD5] = { "MD5", "MD5" },
};

static void
add_key(struct context *context, struct items *items, const struct symmetric_key *key)
{
	struct key_item *item = items_add(context, items, SCOPE_KEY, sizeof(*item));

	item->id = arena_printf(&context->scratch, "%u", key->id);
	item->ntp_type = key_spellings[key->type].ntp;
	item->chrony_type = key_spellings[key->type].chrony;
	item->secret = key->secret_hex;
}

void
context_keys(struct context *context, struct mustache_value *value)
{
	struct key_list keys = topology_keys_of(context->topology, context->host);
	struct items items = { 0 };

	for (size_t i = 0; i < keys.count; i++) {
		if (key_is_known(keys.list[i])) {
			add_key(context, &items, keys.list[i]);
		}
	}
	items_list(&items, value);
}

/*
 * Whether @host asks with @key at boot: a source, or where it has no sources, or none that can
 * prove themselves then, a sibling.
 */
static bool
asks_with(const struct topology *topology, const struct host *host, const struct symmetric_key *key)
{
	const struct source_list *sources = host_sources(host);
	const struct tier *tier = host->tier;
	bool siblings;

	for (size_t i = 0; i < sources->count; i++) {
		const struct host *server = sources->list[i].server;

		if (server && topology_key(topology, host, server) == key) {
			return true;
		}
	}
	siblings = sources->count == 0 || host_proves_by_nts(topology, host);
	for (size_t i = 0; siblings && tier && i < tier->server_count; i++) {
		if (tier->servers[i] != host &&
		    topology_key(topology, host, tier->servers[i]) == key) {
			return true;
		}
	}
	return false;
}

void
context_source_keys(struct context *context, struct mustache_value *value)
{
	struct key_list keys = topology_keys_of(context->topology, context->host);
	struct items items = { 0 };

	for (size_t i = 0; i < keys.count; i++) {
		if (asks_with(context->topology, context->host, keys.list[i])) {
			add_key(context, &items, keys.list[i]);
		}
	}
	items_list(&items, value);
}
