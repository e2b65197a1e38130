#include "orchestrator/clients/order.h"

#include <string.h>

static void
put(struct buf *out, const char *word, const struct ip *ip)
{
	char text[IP_TEXT_BYTES];

	if (ip->family != IP_NONE) {
		buf_printf(out, "%s %s\n", word, ip_text(ip, text));
	}
}

static void
put_all(struct buf *out, const char *word, const struct address_list *addresses)
{
	for (size_t i = 0; i < addresses->count; i++) {
		put(out, word, &addresses->list[i].ip);
	}
}

static bool
has_source(const struct host *host, const struct host *server)
{
	const struct source_list *sources = host_sources(host);

	for (size_t i = 0; i < sources->count; i++) {
		if (sources->list[i].server == server) {
			return true;
		}
	}
	return false;
}

bool
clients_asks(const struct host *host, const struct host *server)
{
	return host == server || (host->tier && host->tier == server->tier) ||
	    has_source(host, server);
}

/* Sources and siblings send answers to @server, too. */
static void
put_partners(struct buf *out, const struct host *server)
{
	const struct source_list *sources = host_sources(server);

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->list[i];

		put_all(out, "partner",
		    source->server ? &source->server->addresses : &source->upstream->addresses);
	}
	for (size_t i = 0; server->tier && i < server->tier->server_count; i++) {
		put_all(out, "partner", &server->tier->servers[i]->addresses);
	}
}

/* Monitors and collectors measure all servers, wherever they get their own time from. */
static bool
may_look(const struct topology *topology, const struct ip *ip)
{
	for (size_t i = 0; i < topology->monitor_count; i++) {
		if (ip_equal(&topology->monitors[i].ip, ip)) {
			return true;
		}
	}
	for (size_t i = 0; i < topology->collector_count; i++) {
		char text[IP_TEXT_BYTES];
		const char *at = strstr(topology->collectors[i], ip_text(ip, text));

		if (at && strchr("/[", at[-1]) && strchr(":]/", at[strlen(text)])) {
			return true;
		}
	}
	return false;
}

static void
put_misplaced(struct buf *out, const struct topology *topology, const struct host *host)
{
	for (size_t i = 0; i < host->addresses.count; i++) {
		if (!may_look(topology, &host->addresses.list[i].ip)) {
			put(out, "misplaced", &host->addresses.list[i].ip);
		}
	}
}

void
clients_order(const struct topology *topology, const struct host *server, unsigned seconds,
    const struct ip *watch, struct buf *out)
{
	char text[IP_TEXT_BYTES];

	buf_printf(out, "timetier-clients 1\nseconds %u\n", seconds);
	if (server->pool) {
		buf_text(out, "serve 0.0.0.0/0\nserve ::/0\n");
	}
	for (size_t i = 0; i < topology->serve_count; i++) {
		buf_printf(out, "serve %s\n", network_text(&topology->serve[i].network, text));
	}
	for (size_t i = 0; i < topology->monitor_count; i++) {
		put(out, "serve", &topology->monitors[i].ip);
	}
	put_partners(out, server);
	for (size_t i = 0; i < topology->host_count; i++) {
		const struct host *host = &topology->hosts[i];

		if (host->role == HOST_SERVER) {
			put_all(out, "serve", &host->addresses);
		}
		if (!clients_asks(host, server)) {
			put_misplaced(out, topology, host);
		}
	}
	if (watch) {
		put(out, "watch", watch);
	}
	buf_text(out, "end\n");
}
