/* PEER: how the servers of a tier compare each other's time. */
#include "daemons/daemon.h"
#include "orchestrator/lint/rule.h"
#include "orchestrator/topology/nts.h"
#include "orchestrator/topology/partners.h"
#include "orchestrator/topology/siblings.h"

/* Servers of a tier without symmetric mode, and those on which a daemon without it may be found. */
struct without {
	struct name_list sure, maybe;
	const struct daemon_driver *driver; /* of the last that is sure; NULL: none is */
};

static void
sort_servers(const struct tier *tier, struct without *without)
{
	for (size_t i = 0; i < tier->server_count; i++) {
		const struct host *server = tier->servers[i];

		if (host_lacks(server, DAEMON_SYMMETRIC)) {
			without->driver = daemon_find(server->daemon);
			name_list_add(&without->sure, server->name);
		} else if (host_may_lack(server, DAEMON_SYMMETRIC)) {
			name_list_add(&without->maybe, server->name);
		}
	}
}

static bool
is_symmetric(const struct tier *tier)
{
	return tier->peering == PEERING_SYMMETRIC && tier->server_count > 1;
}

static void
check_symmetric_unsupported(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		struct without without = { .driver = NULL };

		if (is_symmetric(tier)) {
			sort_servers(tier, &without);
		}
		if (without.driver) {
			lint_report(lint, tier->name, tier->peering_pos,
			    "tier \"%s\" peers symmetrically, which %s cannot (%s): write "
			    "`peering: mesh`",
			    tier->name, without.driver->title, name_list_text(&without.sure));
		} else if (without.maybe.count > 0) {
			lint_warn(lint, tier->name, tier->peering_pos,
			    "tier \"%s\" peers symmetrically: where `daemon: auto` finds NTPsec, "
			    "which cannot, it has no peers (%s)",
			    tier->name, name_list_text(&without.maybe));
		}
	}
}

/* Where a daemon cannot at all, symmetric-unsupported has said what to write. */
static void
check_symmetric(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		struct without without = { .driver = NULL };

		sort_servers(tier, &without);
		if (is_symmetric(tier) && !without.driver) {
			lint_report(lint, tier->name, tier->peering_pos,
			    "tier \"%s\" peers symmetrically: who can forge a packet now and then "
			    "can keep its servers apart; write `peering: mesh`",
			    tier->name);
		}
	}
}

static void
check_no_mesh(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];

		if (tier->peering == PEERING_NONE && tier->server_count > 1) {
			lint_report(lint, tier->name, tier->peering_pos,
			    "the %zu servers of tier \"%s\" do not ask each other: who loses its "
			    "sources has nobody to ask, and who goes wrong nobody to say so",
			    tier->server_count, tier->name);
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
			const struct host *other = tier->servers[j];

			if (!partners_share(partners, host, other) &&
			    !(host_asks_by_nts(host, other) && host_asks_by_nts(other, host))) {
				name_list_add(&names, other->name);
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

			if (source && !partners_share(partners, host, source) &&
			    !host_asks_by_nts(host, source)) {
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

/* Why the siblings of a server are no help to it, in words; NULL: they help, or are not meant to.
 */
static const char *
unused_words(enum siblings_use use)
{
	switch (use) {
	case SIBLINGS_COMBINED:
		return "its daemon combines whoever agrees, and a sibling that is led astray "
		       "would draw it off its sources";
	case SIBLINGS_OUTVOTE:
		return "its siblings are as many as its sources outside, and could bar those";
	case SIBLINGS_UNEVEN:
		return "some of its sources prove themselves and others do not, and chronyd would "
		       "put siblings above those";
	case SIBLINGS_PREFERRED:
		return "one of its sources has `prefer`, and siblings can help only where all have "
		       "it alike";
	case SIBLINGS_HELP:
	case SIBLINGS_NONE:
	case SIBLINGS_ORPHANS:
	case SIBLINGS_SYMMETRIC: /* the rule "symmetric" says so */
		break;
	}
	return NULL;
}

/* What siblings are to @host with the daemon that site.yaml names; SIBLINGS_NONE: it names none. */
static enum siblings_use
use_of(const struct lint *lint, const struct host *host)
{
	const struct daemon_driver *driver = host->daemon ? daemon_find(host->daemon) : NULL;

	return driver && driver->features & DAEMON_SERVES
	    ? host_siblings_use(lint->topology, host, driver->features & DAEMON_PREFERS,
		  driver->features & DAEMON_RANKS_BY_PROOF)
	    : SIBLINGS_NONE;
}

/*
 * Report the first server of each tier that its siblings cannot help.  Beside a daemon that they
 * can, one that they cannot is no finding: different daemons in a tier are worth more.
 */
static void
check_siblings_unused(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		const struct host *host = NULL;
		size_t combined = 0;

		for (size_t s = 0; s < tier->server_count; s++) {
			enum siblings_use use = use_of(lint, tier->servers[s]);

			combined += use == SIBLINGS_COMBINED;
			if (use != SIBLINGS_COMBINED && !host && unused_words(use)) {
				host = tier->servers[s];
			}
		}
		if (combined > 0 && combined == tier->server_count) {
			host = tier->servers[0];
		}
		if (host) {
			lint_report(lint, tier->name, tier->pos,
			    "%s runs free beside its siblings when its sources are gone: %s",
			    host->name, unused_words(use_of(lint, host)));
		}
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
	    .why = "NTPsec has no symmetric mode: it reads `peer` as `server`, and before "
		   "1.2.5 it drops the packets that a peer sends. The two ends believe that "
		   "they watch each other; one of them hears nothing.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: all\n"
		       "    peering: mesh          # client/server lines both ways: all daemons "
		       "understand them\n"
		       "    servers: [{name: time1, address: 192.0.2.1}]",
	    .check = check_symmetric_unsupported },
	{ .id = "symmetric",
	    .number = "PEER002",
	    .severity = SEVERITY_WARNING,
	    .summary = "servers of a tier ask each other as clients, not in symmetric mode",
	    .source = "chrony.conf(5), peer; RFC 8633 section 5.6; CVE-2015-1799",
	    .remedy = "write `peering: mesh`, or leave `peering` out",
	    .why = "In symmetric mode a packet that nobody asked for changes the state of the "
		   "other end. An attacker who sends a forged one now and then keeps two peers "
		   "from ever synchronising, even where they share a key (CVE-2015-1799); "
		   "chrony's and NTPsec's manuals advise against `peer`. Client/server lines "
		   "in both directions do the same job without that hole.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: all\n"
		       "    peering: mesh          # the default\n"
		       "    servers: [{name: time1, address: 192.0.2.1}]",
	    .check = check_symmetric },
	{ .id = "unkeyed-siblings",
	    .number = "PEER003",
	    .severity = SEVERITY_ERROR,
	    .summary = "servers that ask each other share a key",
	    .source = "RFC 8633 section 5.6; RFC 5905 section 9.2",
	    .remedy =
		"`timetier keys new` writes the keys that are missing; name their file in `keys`",
	    .why = "Without a key anybody who can send a packet with a server's address can "
		   "speak for it. Siblings are asked often and inside the site, which makes "
		   "them the easiest voice to imitate.",
	    .instead = "keys: keys.yaml            # `timetier keys new` writes a key for each "
		       "pair of servers",
	    .needs_all = true,
	    .check = check_unkeyed_siblings },
	{ .id = "no-mesh",
	    .number = "PEER007",
	    .severity = SEVERITY_WARNING,
	    .summary = "the servers of a tier know each other's time",
	    .source = "site.yaml(5), peering",
	    .remedy = "leave `peering` out; `timetier keys new` writes the keys",
	    .why = "Each of these servers judges its time alone. A server whose clock or line "
		   "goes wrong has nobody beside it who says so, and one that loses its "
		   "outside sources has nobody to ask, although its siblings have theirs.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: all\n"
		       "    peering: mesh          # the default; `timetier keys new` writes the "
		       "keys that it needs\n"
		       "    servers:\n"
		       "      - {name: time1, address: 192.0.2.1}\n"
		       "      - {name: time2, address: 192.0.2.2}",
	    .check = check_no_mesh },
	/* The loader reports it: such a site cannot be used. */
	{ .id = "source-loop",
	    .number = "PEER008",
	    .severity = SEVERITY_ERROR,
	    .summary = "time flows down: no tier takes it from itself, not even by way of others",
	    .source = "RFC 5905 section 11.2: a daemon sees a loop of two, and none of three",
	    .remedy = "let `from` name tiers above this one alone",
	    .why = "Tiers in a circle confirm each other: whatever error one of them has comes "
		   "back to it as the time of the others. Each daemon sees only that its own "
		   "source is not itself, so a circle of three is seen by none.",
	    .instead =
		"tiers:\n"
		"  - {name: core, upstreams: all, servers: [{name: time1, address: 192.0.2.1}]}\n"
		"  - {name: branch, from: core, servers: [{name: time2, address: 192.0.2.2}]}   # "
		"downwards only" },
	{ .id = "unkeyed-sources",
	    .number = "PEER009",
	    .once = "PEER004",
	    .severity = SEVERITY_WARNING,
	    .summary = "a server shares a key with each server of this site from which it takes "
		       "time",
	    .source = "RFC 8633 section 4.1; RFC 5905 section 9.2",
	    .remedy = "`timetier keys new` adds a key per pair; the servers above learn them first",
	    .why = "A lower tier has all its time from the servers above it. A forged answer "
		   "there passes for the whole site's agreement; a key for each pair rules it "
		   "out.",
	    .instead = "keys: keys.yaml            # `timetier keys new` adds a key for each pair",
	    .needs_all = true,
	    .check = check_unkeyed_sources },
	{ .id = "siblings-unused",
	    .number = "PEER010",
	    .severity = SEVERITY_NOTE,
	    .summary = "a server that loses its sources is helped by its siblings",
	    .source = "doc/restart-scenarios.md, \"Siblings\"",
	    .remedy =
		"chrony on a server of the tier; for it more sources outside than siblings, and "
		"sources that all have NTS, or none",
	    .why = "A server whose sources are gone follows its siblings, who have theirs. It "
		   "does so only where it was measured that nothing gets worse. An ntpd combines "
		   "whoever agrees: a sibling whose upstreams were 300 ms wrong drew one by 25 ms "
		   "off five good sources of its own. A chronyd prefers its sources. As many "
		   "siblings as sources could bar it from those. With NTS on some upstreams alone, "
		   "siblings with "
		   "their keys would rank with those. Such a server watches its siblings and runs "
		   "free.",
	    .instead =
		"upstreams:\n"
		"  - {name: ptb, address: ptbtime1.ptb.de, operator: PTB, nts: true}\n"
		"  - {name: netnod, address: nts.netnod.se, operator: Netnod, nts: true}   # "
		"all of them, or none",
	    .check = check_siblings_unused },
	{ .id = NULL },
};
