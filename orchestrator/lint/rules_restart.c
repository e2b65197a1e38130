/* RST, ORP, BUD: what a restart or the loss of all sources may do to a clock, and what is healthy.
 */
#include "orchestrator/lint/rule.h"
#include "orchestrator/topology/nts.h"

static void
check_low_quorum(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		unsigned quorum = tier_quorum(tier);
		struct pos pos = tier->quorum_pos.line > 0 ? tier->quorum_pos : tier->pos;
		struct quorum_need need;

		if (tier->isolated || tier_source_count(tier) == 0 || lint->tiers[i].doubtful) {
			continue;
		}
		need = quorum_needed(lint, tier);
		if (quorum >= need.count) {
			continue;
		}
		if (need.because_of) {
			lint_report(lint, tier->name, pos,
			    "a server of tier \"%s\" obeys when %u of its %u sources agree, and "
			    "%u "
			    "of them are of one operator (%s): write `quorum: %u`",
			    tier->name, quorum, tier_source_count(tier), need.count - 1,
			    need.because_of, need.count);
		} else {
			lint_report(lint, tier->name, pos,
			    "a server of tier \"%s\" obeys when %u of its %u sources %s; after a "
			    "restart, those that answer first set its clock: at least %u must "
			    "agree",
			    tier->name, quorum, tier_source_count(tier),
			    quorum == 1 ? "answers" : "agree", need.count);
		}
	}
}

/* An isolated tier has a quorum of one: orphan-quorum says so. */
static void
check_high_quorum(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		unsigned count = tier_source_count(tier);

		if (!tier->isolated && count > 0 && tier->quorum > count &&
		    !lint->tiers[i].doubtful) {
			lint_report(lint, tier->name, tier->quorum_pos,
			    "tier \"%s\" obeys when %u sources agree, and it has %u: its servers "
			    "would never follow any",
			    tier->name, tier->quorum, count);
		}
	}
}

/* What is measured as an offset is a part of the error bound. */
static void
report_budget(struct lint *lint, const char *what, const char *name, struct pos pos,
    const struct budget *budget)
{
	if (budget->offset_ns > 0 && budget->error_bound_ns > 0 &&
	    budget->error_bound_ns <= budget->offset_ns) {
		lint_report(lint, name, pos,
		    "%s \"%s\" may be off by %g ms, and its error bound, which contains that "
		    "offset, must stay below %g ms: the limit of the offset has no effect",
		    what, name, (double)budget->offset_ns / NS_PER_MS,
		    (double)budget->error_bound_ns / NS_PER_MS);
	}
}

static void
check_budget_order(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];

		report_budget(lint, "tier", tier->name, tier->pos, &tier->budget);
	}
	for (size_t i = 0; i < lint->topology->group_count; i++) {
		const struct client_group *group = &lint->topology->groups[i];

		report_budget(lint, "client group", group->name, group->pos, &group->budget);
	}
}

static void
check_orphan_quorum(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		unsigned quorum = tier_quorum(tier);

		if (!tier->isolated) {
			continue;
		}
		if (quorum >= 2) {
			lint_report(lint, tier->name, tier->quorum_pos,
			    "tier \"%s\" is isolated and has a quorum of %u: in orphan mode there "
			    "is "
			    "one source, so its servers would never follow it",
			    tier->name, quorum);
		} else if (tier_source_count(tier) > 0) {
			lint_note(lint, tier->name, tier->isolated_pos,
			    "tier \"%s\" is isolated, so its quorum is 1: after a restart a server "
			    "may obey the first of its %u sources that answers",
			    tier->name, tier_source_count(tier));
		}
	}
}

static void
check_orphan_stratum(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		unsigned highest = lint->tiers[i].stratum;
		struct pos pos =
		    tier->orphan_stratum_pos.line > 0 ? tier->orphan_stratum_pos : tier->pos;

		if (tier->isolated && highest > 0 && tier->orphan_stratum <= highest + 1) {
			lint_report(lint, tier->name, pos,
			    "orphan stratum %u of tier \"%s\" is too low: its sources are at "
			    "stratum %u and its servers at %u, so an orphan looks as good as they "
			    "do",
			    tier->orphan_stratum, tier->name, highest, highest + 1);
		}
	}
}

/* Whether the servers of the tier ask each other, each of them at least one with a key. */
static bool
siblings_are_proved(const struct topology *topology, const struct tier *tier)
{
	for (size_t i = 0; i < tier->server_count; i++) {
		bool keyed = false;

		for (size_t k = 0; k < tier->server_count; k++) {
			keyed |=
			    k != i && topology_key(topology, tier->servers[i], tier->servers[k]);
		}
		if (!keyed) {
			return false;
		}
	}
	return tier->peering != PEERING_NONE;
}

static void
check_nts_alone(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];

		if (tier->server_count == 0 || lint->tiers[i].doubtful ||
		    !host_proves_by_nts(lint->topology, tier->servers[0]) ||
		    siblings_are_proved(lint->topology, tier)) {
			continue;
		}
		lint_report(lint, tier->name, tier->pos,
		    "every source of tier \"%s\" has NTS, which proves nothing while a clock is "
		    "wrong: "
		    "at boot its servers are set without a proof, and at most 7 days from the last "
		    "good "
		    "time; no sibling with a key confirms it",
		    tier->name);
	}
}

const struct lint_rule rules_restart[] = {
	{ .id = "low-quorum",
	    .number = "RST003",
	    .where = JUDGED_CHECK | JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "before a server obeys, a majority of its tier's sources must agree; of "
		       "five or more, three, and more than one operator runs",
	    .source = "RFC 8633 section 5.2; ntp.conf(5), tos minsane; chrony.conf(5), minsources",
	    .remedy = "leave `quorum` out, or raise it",
	    .why = "After a restart sources answer one by one. With a quorum of one, the first "
		   "that answers sets the clock; with too small a quorum, the first few do. "
		   "That is how one wrong source steps a server on which five right ones are "
		   "configured: doc/restart-scenarios.md shows it for chrony, NTPsec and ntp. "
		   "The quorum also has to be larger than what one operator runs: in 2012 the "
		   "two wrong servers of the US Naval Observatory agreed perfectly with each "
		   "other.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: all         # 5 or more: the quorum is then 3 by itself\n"
		       "    servers: [{name: time1, address: 192.0.2.1}]",
	    .check = check_low_quorum },
	{ .id = "high-quorum",
	    .number = "RST018",
	    .once = "RST006",
	    .severity = SEVERITY_ERROR,
	    .summary = "a quorum is not higher than the number of sources that can agree",
	    .source = "ntp.conf(5), tos minsane; chrony.conf(5), minsources",
	    .remedy = "leave `quorum` out, or name more sources",
	    .why = "The daemon waits for more sources to agree than it has. It will wait for "
		   "ever, and run free beside sources that are all right.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: [ptb, netnod, inrim, timenl, campus]\n"
		       "    quorum: 3              # or leave it out\n"
		       "    servers: [{name: time1, address: 192.0.2.1}]",
	    .check = check_high_quorum },
	{ .id = "budget-order",
	    .number = "BUD001",
	    .severity = SEVERITY_WARNING,
	    .summary =
		"the error bound of a budget is larger than its offset, which is a part of it",
	    .source = "site.yaml(5), budget",
	    .remedy = "raise `error_bound`, or lower `offset`",
	    .why = "The error bound is |offset| + root dispersion + half the root delay. A "
		   "host whose bound is inside its limit is therefore inside the limit of the "
		   "offset as well: the second one can never fail.",
	    .instead = "budget: {offset: 5ms, error_bound: 50ms}",
	    .check = check_budget_order },
	{ .id = "orphan-quorum",
	    .number = "RST004",
	    .where = JUDGED_CHECK | JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "an isolated tier has a quorum of one: an orphan parent is a single source",
	    .source =
		"ntp.conf(5), tos orphan and minsane; measured with ntp 4.2.8p15, NTPsec 1.2.2 "
		"and chrony 4.3",
	    .remedy = "choose one: leave `quorum` out, or `isolated`",
	    .why = "In orphan mode the servers of a tier that has lost all sources follow one "
		   "of themselves: that is one source. Where two have to agree nobody ever "
		   "follows it, and the mode is there without effect. Measured with ntp "
		   "4.2.8p15, NTPsec 1.2.2 and chrony 4.3.",
	    .instead =
		"tiers:\n"
		"  - name: plant\n"
		"    upstreams: all\n"
		"    isolated: true         # the quorum is then 1: the price is said in a note\n"
		"    servers: [{name: time1, address: 192.0.2.1}]",
	    .check = check_orphan_quorum },
	{ .id = "nts-alone",
	    .number = "NTS001",
	    .once = "RST005",
	    .severity = SEVERITY_WARNING,
	    .summary =
		"servers whose sources all have NTS have siblings with keys, who can confirm the "
		"time at boot",
	    .source =
		"RFC 8915 section 4.1: certificates have dates; timetier-agent(8), the first set "
		"of a boot",
	    .remedy = "two or more servers with `peering: mesh`, and `keys`: `timetier keys new`",
	    .why = "Certificates have dates, so whoever checks them needs the time. At boot, "
		   "with a clock that may be wrong, the servers of this tier can only ask "
		   "without a proof, and take what comes. A sibling with a symmetric key, "
		   "which has no date, can confirm it.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: all\n"
		       "    peering: mesh\n"
		       "    servers:\n"
		       "      - {name: time1, address: 192.0.2.1}\n"
		       "      - {name: time2, address: 192.0.2.2}\n"
		       "keys: keys.yaml            # `timetier keys new` writes it",
	    .check = check_nts_alone },
	{ .id = "orphan-stratum",
	    .number = "ORP001",
	    .severity = SEVERITY_ERROR,
	    .summary = "the orphan stratum is higher than the stratum of every server that follows "
		       "real sources",
	    .source = "ntp 4.2.8, orphan.html; chrony.conf(5), local",
	    .remedy = "leave `orphan_stratum` out (it is 10), or raise it",
	    .why = "A client prefers the lower stratum. An orphan whose stratum is as good as "
		   "that of servers with real sources competes with them, and wins against "
		   "those that are still right.",
	    .instead = "tiers:\n"
		       "  - name: plant\n"
		       "    upstreams: all\n"
		       "    isolated: true\n"
		       "    orphan_stratum: 10     # above every server that follows real sources\n"
		       "    servers: [{name: time1, address: 192.0.2.1}]",
	    .check = check_orphan_stratum },
	{ .id = NULL },
};
