/* SRC: how many sources there are, and how independent of each other they are. */
#include "orchestrator/lint/rule.h"

#define TIER_SOURCES_MIN 4
#define TIER_SOURCES_MAX 10 /* maxclock of NTPsec and ntp: a daemon never uses more */
#define CLIENT_SOURCES_MIN 3

/* Whether @tier is meant to run without any source: it says `isolated` and names none. */
static bool
is_alone(const struct tier *tier)
{
	return tier->isolated && tier->sources.count == 0;
}

static void
check_few_sources(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		size_t count = tier->sources.count, servers = count_servers(&tier->sources);

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
		size_t count = tier->sources.count;

		if (count_servers(&tier->sources) > 0 || lint->tiers[i].doubtful) {
			continue;
		}
		if (count == TIER_SOURCES_MIN) {
			lint_report(lint, tier->name, tier->pos,
			    "tier \"%s\" has 4 sources, and two against two is a tie; 5 to 8 are "
			    "better",
			    tier->name);
		} else if (count > TIER_SOURCES_MAX) {
			lint_report(lint, tier->name, tier->pos,
			    "tier \"%s\" has %zu sources; a daemon uses at most %d, and 5 to 8 are "
			    "enough",
			    tier->name, count, TIER_SOURCES_MAX);
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

		if (!lint->tiers[i].doubtful) {
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
		size_t count = tier->sources.count;
		struct operator_share largest;

		if (count < 3 || count_servers(&tier->sources) > 0 || lint->tiers[i].doubtful) {
			continue; /* one or two sources break few-sources and two-sources */
		}
		largest = largest_operator(lint, &tier->sources);
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
		size_t count = group->sources.count;

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

const struct lint_rule rules_sources[] = {
	{ .id = "few-sources",
	    .number = "SRC001",
	    .severity = SEVERITY_ERROR,
	    .summary = "a tier takes time from at least four sources",
	    .source = "RFC 8633 section 3.2",
	    .remedy = "add upstreams until the tier has 5 to 8, or servers to the tier above",
	    .check = check_few_sources },
	{ .id = "source-count",
	    .number = "SRC002",
	    .severity = SEVERITY_WARNING,
	    .summary = "a tier with outside sources has 5 to 8 of them, and never more than 10",
	    .source = "RFC 8633 section 3.2; ntp.conf(5), tos maxclock",
	    .remedy = "add upstreams, or take some out of the tier's `upstreams`",
	    .check = check_source_count },
	{ .id = "two-sources",
	    .number = "SRC003",
	    .severity = SEVERITY_ERROR,
	    .summary = "nobody has exactly two sources, of which neither can outvote the other",
	    .source = "RFC 8633 section 3.2",
	    .remedy = "use four or more; even one alone is better than two",
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
	    .check = check_few_operators },
	{ .id = "few-servers",
	    .number = "SRC009",
	    .severity = SEVERITY_WARNING,
	    .summary = "a client knows at least three servers",
	    .source = "RFC 8633 section 3.2",
	    .remedy = "let `from` name a tier of three or four servers, or several tiers",
	    .check = check_few_servers },
	{ .id = "mixed-sources",
	    .number = "SRC010",
	    .severity = SEVERITY_WARNING,
	    .summary = "a client takes time from the site's servers only",
	    .source = "RFC 5905 section 11.2.1: every source has a vote",
	    .remedy = "take the upstreams out of `from`: the tier's servers weigh them already",
	    .check = check_mixed_sources },
	{ .id = NULL },
};
