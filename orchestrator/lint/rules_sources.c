/* SRC: how many sources there are, and how independent of each other they are. */
#include "daemons/daemon.h"
#include "orchestrator/lint/rule.h"

#define TIER_SOURCES_MIN 4
#define TIER_SOURCES_MAX 10 /* maxclock of NTPsec and ntp: a daemon never uses more */
#define CLIENT_SOURCES_MIN 3

/* Whether @tier is meant to run without any source: it says `isolated` and names none. */
static bool
is_alone(const struct tier *tier)
{
	return tier->isolated && tier_source_count(tier) == 0;
}

static void
check_few_sources(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		size_t count = tier_source_count(tier), servers = count_servers(&tier->sources);

		if (count >= TIER_SOURCES_MIN || is_alone(tier) || lint->tiers[i].doubtful) {
			continue;
		}
		lint_report(lint, tier->name, tier->pos,
		    "tier \"%s\" takes time from %zu %s; it needs %d to outvote one that is wrong "
		    "and still survive an outage",
		    tier->name, count,
		    servers == 0       ? count == 1 ? "source" : "sources"
			: servers == 1 ? "server of this site"
				       : "servers of this site",
		    TIER_SOURCES_MIN);
	}
}

static void
check_source_count(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		size_t count = tier_source_count(tier);

		if (count_servers(&tier->sources) > 0 || lint->tiers[i].doubtful) {
			continue;
		}
		if (count > TIER_SOURCES_MAX) {
			lint_report(lint, tier->name, tier->pos,
			    "tier \"%s\" has %zu sources; a daemon uses at most %d, and 5 to 8 are "
			    "enough",
			    tier->name, count, TIER_SOURCES_MAX);
		}
	}
}

/* Six are no tie to speak of: with one of the three out, five are left, and three agree. */
static void
check_even_sources(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];

		if (tier_source_count(tier) == TIER_SOURCES_MIN &&
		    count_servers(&tier->sources) == 0 && !lint->tiers[i].doubtful) {
			lint_report(lint, tier->name, tier->pos,
			    "tier \"%s\" has 4 sources, and two against two is a tie; 5 to 8 are "
			    "better",
			    tier->name);
		}
	}
}

/* A quorum that cannot be reached at all is high-quorum's. */
static void
check_few_outside(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		size_t count = tier_source_count(tier);

		if (count >= TIER_SOURCES_MIN && tier->quorum == count && !tier->isolated &&
		    !lint->tiers[i].doubtful) {
			lint_report(lint, tier->name, tier->quorum_pos,
			    "tier \"%s\" obeys when all %zu of its sources agree: one that is "
			    "silent takes the quorum away",
			    tier->name, count);
		}
	}
}

static void
report_two(struct lint *lint, const char *what, const char *name, struct pos pos,
    const struct source_list *sources)
{
	struct name_list names = { 0 };

	if (sources->count != 2) {
		return;
	}
	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->list[i];

		name_list_add(
		    &names, source->upstream ? source->upstream->name : source->server->name);
	}
	lint_report(lint, name, pos,
	    "%s \"%s\" has two sources (%s): when they disagree, nobody can tell which is right",
	    what, name, name_list_text(&names));
}

static void
check_two_sources(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];

		if (!lint->tiers[i].doubtful && tier_clock_votes(tier) == 0) {
			report_two(lint, "tier", tier->name, tier->pos, &tier->sources);
		}
	}
	for (size_t i = 0; i < lint->topology->group_count; i++) {
		const struct client_group *group = &lint->topology->groups[i];

		if (!lint->group_doubts[i]) {
			report_two(lint, "client group", group->name, group->pos, &group->sources);
		}
	}
}

static void
check_few_operators(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		size_t count = tier_source_count(tier);
		struct operator_share largest;

		if (count < 3 || count_servers(&tier->sources) > 0 || lint->tiers[i].doubtful) {
			continue; /* one or two sources break few-sources and two-sources */
		}
		largest = largest_operator(lint, tier);
		/* With two operators, one always runs half: so this also finds fewer than three. */
		if (2 * largest.count >= count) {
			lint_report(lint, tier->name, tier->pos,
			    "%zu of the %zu sources of tier \"%s\" are of one operator (%s): one "
			    "mistake there outvotes the rest",
			    largest.count, count, tier->name, largest.name);
		}
	}
}

static void
check_few_servers(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->group_count; i++) {
		const struct client_group *group = &lint->topology->groups[i];
		size_t count = source_votes(&group->sources);

		if (count < CLIENT_SOURCES_MIN && !lint->group_doubts[i]) {
			lint_report(lint, group->name,
			    group->from_pos.line > 0 ? group->from_pos : group->pos,
			    "client group \"%s\" takes time from %zu %s; with %d a client can tell "
			    "which one is wrong",
			    group->name, count, count == 1 ? "source" : "sources",
			    CLIENT_SOURCES_MIN);
		}
	}
}

static void
check_mixed_sources(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->group_count; i++) {
		const struct client_group *group = &lint->topology->groups[i];
		size_t upstreams = count_upstreams(&group->sources);
		size_t servers = group->sources.count - upstreams;

		if (upstreams > 0 && servers > 0) {
			lint_report(lint, group->name,
			    group->from_pos.line > 0 ? group->from_pos : group->pos,
			    "client group \"%s\" takes time from %zu of the site's servers and %zu "
			    "from outside: sources outside the site then vote on its time",
			    group->name, servers, upstreams);
		}
	}
}

/* Name the first host that takes time from @upstream and cannot ask it so. */
static void
check_xleave_of(struct lint *lint, const struct upstream *upstream)
{
	const struct topology *topology = lint->topology;

	for (size_t i = 0; i < topology->host_count; i++) {
		const struct host *host = &topology->hosts[i];
		const struct source_list *sources = host_sources(host);

		for (size_t k = 0; k < sources->count; k++) {
			if (sources->list[k].upstream == upstream &&
			    host_lacks(host, DAEMON_INTERLEAVES)) {
				lint_report(lint, upstream->name, upstream->xleave_pos,
				    "\"%s\" has `xleave`, and %s of \"%s\" has no interleaved "
				    "mode: it is asked there as without",
				    upstream->name, daemon_find(host->daemon)->title, host->name);
				return;
			}
		}
	}
}

/* Name the first server of @tier, or else the first who asks one, that cannot do so. */
static void
check_xleave_in(struct lint *lint, const struct tier *tier)
{
	const struct topology *topology = lint->topology;
	const struct host *lacks = NULL;

	for (size_t i = 0; i < tier->server_count && !lacks; i++) {
		lacks = host_lacks(tier->servers[i], DAEMON_INTERLEAVES) ? tier->servers[i] : NULL;
	}
	for (size_t i = 0; i < topology->host_count && !lacks; i++) {
		const struct host *host = &topology->hosts[i];
		const struct source_list *sources = host_sources(host);

		for (size_t k = 0; k < sources->count && !lacks; k++) {
			if (sources->list[k].server && sources->list[k].server->tier == tier &&
			    host_lacks(host, DAEMON_INTERLEAVES)) {
				lacks = host;
			}
		}
	}
	if (lacks) {
		lint_report(lint, tier->name, tier->xleave_pos,
		    "tier \"%s\" has `xleave`, and %s of \"%s\" has no interleaved mode: what it "
		    "asks, or is asked, is as without",
		    tier->name, daemon_find(lacks->daemon)->title, lacks->name);
	}
}

static void
check_xleave_unused(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		if (lint->topology->tiers[i].xleave) {
			check_xleave_in(lint, &lint->topology->tiers[i]);
		}
	}
	for (size_t i = 0; i < lint->topology->upstream_count; i++) {
		if (lint->topology->upstreams[i].xleave) {
			check_xleave_of(lint, &lint->topology->upstreams[i]);
		}
	}
}

const struct lint_rule rules_sources[] = {
	{ .id = "few-sources",
	    .number = "SRC001",
	    .severity = SEVERITY_ERROR,
	    .summary = "a tier takes time from at least four sources",
	    .source = "RFC 8633 section 3.2",
	    .remedy = "add upstreams until the tier has 5 to 8, or servers to the tier above",
	    .why = "One source may be wrong while another one is down. Of four sources three "
		   "remain then, and two of them outvote the wrong one; of three, two remain, "
		   "and nobody knows which of them is right.\n\n"
		   "On 19 November 2012 two servers of the US Naval Observatory, tick and "
		   "tock, were off by twelve years for about 50 minutes. Sites that had nobody "
		   "to outvote them went to the year 2000 and back (NANOG list, \"NTP Issues "
		   "Today\").",
	    .instead =
		"upstreams:\n"
		"  - {name: ptb, address: ptbtime1.ptb.de, operator: PTB, stratum: 1}\n"
		"  - {name: netnod, address: sth1.ntp.se, operator: Netnod, stratum: 1}\n"
		"  - {name: inrim, address: ntp1.inrim.it, operator: INRIM, stratum: 1}\n"
		"  - {name: timenl, address: ntp1.time.nl, operator: SIDN, stratum: 1}\n"
		"  - {name: campus, address: ntp.campus.example, operator: Campus, stratum: 2}\n"
		"tiers:\n"
		"  - {name: core, upstreams: all, servers: [{name: time1, address: 192.0.2.1}]}",
	    .check = check_few_sources },
	{ .id = "source-count",
	    .number = "SRC002",
	    .severity = SEVERITY_WARNING,
	    .summary = "a tier has no more sources than a daemon uses, which are 10",
	    .source = "RFC 8633 section 3.2; ntp.conf(5), tos maxclock",
	    .remedy = "take some out of the tier's `upstreams`: 5 to 8 are enough",
	    .why = "ntpd and NTPsec keep at most ten associations that count (tos maxclock); "
		   "what is written beyond that is not asked, and nobody sees which ones those "
		   "are. Each source more is also one more whose operator you have to know, "
		   "and five to eight outvote two that are wrong.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: [ptb, netnod, inrim, timenl, campus]\n"
		       "    servers: [{name: time1, address: 192.0.2.1}]",
	    .check = check_source_count },
	{ .id = "even-sources",
	    .number = "SRC004",
	    .severity = SEVERITY_WARNING,
	    .summary = "the sources of a tier cannot be divided into two against two",
	    .source = "RFC 8633 section 3.2",
	    .remedy = "add a fifth source",
	    .why = "Four sources outvote one that is wrong. They cannot decide between two and "
		   "two: then no majority is left, and the server follows nobody. That happens "
		   "without anybody being broken: of the pool's servers that were measured "
		   "around the leap second of 30 June 2015, one in five had not announced it "
		   "and more than one in ten were a second off afterwards (LEAPSECS list, 1 "
		   "July 2015). With a fifth source one of two halves is a majority.",
	    .instead =
		"tiers:\n"
		"  - name: core\n"
		"    upstreams: [ptb, netnod, inrim, timenl, campus]   # an odd number: 5 or 7\n"
		"    servers: [{name: time1, address: 192.0.2.1}]",
	    .check = check_even_sources },
	{ .id = "two-sources",
	    .number = "SRC003",
	    .severity = SEVERITY_ERROR,
	    .summary = "nobody has exactly two sources, of which neither can outvote the other",
	    .source = "RFC 8633 section 3.2",
	    .remedy = "use four or more; even one alone is better than two",
	    .why = "When two clocks disagree, neither can be outvoted: the daemon may follow "
		   "one and then the other, or none. A single clock is at least steady; with "
		   "two, a fault of either becomes yours.",
	    .instead = "clients:\n"
		       "  - {name: web, from: core, hosts: \"web[1-9].example.net\"}   # a tier of "
		       "three or more",
	    .check = check_two_sources },
	{ .id = "few-operators",
	    .number = "SRC005",
	    .severity = SEVERITY_ERROR,
	    .summary = "a tier's sources belong to three operators or more, and no operator runs "
		       "half of them",
	    .source = "RFC 8633 sections 3.2 and 3.3; the USNO incident of November 2012",
	    .remedy =
		"add upstreams of other operators, and name each in its `operator`; without it "
		"the domain of the address counts",
	    .why = "Sources of one operator fail together: one configuration, one receiver, "
		   "one release. What counts are operators, not names. On 19 November 2012 "
		   "tick.usno.navy.mil and tock.usno.navy.mil, two names of one operator, gave "
		   "the year 2000 to everybody for about 50 minutes. Where two such sources "
		   "are half of all, nothing is left to outvote them.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb1, address: ptbtime1.ptb.de, operator: PTB}\n"
		       "  - {name: ptb2, address: ptbtime2.ptb.de, operator: PTB}        # two of "
		       "five is fine\n"
		       "  - {name: netnod, address: sth1.ntp.se, operator: Netnod}\n"
		       "  - {name: inrim, address: ntp1.inrim.it, operator: INRIM}\n"
		       "  - {name: timenl, address: ntp1.time.nl, operator: SIDN}",
	    .check = check_few_operators },
	{ .id = "few-servers",
	    .number = "SRC009",
	    .severity = SEVERITY_WARNING,
	    .summary = "a client knows at least three servers",
	    .source = "RFC 8633 section 3.2",
	    .remedy = "let `from` name a tier of three or four servers, or several tiers",
	    .why = "With one server a client repeats whatever that server says; with two it "
		   "cannot tell which one is wrong. Three are the fewest among which one wrong "
		   "server is outvoted, and the restart of one of the three is noticed by "
		   "nobody.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: all\n"
		       "    servers:\n"
		       "      - {name: time1, address: 192.0.2.1}\n"
		       "      - {name: time2, address: 192.0.2.2}\n"
		       "      - {name: time3, address: 192.0.2.3}\n"
		       "clients:\n"
		       "  - {name: web, from: core, hosts: \"web[1-9].example.net\"}",
	    .check = check_few_servers },
	{ .id = "mixed-sources",
	    .number = "SRC010",
	    .severity = SEVERITY_WARNING,
	    .summary = "a client takes time from the site's servers only",
	    .source = "RFC 5905 section 11.2.1: every source has a vote",
	    .remedy = "take the upstreams out of `from`: the tier's servers weigh them already",
	    .why = "The servers of the tier have weighed the outside sources already. A client "
		   "that asks some of them again gives them a second vote, against servers "
		   "that all agree with each other; and its question leaves the site, where "
		   "its answer can be forged.",
	    .instead =
		"clients:\n"
		"  - {name: web, from: core, hosts: \"web[1-9].example.net\"}   # the tier alone",
	    .check = check_mixed_sources },
	{ .id = "few-outside",
	    .number = "SRC011",
	    .where = JUDGED_CHECK | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "a tier reaches its quorum by outside sources when one of them is silent",
	    .source = "RFC 8633 section 3.2: enough sources to survive an outage",
	    .remedy = "leave `quorum` out, lower it, or add sources",
	    .why = "Each source counts now: when one of them is silent, the others cannot "
		   "reach the quorum any more. Then the tier runs on what its siblings know, "
		   "who have lost the same source, or runs free. Siblings pass on the same "
		   "upstreams and add nobody who is independent.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: [ptb, netnod, inrim, timenl, campus]\n"
		       "    quorum: 3              # two may be silent\n"
		       "    servers: [{name: time1, address: 192.0.2.1}]",
	    .check = check_few_outside },
	{ .id = "xleave-unused",
	    .number = "SRC016",
	    .severity = SEVERITY_NOTE,
	    .summary = "a source with `xleave` is asked by daemons that have interleaved mode",
	    .source = "draft-ietf-ntp-interleaved-modes; chrony.conf(5), xleave; ntp.conf(5)",
	    .remedy = "leave `xleave` out, or let chrony ask",
	    .why = "In interleaved mode a server sends, with its next answer, when the last one "
		   "really left. chrony can ask so; NTPsec knows no such word, and ntp 4.2.8 has "
		   "it between peers alone, so their lines are written without it.",
	    .instead =
		"upstreams:\n"
		"  - {name: lab, address: ntp.lab.example, operator: Lab, xleave: true}\n"
		"tiers:\n"
		"  - {name: core, upstreams: all, servers: [{name: time1, address: 192.0.2.1, "
		"daemon: chrony}]}",
	    .check = check_xleave_unused },
	{ .id = NULL },
};
