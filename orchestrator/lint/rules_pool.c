/* POL: what the volunteers of pool.ntp.org ask of those who use it. */
#include "orchestrator/lint/rule.h"

#define POOL_HOSTS_MAX 4 /* a site with more hosts should have servers of its own */

static const struct upstream *
pool_upstream(const struct source_list *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		const struct upstream *upstream = sources->list[i].upstream;

		if (upstream && upstream_is_pool(upstream)) {
			return upstream;
		}
	}
	return NULL;
}

static void
check_pool_feeds_pool(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		const struct upstream *pool = pool_upstream(&tier->sources);
		struct name_list names = { 0 };

		for (size_t s = 0; pool && s < tier->server_count; s++) {
			if (tier->servers[s]->pool) {
				name_list_add(&names, tier->servers[s]->name);
			}
		}
		if (names.count > 0) {
			lint_report(lint, tier->name, tier->pos,
			    "tier \"%s\" serves the public pool (%s) and takes time from it (%s): "
			    "the pool would be its own source",
			    tier->name, name_list_text(&names), pool->name);
		}
	}
}

/* In orphan mode a server gives out a time that no source confirms. */
static void
check_pool_isolated(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		struct name_list names = { 0 };

		for (size_t s = 0; tier->isolated && s < tier->server_count; s++) {
			if (tier->servers[s]->pool) {
				name_list_add(&names, tier->servers[s]->name);
			}
		}
		if (names.count > 0) {
			lint_report(lint, tier->name, tier->isolated_pos,
			    "tier \"%s\" serves the public pool (%s) and is isolated: without its "
			    "sources it would give its own clock's time to everybody",
			    tier->name, name_list_text(&names));
		}
	}
}

static void
check_clients_on_pool(struct lint *lint)
{
	size_t total = 0;

	for (size_t i = 0; i < lint->topology->group_count; i++) {
		const struct client_group *group = &lint->topology->groups[i];

		total += pool_upstream(&group->sources) ? group->host_count : 0;
	}
	for (size_t i = 0; total > POOL_HOSTS_MAX && i < lint->topology->group_count; i++) {
		const struct client_group *group = &lint->topology->groups[i];
		const struct upstream *pool = pool_upstream(&group->sources);

		if (!pool) {
			continue;
		}
		lint_report(lint, group->name,
		    group->from_pos.line > 0 ? group->from_pos : group->pos,
		    "%zu hosts of client group \"%s\" poll the pool's volunteers by themselves "
		    "(%s; %zu hosts of this site in all)",
		    group->host_count, group->name, pool->name, total);
	}
}

const struct lint_rule rules_pool[] = {
	{ .id = "pool-feeds-pool",
	    .number = "POL001",
	    .severity = SEVERITY_ERROR,
	    .summary = "a server of the public pool does not take its own time from the pool",
	    .source = "ntppool.org, \"How do I join pool.ntp.org?\"",
	    .remedy = "choose upstreams by hand, each with its operator's permission",
	    .why = "Servers of the pool that follow the pool follow each other in the end: one "
		   "wrong clock would be passed on as the agreement of many. Whoever joins is "
		   "asked for four to seven sources of his own, chosen by hand.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de, operator: PTB, stratum: 1}   # "
		       "no name of pool.ntp.org\n"
		       "tiers:\n"
		       "  - {name: public, upstreams: all, servers: [{name: time1, address: "
		       "192.0.2.1, pool: true}]}",
	    .check = check_pool_feeds_pool },
	{ .id = "pool-isolated",
	    .number = "ORP003",
	    .once = "POL002",
	    .where = JUDGED_CHECK | JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "a server of the public pool gives no time that no source confirms",
	    .source = "ntppool.org, \"How do I join pool.ntp.org?\"",
	    .remedy = "leave `isolated` out, or `pool`",
	    .why = "A server in orphan mode gives out its own clock with a straight face. "
		   "Inside a site that is a choice; the public, which cannot know, would "
		   "follow it for days.",
	    .instead = "tiers:\n"
		       "  - name: public\n"
		       "    upstreams: all\n"
		       "    isolated: false\n"
		       "    servers: [{name: time1, address: 192.0.2.1, pool: true}]",
	    .check = check_pool_isolated },
	{ .id = "clients-on-pool",
	    .number = "POL003",
	    .severity = SEVERITY_WARNING,
	    .summary = "a site of more than a few hosts asks the pool through servers of its own",
	    .source = "RFC 8633 section 3.6; ntppool.org, \"How do I use pool.ntp.org?\"",
	    .remedy = "let `from` name a tier, and let the tier take time from outside",
	    .why = "Those who answer for pool.ntp.org are volunteers. In December 2016 a "
		   "release of the Snapchat application asked the pool from every telephone: "
		   "servers saw five to twenty times their usual traffic, and the pool lost "
		   "some of them for weeks. A site of some size asks through servers of its "
		   "own: a handful of questions for all hosts, and one place to see what came.",
	    .instead = "clients:\n"
		       "  - {name: web, from: core, hosts: \"web[1-9].example.net\"}   # the tier "
		       "asks the pool, once",
	    .check = check_clients_on_pool },
	{ .id = NULL },
};
