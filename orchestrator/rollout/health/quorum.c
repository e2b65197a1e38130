#include "orchestrator/rollout/health/quorum.h"

#include "orchestrator/topology/siblings.h"
#include "verdict/health.h"

#include <stdio.h>

/* ntpd rejects a server when the root distance, its own path included, is more than 1.5 s. */
#define CLIENTS_BOUND_NS NS_PER_S

struct hosts {
	const struct host **list;
	size_t count, max;
};

static void
add(struct hosts *hosts, const struct host *host)
{
	for (size_t i = 0; i < hosts->count; i++) {
		if (hosts->list[i] == host) {
			return;
		}
	}
	if (hosts->count < hosts->max) {
		hosts->list[hosts->count++] = host;
	}
}

static bool
takes_from(const struct source_list *sources, const struct host *host)
{
	for (size_t i = 0; i < sources->count; i++) {
		if (sources->list[i].server == host) {
			return true;
		}
	}
	return false;
}

static void
add_sources(struct hosts *hosts, const struct source_list *sources, const struct host *host)
{
	if (!takes_from(sources, host)) {
		return;
	}
	for (size_t i = 0; i < sources->count; i++) {
		if (sources->list[i].server) {
			add(hosts, sources->list[i].server);
		}
	}
}

size_t
quorum_hosts(
    const struct topology *topology, const struct host *host, const struct host **list, size_t max)
{
	struct hosts hosts = { list, 0, max };

	add(&hosts, host);
	for (size_t i = 0; host->tier && i < host->tier->server_count; i++) {
		add(&hosts, host->tier->servers[i]);
	}
	for (size_t i = 0; i < topology->tier_count; i++) {
		add_sources(&hosts, &topology->tiers[i].sources, host);
	}
	for (size_t i = 0; i < topology->group_count; i++) {
		add_sources(&hosts, &topology->groups[i].sources, host);
	}
	return hosts.count;
}

void
quorum_look(struct quorum_view *view, const struct report *report)
{
	const struct budget *budget = host_budget(view->host);
	int64_t bound_ns = budget->error_bound_ns;
	char reason[HEALTH_REASON_BYTES];
	enum health health;

	view->healthy = view->over = false;
	if (!report) {
		snprintf(view->words, sizeof(view->words), "tells nothing");
		return;
	}
	if (!report->answered) {
		snprintf(view->words, sizeof(view->words), "%.90s", report->error);
		return;
	}
	bound_ns = bound_ns > CLIENTS_BOUND_NS ? bound_ns : CLIENTS_BOUND_NS;
	health = health_judge(&report->status, 0, -1, budget->offset_ns, bound_ns, reason);
	/* whom its siblings hold up would fall with them */
	health = health_of_siblings(health, &report->status, view->host, host_is_sibling, reason);
	view->healthy = health == HEALTH_GOOD;
	view->over = health == HEALTH_OVER_BUDGET;
	snprintf(view->words, sizeof(view->words), "%s", view->healthy ? "" : health_name(health));
}

static const struct quorum_view *
view_of(const struct quorum_view *views, size_t count, const struct host *host)
{
	for (size_t i = 0; i < count; i++) {
		if (views[i].host == host) {
			return &views[i];
		}
	}
	return NULL;
}

/* Counts the healthy servers of one set. */
struct count {
	const struct quorum_view *views;
	size_t view_count;
	bool lenient;
	size_t healthy, others;
	const struct quorum_view *missing; /* the first that is not healthy; NULL: none */
};

/* Whether @view counts as healthy. */
static bool
counts(const struct count *count, const struct quorum_view *view)
{
	return view->healthy || (count->lenient && (view->mute || (view->fresh && view->over)));
}

static void
count_one(struct count *count, const struct host *one)
{
	const struct quorum_view *view = view_of(count->views, count->view_count, one);

	count->others++;
	if (!one || host_unmanaged(one) || (view && counts(count, view))) {
		count->healthy++;
	} else if (!count->missing) {
		count->missing = view;
	}
}

static bool
is_enough(const struct count *count, size_t quorum, const char *kind, const char *name, char *words)
{
	const struct quorum_view *missing = count->missing;
	size_t need = quorum < count->others ? quorum : count->others;

	if (count->healthy >= need) {
		return true;
	}
	snprintf(words, QUORUM_WORDS_BYTES,
	    "%s %.60s would be left with %zu healthy server%s of %zu, and needs %zu%s%.40s%s%.80s",
	    kind, name, count->healthy, count->healthy == 1 ? "" : "s", count->others, need,
	    missing ? ": " : "", missing ? missing->host->name : "", missing ? " " : "",
	    missing ? missing->words : "");
	return false;
}

/* Whether those who take time from @sources can do without @host. */
static bool
sources_allow(struct count count, const struct source_list *sources, const struct host *host,
    size_t quorum, char *words)
{
	const char *name = host->tier ? host->tier->name : host->name;

	if (!takes_from(sources, host)) {
		return true;
	}
	for (size_t i = 0; i < sources->count; i++) {
		const struct upstream *upstream = sources->list[i].upstream;
		unsigned votes = upstream ? upstream_votes(upstream) : 1;

		for (unsigned k = 0; sources->list[i].server != host && k < votes; k++) {
			count_one(&count, sources->list[i].server);
		}
	}
	return is_enough(&count, quorum, "who takes time from", name, words);
}

static bool
tier_allows(struct count count, const struct host *host, char *words)
{
	const struct tier *tier = host->tier;

	for (size_t i = 0; tier && i < tier->server_count; i++) {
		if (tier->servers[i] != host) {
			count_one(&count, tier->servers[i]);
		}
	}
	return !tier || is_enough(&count, tier->server_count / 2 + 1, "tier", tier->name, words);
}

bool
quorum_allows(const struct topology *topology, const struct host *host,
    const struct quorum_view *views, size_t count, bool lenient, char *words)
{
	const struct quorum_view *own = view_of(views, count, host);
	struct count none = { .views = views, .view_count = count, .lenient = lenient };

	words[0] = '\0';
	if (own && !own->healthy && !own->mute) {
		return true;
	}
	if (!tier_allows(none, host, words)) {
		return false;
	}
	for (size_t i = 0; i < topology->tier_count; i++) {
		const struct tier *tier = &topology->tiers[i];

		if (!sources_allow(none, &tier->sources, host, tier_quorum(tier), words)) {
			return false;
		}
	}
	for (size_t i = 0; i < topology->group_count; i++) {
		const struct source_list *sources = &topology->groups[i].sources;

		if (!sources_allow(none, sources, host, source_votes(sources) / 2 + 1, words)) {
			return false;
		}
	}
	return true;
}
