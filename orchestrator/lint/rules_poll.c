/* POLL: how often, and in how quick succession, a source is asked. */
#include "daemons/daemon.h"
#include "orchestrator/lint/rule.h"

#define PUBLIC_MINPOLL 6 /* log2 s: 64 s */

/* 2 to the power of @log2, in seconds. */
static double
seconds(int log2)
{
	double result = 1;

	for (; log2 > 0; log2--) {
		result *= 2;
	}
	for (; log2 < 0; log2++) {
		result /= 2;
	}
	return result;
}

static void
check_fast_poll(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->upstream_count; i++) {
		const struct upstream *upstream = &lint->topology->upstreams[i];

		if (upstream->minpoll < PUBLIC_MINPOLL) {
			lint_report(lint, upstream->name, upstream->minpoll_pos,
			    "minpoll %d asks \"%s\" every %g s; below %d (64 s) it is abuse of a "
			    "server that is not ours",
			    upstream->minpoll, upstream->name, seconds(upstream->minpoll),
			    PUBLIC_MINPOLL);
		}
	}
}

static void
check_burst(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->upstream_count; i++) {
		const struct upstream *upstream = &lint->topology->upstreams[i];

		if (upstream->burst) {
			lint_report(lint, upstream->name, upstream->burst_pos,
			    "burst sends \"%s\" up to eight packets at every poll", upstream->name);
		}
	}
}

#define SLOW_POLL 10    /* log2 s: 17 minutes */
#define SLOWEST_POLL 16 /* beyond it, slow-poll-leap says what is worse */

static void
check_slow_quorum(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->upstream_count; i++) {
		const struct upstream *upstream = &lint->topology->upstreams[i];

		if (upstream->maxpoll > SLOW_POLL && upstream->maxpoll <= SLOWEST_POLL) {
			lint_report(lint, upstream->name, upstream->maxpoll_pos,
			    "maxpoll %d: when \"%s\" dies, it has a vote for up to %.0f hours more",
			    upstream->maxpoll, upstream->name,
			    8 * seconds(upstream->maxpoll) / 3600);
		}
	}
}

static void
check_no_iburst(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->upstream_count; i++) {
		const struct upstream *upstream = &lint->topology->upstreams[i];

		if (!upstream->iburst) {
			lint_report(lint, upstream->name, upstream->pos,
			    "\"%s\" has no iburst: after a restart it takes minutes until it has "
			    "a vote, and not seconds",
			    upstream->name);
		}
	}
}

static const struct host *
waiting_server(const struct tier *tier)
{
	for (size_t i = 0; i < tier->server_count; i++) {
		if (host_may_have(tier->servers[i], DAEMON_WAITS_FOR_SOURCES)) {
			return tier->servers[i];
		}
	}
	return NULL;
}

static void
check_mixed_iburst(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		unsigned quorum = tier_quorum(tier);
		const struct host *server;
		struct name_list with = { 0 };
		size_t upstreams = count_upstreams(&tier->sources);

		for (size_t s = 0; s < tier->sources.count; s++) {
			const struct upstream *upstream = tier->sources.list[s].upstream;

			if (upstream && upstream->iburst) {
				name_list_add(&with, upstream->name);
			}
		}
		if (lint->tiers[i].doubtful || with.count == 0 || with.count == upstreams ||
		    quorum >= quorum_needed(lint, tier).count) {
			continue;
		}
		server = waiting_server(tier);
		if (server) {
			lint_report(lint, tier->name, tier->pos,
			    "%zu of the %zu sources of tier \"%s\" have iburst (%s) and the quorum "
			    "is %u: after a restart \"%s\" obeys these before the others have "
			    "answered",
			    with.count, upstreams, tier->name, name_list_text(&with), quorum,
			    server->name);
		}
	}
}

const struct lint_rule rules_poll[] = {
	{ .id = "fast-poll",
	    .number = "POLL001",
	    .severity = SEVERITY_ERROR,
	    .summary = "a server of somebody else is asked every 64 s or less often",
	    .source =
		"chrony.conf(5), minpoll; ntppool.org, \"How do I use pool.ntp.org?\"; RFC 8633 "
		"section 3.6",
	    .remedy = "write `minpoll: 6` or leave it out",
	    .why = "Most of those who serve time to the public do it for nothing. In May 2003 "
		   "routers of NetGear that asked once a second flooded the University of "
		   "Wisconsin (RFC 4085, appendix A); Fukuoka University, whose server had "
		   "some 270 Mbit/s to carry in 2019, announced the end of its public service. "
		   "A daemon that asks faster than every 64 s gains nothing over the Internet, "
		   "whose delays vary by more; many servers answer such clients with a kiss of "
		   "death or not at all.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de}              # minpoll is 6: "
		       "every 64 s or less often",
	    .check = check_fast_poll },
	{ .id = "slow-quorum",
	    .number = "POLL003",
	    .severity = SEVERITY_WARNING,
	    .summary = "a source that counts is asked every 17 minutes or more often",
	    .source = "RFC 5905 section 13: a source is unreachable after eight polls",
	    .remedy = "leave `maxpoll` out: it is 10",
	    .why = "ntpd needs eight polls to see that a source is dead, and a few to see that "
		   "it is wrong: at maxpoll 10 that is two hours, at 13 it is 18. For so long "
		   "a dead source keeps its vote in the quorum.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de}      # maxpoll is 10",
	    .check = check_slow_quorum },
	/* The loader reports it: such a site cannot be used. */
	{ .id = "poll-order",
	    .number = "POLL005",
	    .severity = SEVERITY_ERROR,
	    .summary = "the shortest interval between questions is not above the longest",
	    .source = "chrony 4.3, ntp_core.c; NTPsec 1.2.2, ntpd/ntp_peer.c",
	    .remedy = "leave `minpoll` and `maxpoll` out: they are 6 and 10",
	    .why = "The daemons put it right without a word, and not alike: chrony 4.3 raises "
		   "the longest interval to the shortest, NTPsec 1.2.2 lowers the shortest to "
		   "the longest. A tier that runs both would ask at two paces, and somebody "
		   "perhaps faster than he allows.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de, minpoll: 6, maxpoll: 10}" },
	{ .id = "burst",
	    .number = "POLL006",
	    .severity = SEVERITY_WARNING,
	    .summary = "a server of somebody else gets one packet a poll",
	    .source = "ntp.conf(5), burst: only with the operator's permission",
	    .remedy = "leave `burst` out; `iburst` speeds up the start and is welcome everywhere",
	    .why = "With burst each poll is a volley of up to eight packets, for ever. It was "
		   "made for links that dial; the manual of ntpd asks for the operator's "
		   "permission first. Servers with a rate limit drop most of the volley and "
		   "may answer with a kiss of death.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de, iburst: true}   # a volley at "
		       "the start alone",
	    .check = check_burst },
	{ .id = "no-iburst",
	    .number = "POLL007",
	    .severity = SEVERITY_WARNING,
	    .summary = "a source is asked in quick succession at the start, so that it has a vote "
		       "at once",
	    .source = "ntp.conf(5), iburst; measured with NTPsec 1.2.2 and ntp 4.2.8p15: 131 to "
		      "200 s without, 5 to 8 s with it",
	    .remedy = "leave `iburst` out: it is true",
	    .why = "Without iburst the first answers come at the pace of the poll: after a "
		   "restart a server waits two to three minutes before it knows the time, "
		   "where it would know it within eight seconds. iburst sends a few packets at "
		   "the start, and never again while the source answers; every public server "
		   "welcomes it.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de}      # iburst is true",
	    .check = check_no_iburst },
	{ .id = "mixed-iburst",
	    .number = "POLL008",
	    .severity = SEVERITY_ERROR,
	    .summary = "either all sources of a tier have iburst or none, unless its quorum is a "
		       "majority",
	    .source = "chronyd 4.3, sources.c: at start it waits for sources that poll alike; "
		      "measured: 4 sources, the wrong one with iburst alone, a step of 50 s",
	    .remedy = "write the same `iburst` for all upstreams of the tier",
	    .why = "Sources with iburst have answered within seconds of a start, the others "
		   "after minutes. In between the quick ones are alone, and if they reach the "
		   "quorum they set the clock, right or wrong. Measured with chronyd 4.3: of "
		   "four sources the wrong one had iburst, and the clock was stepped by 50 s.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de}      # iburst is true for all "
		       "when nobody says otherwise\n"
		       "  - {name: netnod, address: sth1.ntp.se}",
	    .check = check_mixed_iburst },
	{ .id = NULL },
};
