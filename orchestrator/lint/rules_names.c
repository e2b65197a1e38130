/* POL, DNS: whether an upstream may be asked as it is written here, and what its name leads to. */
#include "daemons/daemon.h"
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

static void
check_name_of_many(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		struct name_list names = { 0 };

		for (size_t s = 0; s < tier->sources.count; s++) {
			const struct upstream *upstream = tier->sources.list[s].upstream;

			if (upstream && upstream_is_pool(upstream)) {
				name_list_add(&names, upstream->name);
			}
		}
		if (names.count > 0) {
			lint_report(lint, tier->name, tier->pos,
			    "tier \"%s\" takes time from names of the pool (%s): each restart asks "
			    "other servers",
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
	    .why = "A name of the pool leads to other servers each time it is looked up. The "
		   "servers of this tier do not have the same sources, each restart draws new "
		   "ones, and two names may draw the same machine. What was measured yesterday "
		   "does not answer tomorrow. For hosts of no importance that is fine; those "
		   "from which everybody has the time deserve sources that somebody chose.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de, operator: PTB, stratum: 1}\n"
		       "  - {name: netnod, address: sth1.ntp.se, operator: Netnod, stratum: 1}",
	    .check = check_name_of_many },
	{ .id = NULL },
};
