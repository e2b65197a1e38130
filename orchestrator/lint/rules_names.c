/* POL, DNS: whether an upstream may be asked as it is written here, and what its name leads to. */
#include "daemons/daemon.h"
#include "orchestrator/catalogue/catalogue.h"
#include "orchestrator/lint/rule.h"

#include <string.h>
#include <strings.h>

/* Zones of pool.ntp.org that are no vendor's.  Those of countries have two letters. */
static const char *const continents[] = {
	"africa",
	"asia",
	"europe",
	"north-america",
	"oceania",
	"south-america",
};

/* The vendor whose zone of the pool @key names, as "debian" of "2.debian.pool.ntp.org"; or NULL. */
static const char *
vendor_of(const char *key, size_t *len)
{
	static const char pool[] = ".pool.ntp.org";
	const char *zone = pool_zone(key);
	size_t all;

	zone = zone ? zone : key;
	all = strlen(zone);
	if (all < sizeof(pool) || strcmp(zone + all - (sizeof(pool) - 1), pool) != 0) {
		return NULL;
	}
	*len = all - (sizeof(pool) - 1);
	if (*len <= 2 || memchr(zone, '.', *len)) {
		return NULL; /* a number or a country; or a zone of a zone, which nobody has */
	}
	for (size_t i = 0; i < COUNT(continents); i++) {
		if (strlen(continents[i]) == *len && memcmp(continents[i], zone, *len) == 0) {
			return NULL;
		}
	}
	return zone;
}

static void
check_vendor_zone(struct lint *lint)
{
	char key[ADDRESS_KEY_BYTES];
	size_t len = 0;

	for (size_t i = 0; i < lint->topology->upstream_count; i++) {
		const struct upstream *upstream = &lint->topology->upstreams[i];

		for (size_t a = 0; a < upstream->addresses.count; a++) {
			const struct address *address = &upstream->addresses.list[a];
			const char *vendor;

			address_spell(address, key);
			vendor = vendor_of(key, &len);
			if (vendor) {
				lint_report(lint, upstream->name, address->pos,
				    "%s is the part of the pool for hosts as \"%.*s\" ships them",
				    address->text, (int)len, vendor);
				break;
			}
		}
	}
}

static bool
is_own(const struct topology *topology, const struct ip *ip)
{
	for (size_t i = 0; i < topology->serve_count; i++) {
		if (network_contains(&topology->serve[i].network, ip)) {
			return true;
		}
	}
	return false;
}

/* Whether its operator publishes the number: then it is as good as a name. */
static bool
is_published(const struct address *address)
{
	char key[ADDRESS_KEY_BYTES];

	address_spell(address, key);
	return catalogue_find(key) != NULL;
}

static void
check_no_permission(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->upstream_count; i++) {
		const struct upstream *upstream = &lint->topology->upstreams[i];

		for (size_t a = 0; a < upstream->addresses.count; a++) {
			const struct address *address = &upstream->addresses.list[a];

			if (!upstream->permission && ip_is_public(&address->ip) &&
			    !is_published(address) && !is_own(lint->topology, &address->ip)) {
				lint_report(lint, upstream->name, address->pos,
				    "\"%s\" is asked by its number %s: its operator cannot move "
				    "it, and nothing here says that he agreed",
				    upstream->name, address->text);
				break;
			}
		}
	}
}

/* What is said of a service that is not for everybody; NULL: it is. */
static const char *
not_for_us(const struct service *service)
{
	switch (service->access) {
	case SERVICE_RESTRICTED:
		return "is for some networks alone";
	case SERVICE_CLOSED:
		return "is closed";
	case SERVICE_VENDOR:
		return "is for the products of its vendor";
	case SERVICE_OPEN:
	case SERVICE_TOLD:
	case SERVICE_POOL:
	case SERVICE_INSIDE: /* who is not inside gets no answer */
	case SERVICE_UNKNOWN:
		break;
	}
	return NULL;
}

static void
check_closed_server(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->upstream_count; i++) {
		const struct upstream *upstream = &lint->topology->upstreams[i];
		const struct service *service = upstream_service(upstream);
		const struct address *address = upstream->addresses.list;

		if (!service || upstream->permission || upstream_is_pool(upstream)) {
			continue; /* vendor-zone tells of the pool's */
		}
		if (not_for_us(service)) {
			lint_report(lint, upstream->name, address->pos, "%s of %s %s: \"%s\" (%s)",
			    address->text, service->operator_name, not_for_us(service),
			    service->terms, service->source);
		} else if (service->access == SERVICE_TOLD) {
			lint_note(lint, upstream->name, address->pos,
			    "the operator of %s (%s) asks to be told who uses it: \"%s\" (%s)",
			    address->text, service->operator_name, service->terms, service->source);
		}
	}
}

static bool
has_name(const struct source_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct upstream *upstream = list->list[i].upstream;

		if (upstream && upstream->addresses.count > 0 &&
		    upstream->addresses.list[0].ip.family == IP_NONE) {
			return true;
		}
	}
	return false;
}

/* Whether a daemon that may run on @host looks names up at its start alone. */
static bool
may_keep_names(const struct host *host)
{
	for (size_t i = 0; daemon_drivers[i]; i++) {
		const struct daemon_driver *driver = daemon_drivers[i];

		if (!driver->refresh_commands &&
		    (strcmp(host->daemon, driver->name) == 0 ||
			(strcmp(host->daemon, "auto") == 0 &&
			    (driver->features & DAEMON_SERVES)))) {
			return true;
		}
	}
	return false;
}

static void
check_name_fixed(struct lint *lint)
{
	for (size_t i = 0; !site_is_watched(lint->topology) && i < lint->topology->tier_count;
	     i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		struct name_list names = { 0 };

		for (size_t s = 0; has_name(&tier->sources) && s < tier->server_count; s++) {
			if (may_keep_names(tier->servers[s])) {
				name_list_add(&names, tier->servers[s]->name);
			}
		}
		if (names.count > 0) {
			lint_report(lint, tier->name, tier->pos,
			    "tier \"%s\" has sources by name, which %s may look up at the start "
			    "alone, and nobody would see that one has moved",
			    tier->name, name_list_text(&names));
		}
	}
}

static bool
leads_to_many(const struct upstream *upstream)
{
	const struct service *service = upstream_service(upstream);

	return upstream_is_pool(upstream) || (service && service->servers == SERVICE_MANY);
}

static void
check_name_of_many(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		struct name_list names = { 0 };

		for (size_t s = 0; s < tier->sources.count; s++) {
			const struct upstream *upstream = tier->sources.list[s].upstream;

			if (upstream && leads_to_many(upstream)) {
				name_list_add(&names, upstream->name);
			}
		}
		if (names.count > 0) {
			lint_report(lint, tier->name, tier->pos,
			    "tier \"%s\" takes time from names of many servers (%s): each restart "
			    "asks others",
			    tier->name, name_list_text(&names));
		}
	}
}

const struct lint_rule rules_names[] = {
	{ .id = "vendor-zone",
	    .number = "POL002",
	    .severity = SEVERITY_NOTE,
	    .summary = "a zone of the pool that a vendor has for its products is left to these",
	    .source = "ntppool.org, \"The NTP Pool for vendors\"",
	    .remedy = "write the zone of the country or continent, as 0.europe.pool.ntp.org, or "
		      "named servers",
	    .why = "N.debian.pool.ntp.org and its like are for hosts as their vendor ships "
		   "them, so that the pool can see, and turn off, what a vendor's product "
		   "does. The servers behind them are the pool's. A site that chooses its "
		   "sources by hand uses the pool's own zones, which are near, or better named "
		   "servers, which stay the same.",
	    .instead = "upstreams:\n"
		       "  - {name: pool0, address: 0.europe.pool.ntp.org}\n"
		       "  - {name: pool1, address: 1.europe.pool.ntp.org}",
	    .check = check_vendor_zone },
	{ .id = "no-permission",
	    .number = "POL004",
	    .severity = SEVERITY_WARNING,
	    .summary = "who is asked by number has agreed to it",
	    .source = "RFC 4085 (BCP 105); RFC 8633 section 3.6",
	    .remedy = "write the name that its operator publishes, or who agreed, and when, in "
		      "`permission`",
	    .why = "An address in a configuration outlives the agreement that it came from. "
		   "The University of Wisconsin found the address of its server in 700,000 "
		   "routers in 2003 (RFC 4085); Poul-Henning Kamp found his in those of D-Link "
		   "in 2005, for a server that was open to servers of one exchange alone. An "
		   "operator who publishes a name can move it; a number has to be agreed on.",
	    .instead = "upstreams:\n"
		       "  - {name: uni, address: 198.51.100.7, operator: Uni, permission: \"mail "
		       "of J. Doe, 2026-05-04\"}\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de, operator: PTB}          # or the "
		       "name that is published",
	    .check = check_no_permission },
	{ .id = "closed-server",
	    .number = "POL005",
	    .severity = SEVERITY_WARNING,
	    .summary = "a public server is asked by those for whom it is meant",
	    .source = "RFC 8633 section 3.6; each operator's page, as the finding names it",
	    .remedy = "replace it, or write who allowed it, and when, in `permission`",
	    .why = "Its operator says who may use it, and a site like yours is not among them. "
		   "Lists that are copied around name such servers all the same: gps.dix.dk "
		   "was open to servers of the Danish exchange alone, stood in a public list "
		   "with that condition, and D-Link built it into routers; the traffic nearly "
		   "ended the service.",
	    .instead = "upstreams:\n"
		       "  - {name: own, address: time.provider.example, operator: Provider, "
		       "permission: \"contract 2026-17\"}",
	    .check = check_closed_server },
	{ .id = "name-fixed",
	    .number = "DNS001",
	    .severity = SEVERITY_WARNING,
	    .summary = "somebody would see that the name of a source leads elsewhere by now",
	    .source = "ntp.conf(5), server; NTPsec 1.2.2, ntpd/ntp_dns.c: looked up at the start",
	    .remedy = "write `collectors` or `monitors`; chrony looks up again by itself",
	    .why = "ntpd and NTPsec look a name up when they start. When its operator moves "
		   "the server, they ask the old address until somebody restarts them; the "
		   "pool warns those who join that questions keep coming for years after they "
		   "left. With agents (`collectors`) timetier sees names that moved, and "
		   "`timetier refresh` mends them; a monitor at least sees that the source is "
		   "silent. Here nobody would.",
	    .instead =
		"collectors: [\"https://192.0.2.254:8123\"]   # where `timetier serve` runs\n"
		"monitors: [192.0.2.9]                      # or whatever else asks the servers "
		"for their state",
	    .needs_all = true,
	    .check = check_name_fixed },
	{ .id = "name-of-many",
	    .number = "DNS002",
	    .where = JUDGED_CHECK | JUDGED_PROBE,
	    .severity = SEVERITY_NOTE,
	    .summary = "the sources of a tier are servers that somebody chose",
	    .source = "ntppool.org, \"How do I use pool.ntp.org?\"; RFC 8633 section 3.2",
	    .remedy = "replace names of the pool by named servers of several operators",
	    .why = "A name of the pool, or of a service of many machines, leads to other "
		   "servers each time it is looked up. The servers of this tier do not have "
		   "the same sources, each restart draws new ones, and two names may draw the "
		   "same machine. What was measured yesterday does not answer tomorrow. For "
		   "hosts of no importance that is fine; those from which everybody has the "
		   "time deserve sources that somebody chose.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de, operator: PTB, stratum: 1}\n"
		       "  - {name: netnod, address: sth1.ntp.se, operator: Netnod, stratum: 1}",
	    .check = check_name_of_many },
	{ .id = NULL },
};
