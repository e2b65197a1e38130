/* LEAP: what happens to time around a leap second. */
#include "daemons/daemon.h"
#include "orchestrator/lint/rule.h"

/* One smeared and one unsmeared source of a list, to name them in a finding. */
struct mix {
	const char *smeared, *plain; /* names; NULL: none */
};

static void
add_source(struct lint *lint, const struct source *source, struct mix *mix)
{
	if (source->upstream) {
		if (upstream_smears(source->upstream)) {
			mix->smeared = source->upstream->name;
		} else {
			mix->plain = source->upstream->name;
		}
	} else {
		const struct tier *tier = source->server->tier;
		const struct tier_facts *facts = &lint->tiers[tier - lint->topology->tiers];

		if (facts->smears && !facts->plain) {
			mix->smeared = tier->name;
		} else if (facts->plain && !facts->smears) {
			mix->plain = tier->name;
		} /* both: the finding is about that tier */
	}
}

static void
check_list(struct lint *lint, const char *what, const char *name, struct pos pos,
    const struct source_list *sources)
{
	struct mix mix = { NULL, NULL };

	for (size_t i = 0; i < sources->count; i++) {
		add_source(lint, &sources->list[i], &mix);
	}
	if (mix.smeared && mix.plain) {
		lint_report(lint, name, pos,
		    "%s \"%s\" mixes smeared time (%s) with unsmeared (%s): around a leap second, "
		    "for a day, the two differ by up to half a second",
		    what, name, mix.smeared, mix.plain);
	}
}

static void
check_mixed_smear(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];

		check_list(lint, "tier", tier->name, tier->pos, &tier->sources);
	}
	for (size_t i = 0; i < lint->topology->group_count; i++) {
		const struct client_group *group = &lint->topology->groups[i];

		check_list(lint, "client group", group->name, group->pos, &group->sources);
	}
}

#define LEAP_POLL 16 /* log2 s: 18 hours; one more, and a day has no poll */

static void
check_slow_poll_leap(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->upstream_count; i++) {
		const struct upstream *upstream = &lint->topology->upstreams[i];

		if (upstream->maxpoll > LEAP_POLL) {
			lint_report(lint, upstream->name, upstream->maxpoll_pos,
			    "maxpoll %d may ask \"%s\" every 36 h: on a day that ends with a leap "
			    "second, perhaps never",
			    upstream->maxpoll, upstream->name);
		}
	}
}

/* The first of @hosts that may run an ntpd and inserts leap seconds; or NULL. */
static const struct host *
first_ntpd(struct host *const *hosts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool may = host_lacks(hosts[i], DAEMON_SLEWS_FAST) ||
		    host_may_lack(hosts[i], DAEMON_SLEWS_FAST);

		if (may && !host_is_smeared(hosts[i])) {
			return hosts[i];
		}
	}
	return NULL;
}

/*
 * An ntpd steps over a leap second if its threshold, which is the limit, is below that second.
 *
 * @hosts: of one tier or group, and so with one limit
 */
static void
check_limit(struct lint *lint, const char *what, const char *name, struct pos pos,
    struct host *const *hosts, size_t count)
{
	int64_t limit_ns = count > 0 ? topology_limit_ns(lint->topology, hosts[0]) : 0;
	const struct host *host = limit_ns >= NS_PER_S ? first_ntpd(hosts, count) : NULL;

	if (host) {
		lint_report(lint, name, pos,
		    "%s \"%s\" slews corrections up to %g s: an ntpd (%s) then slews over a leap "
		    "second, too, and is wrong for half an hour",
		    what, name, (double)limit_ns / NS_PER_S, host->name);
	}
}

static void
check_limit_leap(struct lint *lint)
{
	const struct topology *topology = lint->topology;

	for (size_t i = 0; i < topology->tier_count; i++) {
		const struct tier *tier = &topology->tiers[i];

		check_limit(lint, "tier", tier->name,
		    tier->restart.pos.line > 0 ? tier->restart.pos : topology->restart.pos,
		    tier->servers, tier->server_count);
	}
	for (size_t i = 0; i < topology->group_count; i++) {
		const struct client_group *group = &topology->groups[i];

		check_limit(lint, "client group", group->name,
		    group->restart.pos.line > 0 ? group->restart.pos : topology->restart.pos,
		    group->hosts, group->host_count);
	}
}

const struct lint_rule rules_leap[] = {
	{ .id = "mixed-smear",
	    .number = "LEAP001",
	    .severity = SEVERITY_ERROR,
	    .summary = "all sources of a host treat leap seconds alike: all smear them, or none",
	    .source = "RFC 8633 section 3.7.1; developers.google.com/time/smear",
	    .remedy = "keep one kind; set `smear: linear-24h` or `smear: none` where the name of "
		      "an upstream does not tell",
	    .why = "A smearing server spreads a leap second over a day, all others insert it "
		   "at midnight: for hours they are up to half a second apart, and both are "
		   "right by their own rules. Selection then has two groups of truechimers and "
		   "follows whichever is larger at that moment, so that clocks jump between "
		   "them. Google asks users of its servers to ask no others, and RFC 8633 "
		   "forbids the mixture.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de, smear: none}\n"
		       "  - {name: netnod, address: sth1.ntp.se, smear: none}   # and no "
		       "time.google.com among them",
	    .check = check_mixed_smear },
	{ .id = "slow-poll-leap",
	    .number = "LEAP005",
	    .severity = SEVERITY_WARNING,
	    .summary = "a source is asked at least once on the day before a leap second",
	    .source = "RFC 8633 section 3.7",
	    .remedy = "leave `maxpoll` out: it is 10",
	    .why = "A leap second is announced by a bit that servers set on its last day. Who "
		   "asks less often than once a day may never see it, and is one second off "
		   "from midnight on.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de}      # maxpoll is 10: 17 minutes",
	    .check = check_slow_poll_leap },
	{ .id = "limit-leap",
	    .number = "LEAP006",
	    .severity = SEVERITY_WARNING,
	    .summary = "the limit of slewing is below a second where a daemon has to step over "
		       "leap seconds",
	    .source = "NTPsec 1.2.2, ntpd/ntp_timer.c, check_leapsec(); ntp 4.2.8 alike",
	    .remedy = "leave `restart` out (its limit is 0.5s), or choose one below 1s",
	    .why = "ntpd steps over a leap second only if its step threshold is below one "
		   "second, and the limit is that threshold. Above it the daemon says "
		   "\"Positive leap second, no step correction. System clock will be inaccurate "
		   "for a long time.\" and slews: half an hour at 500 ppm, during which it "
		   "serves wrong time to all its clients. The kernel, which would do it "
		   "otherwise, is out of the loop above 0.5 s (ntp_timer.c and "
		   "ntp_loopfilter.c of NTPsec 1.2.2).",
	    .instead = "restart: {limit: 0.5s}     # what it is when it is left out",
	    .check = check_limit_leap },
	{ .id = NULL },
};
