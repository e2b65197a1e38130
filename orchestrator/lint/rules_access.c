/* ACL: who gets time from the servers.  They answer only the networks that the site names. */
#include "orchestrator/lint/rule.h"

#include <stdlib.h>
#include <string.h>

/*
 * The networks of `serve` and `monitors`, sorted by address for a binary search.  A network inside
 * another one is left out.
 */
struct served {
	const struct network **list;
	size_t count;
};

/* The address families of a set of servers.  A DNS name may be of either family. */
enum families {
	FAMILY_V4 = 1 << 0,
	FAMILY_V6 = 1 << 1,
	FAMILY_ANY = FAMILY_V4 | FAMILY_V6,
};

static int
compare_ips(const struct ip *a, const struct ip *b)
{
	if (a->family != b->family) {
		return a->family < b->family ? -1 : 1;
	}
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static int
compare_networks(const void *a, const void *b)
{
	const struct network *x = *(const struct network *const *)a;
	const struct network *y = *(const struct network *const *)b;
	int ips = compare_ips(&x->ip, &y->ip);

	if (ips != 0) {
		return ips;
	}
	return (x->prefix > y->prefix) - (x->prefix < y->prefix); /* the wider network first */
}

static struct served
index_served(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	size_t count = topology->serve_count + topology->monitor_count, kept = 0;
	struct served served = { 0 };
	struct network *single;

	served.list = arena_alloc(&lint->scratch, count * sizeof(*served.list) + 1);
	single = arena_alloc(&lint->scratch, topology->monitor_count * sizeof(*single) + 1);
	for (size_t i = 0; i < topology->serve_count; i++) {
		served.list[i] = &topology->serve[i].network;
	}
	for (size_t i = 0; i < topology->monitor_count; i++) {
		single[i].ip = topology->monitors[i].ip;
		single[i].prefix = single[i].ip.family == IP_V4 ? 32 : 128;
		served.list[topology->serve_count + i] = &single[i];
	}
	if (count > 1) {
		qsort(served.list, count, sizeof(*served.list), compare_networks);
	}
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || !network_contains(served.list[kept - 1], &served.list[i]->ip)) {
			served.list[kept++] = served.list[i];
		}
	}
	served.count = kept;
	return served;
}

static bool
is_served(const struct served *served, const struct ip *ip)
{
	size_t low = 0, high = served->count;

	while (low < high) { /* low: the first network that begins after @ip */
		size_t middle = low + (high - low) / 2;

		if (compare_ips(&served->list[middle]->ip, ip) <= 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low > 0 && network_contains(served->list[low - 1], ip);
}

static unsigned
family_of(const struct address *address)
{
	switch (address->ip.family) {
	case IP_V4:
		return FAMILY_V4;
	case IP_V6:
		return FAMILY_V6;
	case IP_NONE:
		break;
	}
	return FAMILY_ANY;
}

/*
 * The address families of the site's own servers in @sources.  A server of the public pool answers
 * everybody, so it does not count.
 */
static unsigned
families_of(const struct source_list *sources)
{
	unsigned families = 0;

	for (size_t i = 0; i < sources->count && families != FAMILY_ANY; i++) {
		const struct host *server = sources->list[i].server;

		for (size_t a = 0; server && !server->pool && a < server->addresses.count; a++) {
			families |= family_of(&server->addresses.list[a]);
		}
	}
	return families;
}

/* The first address of @host, of one of @families, that gets no answer, or NULL. */
static const struct address *
refused_address(const struct served *served, const struct host *host, unsigned families)
{
	for (size_t i = 0; i < host->addresses.count; i++) {
		const struct address *address = &host->addresses.list[i];

		if (address->ip.family != IP_NONE && (family_of(address) & families) != 0 &&
		    !is_served(served, &address->ip)) {
			return address;
		}
	}
	return NULL;
}

static void
check_group(struct lint *lint, const struct served *served, const struct client_group *group)
{
	unsigned families = families_of(&group->sources);
	const struct address *first_address = NULL;
	const struct host *first = NULL;
	size_t refused = 0;

	for (size_t i = 0; families != 0 && i < group->host_count; i++) {
		const struct address *address = refused_address(served, group->hosts[i], families);

		if (address && refused++ == 0) {
			first = group->hosts[i];
			first_address = address;
		}
	}
	if (refused > 1) {
		lint_report(lint, group->name, first->pos,
		    "%zu of the %zu hosts of client group \"%s\" are in no network of `serve` and "
		    "would get no answer; the first is %s",
		    refused, group->host_count, group->name, first_address->text);
	} else if (refused == 1) {
		lint_report(lint, group->name, first->pos,
		    "%s of client group \"%s\" is in no network of `serve` and would get no answer",
		    first_address->text, group->name);
	}
}

/* Only clients are checked: a server is let in by its address wherever it asks. */
static void
check_unserved_host(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	struct served served = index_served(lint);

	for (size_t i = 0; i < topology->group_count; i++) {
		check_group(lint, &served, &topology->groups[i]);
	}
}

/* The first server that no other server asks, and that is none of the public pool's; or NULL. */
static const struct host *
idle_server(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	bool *asked = arena_alloc(&lint->scratch, topology->server_count + 1);

	for (size_t i = 0; i < topology->tier_count; i++) {
		const struct source_list *sources = &topology->tiers[i].sources;

		for (size_t s = 0; s < sources->count; s++) {
			if (sources->list[s].server) {
				asked[sources->list[s].server - topology->hosts] = true;
			}
		}
	}
	for (size_t i = 0; i < topology->server_count; i++) {
		if (!asked[i] && !topology->hosts[i].pool) {
			return &topology->hosts[i];
		}
	}
	return NULL;
}

/* Clients by name, whose addresses unserved-host does not know. */
static void
check_serves_nobody(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	const struct host *idle;
	bool reported = false;

	if (topology->serve_count > 0) {
		return;
	}
	for (size_t i = 0; i < topology->group_count; i++) {
		const struct client_group *group = &topology->groups[i];
		bool asks = families_of(&group->sources) != 0;
		const struct host *first = NULL;

		for (size_t h = 0; asks && h < group->host_count; h++) {
			if (group->hosts[h]->addresses.list[0].ip.family == IP_NONE) {
				first = first ? first : group->hosts[h];
			}
		}
		if (first) {
			lint_report(lint, group->name, first->pos,
			    "there is no `serve`, so the servers answer nobody, and %s of client "
			    "group \"%s\" would get no time",
			    first->name, group->name);
		}
		reported |= first != NULL || group->host_count > 0;
	}
	idle = reported ? NULL : idle_server(lint);
	if (idle) {
		lint_note(lint, idle->name, idle->pos,
		    "there is no `serve`: %s answers nobody but servers of this site", idle->name);
	}
}

#define V4_PREFIX_MIN 8  /* nobody has a larger network of his own than 10.0.0.0/8, */
#define V6_PREFIX_MIN 16 /* and over IPv6 than what a registry gives to a provider */

/* Networks of IPv6 that are in use at every site: RFC 4193; RFC 4291 section 2.5.6. */
static const struct network own_networks[] = {
	{ { IP_V6, { 0xfc } }, 7 },
	{ { IP_V6, { 0xfe, 0x80 } }, 10 },
};

/* Whether @network is so large that most of it are other people. */
static bool
is_everybody(const struct network *network)
{
	if (network->ip.family == IP_V4) {
		return network->prefix < V4_PREFIX_MIN;
	}
	for (size_t i = 0; i < COUNT(own_networks); i++) {
		const struct network *own = &own_networks[i];

		if (network->prefix >= own->prefix && network_contains(own, &network->ip)) {
			return false;
		}
	}
	return network->prefix < V6_PREFIX_MIN;
}

static void
check_open_serve(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	const struct host *closed = NULL; /* a server that is none of the public pool's */

	for (size_t i = 0; i < topology->server_count && !closed; i++) {
		closed = topology->hosts[i].pool ? NULL : &topology->hosts[i];
	}
	for (size_t i = 0; closed && i < topology->serve_count; i++) {
		const struct network_entry *entry = &topology->serve[i];
		char text[IP_TEXT_BYTES];

		if (is_everybody(&entry->network)) {
			lint_report(lint, closed->name, entry->pos,
			    "`serve` has %s, %s: %s answers them, too, without `pool: true`",
			    network_text(&entry->network, text),
			    entry->network.prefix == 0 ? "which is everybody"
						       : "and most of them are strangers",
			    closed->name);
		}
	}
}

static unsigned
families_of_host(const struct host *host)
{
	unsigned families = 0;

	for (size_t i = 0; i < host->addresses.count; i++) {
		families |= family_of(&host->addresses.list[i]);
	}
	return families;
}

/* Report @asker when it has no address of a family in which @server can be asked. */
static bool
report_families(struct lint *lint, const struct host *asker, const struct host *server)
{
	unsigned mine = families_of_host(asker), its = families_of_host(server);

	if (mine == 0 || its == 0 || (mine & its) != 0) {
		return false;
	}
	lint_report(lint, asker->name, asker->pos,
	    "%s has only %s and is to ask %s, which has only %s: it would have to ask from an "
	    "address that is not declared, and is not let in",
	    asker->name, mine == FAMILY_V4 ? "IPv4" : "IPv6", server->name,
	    its == FAMILY_V4 ? "IPv4" : "IPv6");
	return true;
}

/* Whether all servers of @tier and those that they ask have a family in common: nearly always. */
static bool
have_common_family(const struct tier *tier)
{
	unsigned common = FAMILY_ANY;

	for (size_t i = 0; i < tier->server_count; i++) {
		common &= families_of_host(tier->servers[i]);
	}
	for (size_t i = 0; i < tier->sources.count; i++) {
		const struct host *server = tier->sources.list[i].server;

		common &= server ? families_of_host(server) : FAMILY_ANY;
	}
	return common != 0;
}

/* Once for each server is enough.  Clients may have addresses that nobody declared. */
/* The families in which the site's servers among @sources can be asked. */
static unsigned
families_asked(const struct source_list *sources)
{
	unsigned families = 0;

	for (size_t i = 0; i < sources->count && families != FAMILY_ANY; i++) {
		const struct host *server = sources->list[i].server;
		unsigned its = server ? families_of_host(server) : FAMILY_ANY;

		families |= its == 0 ? FAMILY_ANY : its;
	}
	return families;
}

/* Whether clients may ask from addresses of these families that nobody declared. */
static bool
serves_families(const struct topology *topology, unsigned families)
{
	for (size_t i = 0; i < topology->serve_count; i++) {
		struct address address = { .ip = topology->serve[i].network.ip };

		if (family_of(&address) & families) {
			return true;
		}
	}
	return false;
}

/*
 * Report clients none of whose servers has an address of a family that they have, where `serve`
 * lets nobody in over the other family.
 */
static void
check_group_families(struct lint *lint, const struct client_group *group)
{
	unsigned asked = families_asked(&group->sources);
	const struct host *first = NULL;
	size_t count = 0;

	if (serves_families(lint->topology, asked)) {
		return;
	}
	for (size_t i = 0; asked != FAMILY_ANY && asked != 0 && i < group->host_count; i++) {
		unsigned mine = families_of_host(group->hosts[i]);

		if (mine != 0 && (mine & asked) == 0 && count++ == 0) {
			first = group->hosts[i];
		}
	}
	if (count > 0) {
		lint_report(lint, group->name, first->pos,
		    "%s%s of client group \"%s\" has only %s, and the servers that it asks only "
		    "%s, of which `serve` has no network: it gets no answer",
		    first->name, count > 1 ? ", and others," : "", group->name,
		    asked == FAMILY_V4 ? "IPv6" : "IPv4", asked == FAMILY_V4 ? "IPv4" : "IPv6");
	}
}

static void
check_no_common_family(struct lint *lint)
{
	for (size_t t = 0; t < lint->topology->tier_count; t++) {
		const struct tier *tier = &lint->topology->tiers[t];

		for (size_t i = have_common_family(tier) ? tier->server_count : 0;
		     i < tier->server_count; i++) {
			const struct host *asker = tier->servers[i];
			bool told = false;

			for (size_t s = 0; s < tier->sources.count && !told; s++) {
				const struct host *server = tier->sources.list[s].server;

				told = server && report_families(lint, asker, server);
			}
			for (size_t s = 0; s < tier->server_count && !told; s++) {
				told = tier->peering != PEERING_NONE && s != i &&
				    report_families(lint, asker, tier->servers[s]);
			}
		}
	}
	for (size_t i = 0; i < lint->topology->group_count; i++) {
		check_group_families(lint, &lint->topology->groups[i]);
	}
}

const struct lint_rule rules_access[] = {
	{ .id = "unserved-host",
	    .number = "ACL017",
	    .once = "ACL009",
	    .severity = SEVERITY_ERROR,
	    .summary = "every client whose address is known is in a network of `serve`",
	    .source = "chrony.conf(5), allow; ntp.conf(5), restrict; site.yaml(5), serve",
	    .remedy = "add the host's network to `serve`",
	    .why = "The servers answer the networks of `serve` and nobody else; these hosts "
		   "would ask into silence. The fault shows late: a clock without answers is "
		   "right for hours.",
	    .instead = "serve: [192.0.2.0/24, \"2001:db8::/64\"]   # the networks from which the "
		       "clients ask",
	    .needs_all = true,
	    .check = check_unserved_host },
	{ .id = "serves-nobody",
	    .number = "ACL018",
	    .once = "ACL010",
	    .severity = SEVERITY_ERROR,
	    .summary = "a site whose clients are named says in `serve` from where they ask",
	    .source = "site.yaml(5), serve: nobody else gets an answer",
	    .remedy = "write the networks of the clients, as `serve: [192.0.2.0/24]`",
	    .why = "Without `serve` the servers answer each other and nobody else, and the "
		   "clients that are named here get no time.",
	    .instead = "serve: [192.0.2.0/24]",
	    .needs_all = true,
	    .check = check_serves_nobody },
	{ .id = "open-serve",
	    .number = "CHR001",
	    .once = "ACL011",
	    .where = JUDGED_CHECK | JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "servers answer their own networks; only those of the public pool answer "
		       "everybody",
	    .source = "chrony.conf(5), allow; ntp.conf(5), restrict; ntppool.org, \"How do I join "
		      "pool.ntp.org?\"",
	    .remedy = "write the networks of the site, or `pool: true` at servers that are public",
	    .why = "A server that answers everybody is found by everybody. In February 2014 an "
		   "attacker used 4,529 open NTP servers to send 400 Gbit/s to one customer of "
		   "CloudFlare; the servers' owners had meant to serve their own networks. "
		   "What timetier writes does not amplify, but it answers forged questions all "
		   "the same, and strangers use up the rate limit and the list of clients.",
	    .instead = "serve: [192.0.2.0/24, 198.51.100.0/24]   # your networks; `pool: true` at "
		       "a server that is public",
	    .check = check_open_serve },
	{ .id = "no-common-family",
	    .number = "ACL019",
	    .once = "ACL012",
	    .severity = SEVERITY_WARNING,
	    .summary = "who asks a server of this site has an address of its family, IPv4 or IPv6",
	    .source = "site.yaml(5), address: a server is let in by the addresses that it has",
	    .remedy = "write both addresses of each server, as `address: [192.0.2.1, "
		      "\"2001:db8::1\"]`",
	    .why = "A server lets others in by the addresses that this file gives them. One "
		   "that has only IPv4 here and asks another that has only IPv6 does so from "
		   "an address that nobody declared, and is refused. A client gets no answer "
		   "either, unless `serve` has the address that it asks from.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: all\n"
		       "    servers:\n"
		       "      - {name: time1, address: [192.0.2.1, \"2001:db8::1\"]}\n"
		       "      - {name: time2, address: [192.0.2.2, \"2001:db8::2\"]}",
	    .check = check_no_common_family },
	{ .id = NULL },
};
