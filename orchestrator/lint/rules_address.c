/* ADR: addresses at which no time server can be, and one machine that is two hosts. */
#include "orchestrator/lint/rule.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Networks of which no address is that of another host.  Source: RFC 6890; RFC 4291. */
static const struct {
	const char *network;
	const char *what;
	bool asks; /* packets can come from there all the same */
} unusable[] = {
	{ "127.127.1.0/24", "ntpd's name for the host's own clock, which would confirm itself",
	    true },
	{ "127.0.0.0/8", "the loopback: each host would ask itself", true },
	{ "::1/128", "the loopback: each host would ask itself", true },
	{ "fe80::/10", "a link-local address, which without its link leads nowhere", true },
	{ "0.0.0.0/8", "no address of a host", false },
	{ "::/128", "no address of a host", false },
	{ "224.0.0.0/4", "a multicast address: nobody answers there", false },
	{ "ff00::/8", "a multicast address: nobody answers there", false },
	{ "240.0.0.0/4", "a reserved or broadcast address: nobody answers there", false },
	{ "::ffff:0:0/96",
	    "an IPv4 address in IPv6 form, which is not used between hosts: write it as IPv4",
	    false },
};

/* Names that every host has for itself.  Source: RFC 6761 section 6.3; Debian's /etc/hosts. */
static const char *const own_names[] = {
	"localhost",
	"localhost.localdomain",
	"ip6-localhost",
	"ip6-loopback",
};

/*
 * Why no host is at @ip; NULL: one may be.
 *
 * @asks: where it is only about whom packets come from
 */
static const char *
why_not(const struct ip *ip, bool asks)
{
	for (size_t i = 0; i < COUNT(unusable); i++) {
		struct network network;
		struct error err;

		if (!(asks && unusable[i].asks) &&
		    network_parse(unusable[i].network, &network, &err) == 0 &&
		    network_contains(&network, ip)) {
			return unusable[i].what;
		}
	}
	return NULL;
}

static const char *
why_not_name(const char *name)
{
	static const char suffix[] = ".localhost";
	size_t len = strlen(name);

	for (size_t i = 0; i < COUNT(own_names); i++) {
		if (strcasecmp(own_names[i], name) == 0) {
			return "a name of the loopback: each host would ask itself";
		}
	}
	return len >= sizeof(suffix) && strcasecmp(name + len - (sizeof(suffix) - 1), suffix) == 0
	    ? "a name of the loopback: each host would ask itself"
	    : NULL;
}

static void
check_addresses(
    struct lint *lint, const char *what, const char *name, const struct address_list *addresses)
{
	for (size_t i = 0; i < addresses->count; i++) {
		const struct address *address = &addresses->list[i];
		const char *why = address->ip.family == IP_NONE ? why_not_name(address->text)
								: why_not(&address->ip, false);

		if (why) {
			lint_report(lint, name, address->pos, "%s of %s \"%s\" is %s",
			    address->text, what, name, why);
		}
	}
}

/* Addresses that are let in, and from which no packet comes. */
static void
check_let_in(struct lint *lint)
{
	const struct topology *topology = lint->topology;

	for (size_t i = 0; i < topology->serve_count; i++) {
		const struct network_entry *entry = &topology->serve[i];
		const char *why =
		    entry->network.prefix >= 8 ? why_not(&entry->network.ip, true) : NULL;
		char text[IP_TEXT_BYTES];

		if (why) {
			lint_report(lint, "serve", entry->pos,
			    "%s of `serve` lets nobody in: it is %s",
			    network_text(&entry->network, text), why);
		}
	}
	for (size_t i = 0; i < topology->monitor_count; i++) {
		const struct monitor *monitor = &topology->monitors[i];
		const char *why = why_not(&monitor->ip, true);
		char text[IP_TEXT_BYTES];

		if (why) {
			lint_report(lint, "monitors", monitor->pos,
			    "%s of `monitors` lets nobody in: it is %s",
			    ip_text(&monitor->ip, text), why);
		}
	}
}

static void
check_unusable_address(struct lint *lint)
{
	const struct topology *topology = lint->topology;

	for (size_t i = 0; i < topology->upstream_count; i++) {
		const struct upstream *upstream = &topology->upstreams[i];

		check_addresses(lint, "upstream", upstream->name, &upstream->addresses);
	}
	for (size_t i = 0; i < topology->server_count; i++) {
		const struct host *server = &topology->hosts[i];

		check_addresses(lint, "server", server->name, &server->addresses);
	}
	check_let_in(lint);
}

/* A server's address. */
struct place {
	const struct ip *ip;
	const struct host *server;
};

static int
compare_places(const void *a, const void *b)
{
	const struct ip *x = ((const struct place *)a)->ip, *y = ((const struct place *)b)->ip;

	return x->family != y->family ? (int)x->family - (int)y->family
				      : memcmp(x->bytes, y->bytes, sizeof(x->bytes));
}

static size_t
places_of_servers(const struct topology *topology, struct arena *arena, struct place **places)
{
	size_t count = 0, all = 0;

	for (size_t i = 0; i < topology->server_count; i++) {
		all += topology->hosts[i].addresses.count;
	}
	*places = arena_alloc(arena, all * sizeof(**places) + 1);
	for (size_t i = 0; i < topology->server_count; i++) {
		const struct host *server = &topology->hosts[i];

		for (size_t a = 0; a < server->addresses.count; a++) {
			const struct ip *ip = &server->addresses.list[a].ip;

			if (ip->family != IP_NONE) {
				(*places)[count++] = (struct place){ ip, server };
			}
		}
	}
	if (count > 1) {
		qsort(*places, count, sizeof(**places), compare_places);
	}
	return count;
}

/* A machine that is a server and a client would get one configuration after the other. */
static void
check_same_host(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	struct place *places;
	size_t count = places_of_servers(topology, &lint->scratch, &places);

	for (size_t i = topology->server_count; i < topology->host_count && count > 0; i++) {
		const struct host *client = &topology->hosts[i];

		for (size_t a = 0; a < client->addresses.count; a++) {
			struct place key = { .ip = &client->addresses.list[a].ip };
			const struct place *found = key.ip->family == IP_NONE
			    ? NULL
			    : bsearch(&key, places, count, sizeof(*places), compare_places);

			if (found) {
				lint_report(lint, client->name, client->pos,
				    "client %s has the address of server %s (%s): one machine, "
				    "which would get the one's files and then the other's",
				    client->name, found->server->name,
				    client->addresses.list[a].text);
				break;
			}
		}
	}
}

const struct lint_rule rules_address[] = {
	{ .id = "unusable-address",
	    .number = "ADR001",
	    .severity = SEVERITY_ERROR,
	    .summary = "an address is one at which another host can be reached",
	    .source = "RFC 6890; RFC 4291 section 2; RFC 6761 section 6.3",
	    .remedy = "write the address that other hosts use for it",
	    .why = "A packet to such an address comes back to the host itself, or goes to "
		   "nobody. 127.127.1.0 is ntpd's name for the host's own clock: as a \"source\" "
		   "it agrees with the clock whatever that says, and outlives all real ones.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de}   # where other hosts reach it",
	    .check = check_unusable_address },
	{ .id = "same-host",
	    .number = "ADR002",
	    .severity = SEVERITY_ERROR,
	    .summary = "no machine is a server and a client at once",
	    .source = "site.yaml(5), clients: a host has the files of one role",
	    .remedy = "take it out of the client group: a server keeps its own time, too",
	    .why = "A host has one time daemon and one configuration. As a server it would get "
		   "one file and as a client another, and each rollout would undo the other "
		   "half's work.",
	    .instead = "clients:\n"
		       "  - {name: web, from: core, hosts: \"web[1-9].example.net\"}   # without "
		       "time1, which is a server",
	    .check = check_same_host },
	{ .id = NULL },
};
