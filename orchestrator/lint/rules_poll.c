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
	    .check = check_fast_poll },
	{ .id = "burst",
	    .number = "POLL006",
	    .severity = SEVERITY_WARNING,
	    .summary = "a server of somebody else gets one packet a poll",
	    .source = "ntp.conf(5), burst: only with the operator's permission",
	    .remedy = "leave `burst` out; `iburst` speeds up the start and is welcome everywhere",
	    .check = check_burst },
	{ .id = "mixed-iburst",
	    .number = "POLL008",
	    .severity = SEVERITY_ERROR,
	    .summary = "either all sources of a tier have iburst or none, unless its quorum is a "
		       "majority",
	    .source = "chronyd 4.3, sources.c: at start it waits for sources that poll alike; "
		      "measured: 4 sources, the wrong one with iburst alone, a step of 50 s",
	    .remedy = "write the same `iburst` for all upstreams of the tier",
	    .check = check_mixed_iburst },
	{ .id = NULL },
};
