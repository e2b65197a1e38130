/* Names of hosts, rules and runs, for the completion of shells. */
#include "orchestrator/cli/complete.h"
#include "daemons/platforms/platform.h"
#include "orchestrator/cli/exits.h"
#include "orchestrator/cli/state.h"
#include "orchestrator/journal/journal.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/runs/left.h"
#include "orchestrator/show/runs.h"
#include "orchestrator/topology/topology.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RUNS_OFFERED 20

static const char *
site_of(const struct completion *completion)
{
	const struct common_options options = { .site = completion->site };

	return site_file(&options);
}

/* Offer names of the site; of several that are parted by commas, the last one is completed. */
static void
offer_hosts(const struct completion *completion)
{
	const char *comma = strrchr(completion->begin, ',');
	int head = comma ? (int)(comma - completion->begin) + 1 : 0;
	struct diags diags = { 0 };
	struct topology topology;
	char word[1024];

	if (topology_load(&topology, site_of(completion), &diags) == 0) {
		for (size_t i = 0; i < topology.tier_count; i++) {
			snprintf(word, sizeof(word), "%.*s%s", head, completion->begin,
			    topology.tiers[i].name);
			completion_offer(completion, word, "tier");
		}
		for (size_t i = 0; i < topology.group_count; i++) {
			snprintf(word, sizeof(word), "%.*s%s", head, completion->begin,
			    topology.groups[i].name);
			completion_offer(completion, word, "client group");
		}
		for (size_t i = 0; i < topology.host_count; i++) {
			const struct host *host = &topology.hosts[i];

			snprintf(word, sizeof(word), "%.*s%s", head, completion->begin, host->name);
			completion_offer(completion, word,
			    host->role == HOST_SERVER ? host->tier->name : host->group->name);
		}
	}
	diags_free(&diags);
	topology_free(&topology);
}

static void
offer_servers(const struct completion *completion)
{
	struct diags diags = { 0 };
	struct topology topology;

	if (topology_load(&topology, site_of(completion), &diags) == 0) {
		for (size_t i = 0; i < topology.server_count; i++) {
			completion_offer(
			    completion, topology.hosts[i].name, topology.hosts[i].tier->name);
		}
	}
	diags_free(&diags);
	topology_free(&topology);
}

static void
offer_upstreams(const struct completion *completion)
{
	struct diags diags = { 0 };
	struct topology topology;

	if (topology_load(&topology, site_of(completion), &diags) == 0) {
		for (size_t i = 0; i < topology.upstream_count; i++) {
			const struct upstream *upstream = &topology.upstreams[i];

			completion_offer(completion, upstream->name,
			    upstream->operator_name ? upstream->operator_name
						    : upstream->addresses.list[0].text);
		}
	}
	diags_free(&diags);
	topology_free(&topology);
}

static void
offer_rules(const struct completion *completion)
{
	for (size_t i = 0; i < lint_rule_count(); i++) {
		const struct lint_rule *rule = lint_rule_at(i);

		completion_offer(completion, rule->id, rule->summary);
		if (completion->begin[0]) { /* the numbers are for who begins one */
			completion_offer(completion, rule->number, rule->summary);
		}
	}
}

/* The journal of the state folder, if it can be read; NULL: it cannot. */
static struct journal *
open_journal(const struct completion *completion)
{
	char folder[PATH_MAX], path[PATH_MAX + 16];
	struct journal *journal = NULL;

	if (state_folder(completion->state, site_of(completion), folder, NULL) < 0) {
		return NULL;
	}
	snprintf(path, sizeof(path), "%s/journal.db", folder);
	if (access(path, R_OK | W_OK) == 0 && journal_open(path, &journal, NULL) < 0) {
		journal = NULL;
	}
	return journal;
}

static void
offer_runs(const struct completion *completion)
{
	char word[24], meaning[128], at[RUN_TIME_BYTES];
	struct journal *journal = open_journal(completion);
	struct journal_run *runs = NULL;
	struct arena arena = { .blocks = NULL };
	size_t count = 0;

	if (journal && journal_list(journal, RUNS_OFFERED, &arena, &runs, &count, NULL) == 0) {
		for (size_t i = 0; i < count; i++) {
			snprintf(word, sizeof(word), "%lld", (long long)runs[i].id);
			snprintf(meaning, sizeof(meaning), "%s, %s", runs[i].kind,
			    run_time(runs[i].begun_ns, at));
			completion_offer(completion, word, meaning);
		}
	}
	journal_close(journal);
	arena_free(&arena);
}

/* Hosts that have left the site and are managed still. */
static void
offer_left(const struct completion *completion)
{
	struct journal *journal = open_journal(completion);
	struct diags diags = { 0 };
	struct topology topology;
	struct left left = { .list = NULL };
	struct error err;

	if (topology_load(&topology, site_of(completion), &diags) == 0 && journal &&
	    left_find(journal, &topology, &left, &err) == 0) {
		for (size_t i = 0; i < left.count; i++) {
			completion_offer(completion, left.list[i].name, "left the site");
		}
	}
	left_done(&left);
	journal_close(journal);
	diags_free(&diags);
	topology_free(&topology);
}

static void
offer_codes(const struct completion *completion)
{
	for (size_t i = 0; i < exit_row_count(); i++) {
		char word[16];

		snprintf(word, sizeof(word), "%d", exit_row_at(i)->status);
		completion_offer(completion, word, exit_row_at(i)->meaning);
	}
}

static void
offer_platforms(const struct completion *completion)
{
	for (const struct platform *platform = platforms; platform->id; platform++) {
		completion_offer(completion, platform->id, platform->title);
	}
}

const struct completion_kind completion_kinds[] = {
	{ "HOST", offer_hosts },
	{ "LEFT", offer_left },
	{ "SERVER", offer_servers },
	{ "UPSTREAM", offer_upstreams },
	{ "RULE", offer_rules },
	{ "RUN", offer_runs },
	{ "CODE", offer_codes },
	{ "PLATFORM", offer_platforms },
	{ NULL, NULL },
};
