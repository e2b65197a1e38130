/* Whom a server answers: the networks of `serve`, the servers that ask it, the monitors. */
#include "common/shorten.h"
#include "orchestrator/render/items.h"

/* Whether the host answers all of @family: it serves the public pool, or serve is [0.0.0.0/0]. */
static bool
is_public(const struct context *context, enum ip_family family)
{
	const struct topology *topology = context->topology;

	if (context->host->role != HOST_SERVER) {
		return false;
	}
	for (size_t i = 0; i < topology->serve_count; i++) {
		const struct network *network = &topology->serve[i].network;

		if (network->prefix == 0 && network->ip.family == family) {
			return true;
		}
	}
	return context->host->pool;
}

void
context_public_ipv4(struct context *context, struct mustache_value *value)
{
	value->kind = is_public(context, IP_V4) ? MUSTACHE_TRUE : MUSTACHE_FALSE;
}

void
context_public_ipv6(struct context *context, struct mustache_value *value)
{
	value->kind = is_public(context, IP_V6) ? MUSTACHE_TRUE : MUSTACHE_FALSE;
}

static bool
served_by_network(const struct topology *topology, const struct ip *ip)
{
	for (size_t i = 0; i < topology->serve_count; i++) {
		if (network_contains(&topology->serve[i].network, ip)) {
			return true;
		}
	}
	return false;
}

/*
 * Whether `deny` has all of @network.  A narrower network counts more than a wider one, so it needs
 * a line of its own where everybody else is answered, too.
 */
static bool
is_inside_denied(const struct topology *topology, const struct network *network)
{
	for (size_t i = 0; i < topology->deny_count; i++) {
		const struct deny *deny = &topology->denies[i];

		for (size_t n = 0; n < deny->net_count; n++) {
			if (deny->nets[n].network.prefix < network->prefix &&
			    network_contains(&deny->nets[n].network, &network->ip)) {
				return true;
			}
		}
	}
	return false;
}

/*
 * Whether @network is a monitor.  A monitor has a line of its own that allows more; a daemon would
 * merge two lines for one address.
 */
static bool
is_monitor(const struct topology *topology, const struct network *network)
{
	for (size_t i = 0; i < topology->monitor_count; i++) {
		const struct ip *ip = &topology->monitors[i].ip;

		if (network->prefix == (ip->family == IP_V4 ? 32 : 128) &&
		    ip_equal(ip, &network->ip)) {
			return true;
		}
	}
	return false;
}

static struct network_item *
add_network(
    struct context *context, struct items *items, const struct network *network, const char *whose)
{
	struct network_item *item = items_add(context, items, SCOPE_NETWORK, sizeof(*item));
	struct arena *arena = &context->scratch;

	item->network = network_text(network, arena_alloc(arena, IP_TEXT_BYTES));
	item->address = ip_text(&network->ip, arena_alloc(arena, IP_TEXT_BYTES));
	item->mask = network_mask_text(network, arena_alloc(arena, IP_TEXT_BYTES));
	item->whose = whose;
	return item;
}

static struct network
network_of_one(const struct ip *ip)
{
	return (struct network){ .ip = *ip, .prefix = ip->family == IP_V4 ? 32 : 128 };
}

/* Call @each for the servers that ask @context->host: its siblings, and servers of tiers below. */
static void
for_each_asking_server(struct context *context, struct items *items,
    void (*each)(struct context *context, struct items *items, const struct host *server))
{
	const struct topology *topology = context->topology;

	for (size_t t = 0; t < topology->tier_count; t++) {
		const struct tier *tier = &topology->tiers[t];
		bool asks = tier == context->host->tier && tier->peering != PEERING_NONE;

		for (size_t i = 0; i < tier->sources.count; i++) {
			asks = asks || tier->sources.list[i].server == context->host;
		}
		for (size_t i = 0; asks && i < tier->server_count; i++) {
			if (tier->servers[i] != context->host) {
				each(context, items, tier->servers[i]);
			}
		}
	}
}

static void
add_addresses(struct context *context, struct items *items, const struct host *server)
{
	for (size_t i = 0; i < server->addresses.count; i++) {
		const struct ip *ip = &server->addresses.list[i].ip;
		struct network network = network_of_one(ip);

		if (ip->family != IP_NONE && !is_public(context, ip->family) &&
		    !served_by_network(context->topology, ip) &&
		    !is_monitor(context->topology, &network)) {
			add_network(context, items, &network, server->name);
		}
	}
}

static void
add_names(struct context *context, struct items *items, const struct host *server)
{
	for (size_t i = 0; i < server->addresses.count; i++) {
		if (server->addresses.list[i].ip.family == IP_NONE) {
			struct text_item *item =
			    items_add(context, items, SCOPE_TEXT, sizeof(*item));

			item->text = server->addresses.list[i].text;
		}
	}
}

void
context_serve(struct context *context, struct mustache_value *value)
{
	const struct topology *topology = context->topology;
	struct items items = { 0 };

	if (context->host->role != HOST_SERVER) {
		return;
	}
	for (size_t i = 0; i < topology->serve_count; i++) {
		const struct network *network = &topology->serve[i].network;

		if ((!is_public(context, network->ip.family) ||
			is_inside_denied(topology, network)) &&
		    !is_monitor(topology, network)) {
			add_network(context, &items, network, NULL);
		}
	}
	for_each_asking_server(context, &items, add_addresses);
	items_list(&items, value);
}

void
context_named(struct context *context, struct mustache_value *value)
{
	struct items items = { 0 };

	if (context->host->role == HOST_SERVER) {
		for_each_asking_server(context, &items, add_names);
		items_list(&items, value);
	}
}

/* Add the addresses for which the host proves by @way; by VERIFY_SWITCH: those that it is silent
 * to. */
static void
add_verifiers(struct context *context, struct mustache_value *value, enum verify_way way)
{
	const struct topology *topology = context->topology;
	struct items items = { 0 };

	for (size_t i = 0; i < topology->verify_count; i++) {
		const struct verify *verify = &topology->verifies[i];
		struct network network;

		if (verify->host != context->host || verify->way != way ||
		    (way == VERIFY_SWITCH && verify->answers)) {
			continue;
		}
		network = network_of_one(&verify->by.list[0].ip);
		if (way != VERIFY_STATUS || !is_monitor(topology, &network)) {
			add_network(context, &items, &network, NULL);
		}
	}
	items_list(&items, value);
}

void
context_verify_status(struct context *context, struct mustache_value *value)
{
	add_verifiers(context, value, VERIFY_STATUS);
}

void
context_verify_version(struct context *context, struct mustache_value *value)
{
	add_verifiers(context, value, VERIFY_VERSION);
}

void
context_verify_silent(struct context *context, struct mustache_value *value)
{
	add_verifiers(context, value, VERIFY_SWITCH);
}

void
context_verify_servers(struct context *context, struct mustache_value *value)
{
	const struct topology *topology = context->topology;
	struct items items = { 0 };

	for (size_t i = 0; i < topology->verify_count; i++) {
		const struct verify *verify = &topology->verifies[i];

		if (verify->host == context->host && verify->way == VERIFY_ASSOCIATION) {
			struct source_item *item =
			    items_add(context, &items, SCOPE_SOURCE, sizeof(*item));

			item->name = item->address = verify->by.list[0].text;
		}
	}
	items_list(&items, value);
}

void
context_monitors(struct context *context, struct mustache_value *value)
{
	const struct topology *topology = context->topology;
	struct items items = { 0 };

	if (context->host->role != HOST_SERVER) {
		return;
	}
	for (size_t i = 0; i < topology->monitor_count; i++) {
		struct network network = network_of_one(&topology->monitors[i].ip);

		add_network(context, &items, &network, NULL);
	}
	items_list(&items, value);
}

/* The reason as a comment of one line: chronyd takes a line of 2,048 bytes for two. */
static const char *
because_of(struct context *context, const struct deny *deny)
{
	char text[160];

	shorten(text, sizeof(text), deny->because);
	return arena_strdup(&context->scratch, text);
}

void
context_denied(struct context *context, struct mustache_value *value)
{
	const struct topology *topology = context->topology;
	struct items items = { 0 };

	if (context->host->role != HOST_SERVER) {
		return;
	}
	for (size_t i = 0; i < topology->deny_count; i++) {
		const struct deny *deny = &topology->denies[i];

		for (size_t n = 0; n < deny->net_count; n++) {
			struct network_item *item =
			    add_network(context, &items, &deny->nets[n].network, NULL);

			item->because = n == 0 ? because_of(context, deny) : NULL;
		}
	}
	items_list(&items, value);
}
