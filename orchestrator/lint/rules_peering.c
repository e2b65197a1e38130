/* PEER: how the servers of a tier compare each other's time. */
#include "daemons/daemon.h"
#include "orchestrator/lint/rule.h"
#include "orchestrator/topology/partners.h"

static void
check_symmetric_unsupported(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		const struct daemon_driver *driver = NULL;
		struct name_list names = { 0 };

		if (tier->peering != PEERING_SYMMETRIC || tier->server_count < 2) {
			continue;
		}
		for (size_t s = 0; s < tier->server_count; s++) {
			if (host_lacks(tier->servers[s], DAEMON_SYMMETRIC)) {
				driver = daemon_find(tier->servers[s]->daemon);
				name_list_add(&names, tier->servers[s]->name);
			}
		}
		if (driver) {
			lint_report(lint, tier->name, tier->peering_pos,
			    "tier \"%s\" peers symmetrically, which %s cannot (%s): write "
			    "`peering: mesh`",
			    tier->name, driver->title, name_list_text(&names));
		}
	}
}

/* Report the first server of @tier that lacks a key with some siblings; then stop. */
static void
check_pairs(struct lint *lint, struct partners *partners, const struct tier *tier)
{
	for (size_t i = 0; i + 1 < tier->server_count; i++) {
		const struct host *host = tier->servers[i];
		struct name_list names = { 0 };

		partners_mark(partners, host);
		for (size_t j = i + 1; j < tier->server_count; j++) {
			if (!partners_share(partners, host, tier->servers[j])) {
				name_list_add(&names, tier->servers[j]->name);
			}
		}
		if (names.count > 0) {
			lint_report(lint, tier->name, tier->peering_pos,
			    "servers of tier \"%s\" ask each other without a key: %s shares "
			    "none with %s",
			    tier->name, host->name, name_list_text(&names));
			return;
		}
	}
}

static void
check_unkeyed_siblings(struct lint *lint)
{
	struct partners partners;

	partners_init(&partners, lint->topology, &lint->scratch);
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];

		if (tier->peering != PEERING_NONE) {
			check_pairs(lint, &partners, tier);
		}
	}
}

/* Report the first server of @tier that lacks a key with some of its sources; then stop. */
static void
check_sources(struct lint *lint, struct partners *partners, const struct tier *tier)
{
	for (size_t i = 0; i < tier->server_count; i++) {
		const struct host *host = tier->servers[i];
		struct name_list names = { 0 };

		partners_mark(partners, host);
		for (size_t s = 0; s < tier->sources.count; s++) {
			const struct host *source = tier->sources.list[s].server;

			if (source && !partners_share(partners, host, source)) {
				name_list_add(&names, source->name);
			}
		}
		if (names.count > 0) {
			lint_report(lint, tier->name, tier->pos,
			    "servers of tier \"%s\" take time from servers of this site without "
			    "a key: %s shares none with %s",
			    tier->name, host->name, name_list_text(&names));
			return;
		}
	}
}

static void
check_unkeyed_sources(struct lint *lint)
{
	struct partners partners;

	partners_init(&partners, lint->topology, &lint->scratch);
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		check_sources(lint, &partners, &lint->topology->tiers[i]);
	}
}

const struct lint_rule rules_peering[] = {
	{ .id = "symmetric-unsupported",
	    .number = "PEER001",
	    .severity = SEVERITY_ERROR,
	    .summary = "servers peer symmetrically only where the daemon of every one can",
	    .source = "NTPsec's documentation, assoc.html; NTPsec before 1.2.5 drops such packets",
	    .remedy = "write `peering: mesh`: mutual client/server lines, which all daemons "
		      "understand",
	    .check = check_symmetric_unsupported },
	{ .id = "unkeyed-siblings",
	    .number = "PEER003",
	    .severity = SEVERITY_ERROR,
	    .summary = "servers that ask each other share a key",
	    .source = "RFC 8633 section 5.6; RFC 5905 section 9.2",
	    .remedy =
		"`timetier keys new` writes the keys that are missing; name their file in `keys`",
	    .needs_all = true,
	    .check = check_unkeyed_siblings },
	{ .id = "unkeyed-sources",
	    .number = "PEER009",
	    .once = "PEER004",
	    .severity = SEVERITY_WARNING,
	    .summary = "a server shares a key with each server of this site from which it takes "
		       "time",
	    .source = "RFC 8633 section 4.1; RFC 5905 section 9.2",
	    .remedy = "`timetier keys new` adds a key per pair; the servers above learn them first",
	    .needs_all = true,
	    .check = check_unkeyed_sources },
	{ .id = NULL },
};
