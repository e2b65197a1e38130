#include "orchestrator/health/conditions.h"

#include "orchestrator/topology/topology.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLEAR 2 /* judgements in a row that do not find a condition that stands: it is gone */

struct code_row {
	const char *name;
	enum condition_scope scope;
	uint8_t raise; /* judgements in a row that find it: it stands */
	const char *title;
};

static const struct code_row code_rows[CONDITION_CODES] = {
	[CONDITION_OVER_BUDGET] = { "over-budget", SCOPE_HOST, 3, "beyond its budget" },
	[CONDITION_UNSYNCHRONISED] = { "unsynchronised", SCOPE_HOST, 3, "follows no source" },
	[CONDITION_FREE_RUNNING] = { "free-running", SCOPE_HOST, 3, "its clock runs free" },
	[CONDITION_DAEMON_STOPPED] = { "daemon-stopped", SCOPE_HOST, 1, "no daemon runs" },
	[CONDITION_NO_ANSWER] = { "no-answer", SCOPE_HOST, 3, "the daemon cannot be asked" },
	[CONDITION_SILENT] = { "silent", SCOPE_HOST, 1, "no report comes" },
	[CONDITION_NOT_HEARD] = { "not-heard", SCOPE_HOST, 1, "no report ever came" },
	[CONDITION_SIBLINGS_ONLY] = { "siblings-only", SCOPE_HOST, 3, "follows siblings only" },
	[CONDITION_CLOCK_LOST] = { "clock-lost", SCOPE_HOST, 3, "a hardware clock is lost" },
	[CONDITION_STEPPED] = { "stepped", SCOPE_HOST, 1, "its clock was set" },
	[CONDITION_RESTART_WOULD_STEP] = { "restart-would-step", SCOPE_HOST, 3,
	    "a restart would step the clock" },
	[CONDITION_SOURCES_GONE] = { "sources-gone", SCOPE_HOST, 3, "hears none of its sources" },
	[CONDITION_SOURCES_SHORT] = { "sources-short", SCOPE_HOST, 3,
	    "fewer usable sources than its quorum" },
	[CONDITION_CLOCK_RATE] = { "clock-rate", SCOPE_HOST, 3, "its clock runs too fast or slow" },
	[CONDITION_CERTIFICATE_ENDS] = { "certificate-ends", SCOPE_HOST, 3,
	    "its certificate ends soon" },
	[CONDITION_SERVER_OFF_MEDIAN] = { "server-off-median", SCOPE_HOST, 3,
	    "others measure it off" },
	[CONDITION_SELF_REPORT_DISAGREES] = { "self-report-disagrees", SCOPE_HOST, 3,
	    "others measure it further off than it says" },
	[CONDITION_QUORUM_SHORT] = { "quorum-short", SCOPE_TIER, 3, "too few good servers" },
	[CONDITION_ONE_UPSTREAM] = { "one-upstream", SCOPE_TIER, 3,
	    "all servers stand on one upstream" },
	[CONDITION_SOURCE_WRONG] = { "source-wrong", SCOPE_SITE, 3,
	    "an upstream tells a wrong time" },
	[CONDITION_SOURCE_SILENT] = { "source-silent", SCOPE_SITE, 3, "an upstream is not heard" },
	[CONDITION_LEAP_DISAGREES] = { "leap-disagrees", SCOPE_SITE, 3,
	    "hosts disagree about a leap second" },
};

const char *
condition_name(enum condition_code code)
{
	return code_rows[code].name;
}

enum condition_code
condition_find(const char *name)
{
	int code = 0;

	while (code < CONDITION_CODES && strcmp(code_rows[code].name, name) != 0) {
		code++;
	}
	return (enum condition_code)code;
}

enum condition_scope
condition_scope(enum condition_code code)
{
	return code_rows[code].scope;
}

const char *
condition_scope_name(enum condition_scope scope)
{
	static const char *const names[] = {
		[SCOPE_HOST] = "host",
		[SCOPE_TIER] = "tier",
		[SCOPE_SITE] = "site",
	};

	return names[scope];
}

const char *
condition_title(enum condition_code code)
{
	return code_rows[code].title;
}

size_t
conditions_host(const struct conditions *conditions UNUSED, size_t host)
{
	return host;
}

size_t
conditions_tier(const struct conditions *conditions, size_t tier)
{
	return conditions->topology->host_count + tier;
}

size_t
conditions_upstream(const struct conditions *conditions, size_t upstream)
{
	return conditions_tier(conditions, conditions->topology->tier_count) + upstream;
}

size_t
conditions_site(const struct conditions *conditions)
{
	return conditions->subject_count - 1;
}

static const char *
subject_name(const struct conditions *conditions, size_t subject)
{
	const struct topology *topology = conditions->topology;

	if (subject < topology->host_count) {
		return topology->hosts[subject].name;
	}
	subject -= topology->host_count;
	if (subject < topology->tier_count) {
		return topology->tiers[subject].name;
	}
	subject -= topology->tier_count;
	return subject < topology->upstream_count ? topology->upstreams[subject].name
						  : topology->site;
}

size_t
conditions_subject(const struct conditions *conditions, enum condition_code code, const char *name)
{
	const struct topology *topology = conditions->topology;
	const struct host *host;

	switch (code_rows[code].scope) {
	case SCOPE_HOST:
		host = topology_host(topology, name);
		return host ? conditions_host(conditions, (size_t)(host - topology->hosts))
			    : SIZE_MAX;
	case SCOPE_TIER:
		for (size_t i = 0; i < topology->tier_count; i++) {
			if (strcmp(topology->tiers[i].name, name) == 0) {
				return conditions_tier(conditions, i);
			}
		}
		return SIZE_MAX;
	case SCOPE_SITE:
		break;
	}
	if (code == CONDITION_LEAP_DISAGREES) {
		return conditions_site(conditions);
	}
	for (size_t i = 0; i < topology->upstream_count; i++) {
		if (strcmp(topology->upstreams[i].name, name) == 0) {
			return conditions_upstream(conditions, i);
		}
	}
	return SIZE_MAX;
}

void
conditions_init(struct conditions *conditions, const struct topology *topology, int64_t now_ns)
{
	*conditions = (struct conditions){
		.topology = topology,
		.subject_count =
		    topology->host_count + topology->tier_count + topology->upstream_count + 1,
		.begun_ns = now_ns,
	};
	conditions->subjects = calloc(conditions->subject_count, sizeof(*conditions->subjects));
	if (!conditions->subjects) {
		abort();
	}
	for (size_t i = 0; i < topology->host_count; i++) {
		conditions->subjects[i].state = STATE_UNKNOWN;
	}
	conditions->hosts[STATE_UNKNOWN] = topology->host_count;
}

void
conditions_done(struct conditions *conditions)
{
	free(conditions->subjects);
	free(conditions->list);
	*conditions = (struct conditions){ 0 };
}

static struct condition *
find(const struct conditions *conditions, size_t subject, enum condition_code code)
{
	uint32_t at = conditions->subjects[subject].first;

	while (at != 0 && conditions->list[at - 1].code != code) {
		at = conditions->list[at - 1].next;
	}
	return at == 0 ? NULL : &conditions->list[at - 1];
}

const struct condition *
conditions_find(const struct conditions *conditions, size_t subject, enum condition_code code)
{
	return find(conditions, subject, code);
}

static uint32_t
take_place(struct conditions *conditions)
{
	uint32_t at = conditions->free;

	if (at != 0) {
		conditions->free = conditions->list[at - 1].next;
		return at;
	}
	if (conditions->used == conditions->capacity) {
		conditions->capacity = conditions->capacity ? 2 * conditions->capacity : 16;
		conditions->list =
		    realloc(conditions->list, conditions->capacity * sizeof(*conditions->list));
		if (!conditions->list) {
			abort();
		}
	}
	return (uint32_t)++conditions->used;
}

static void
set_words(struct condition *condition, const struct finding *finding)
{
	condition->state = finding->state;
	snprintf(condition->reason, sizeof(condition->reason), "%s", finding->reason);
}

static void
add(struct conditions *conditions, size_t subject, enum condition_code code,
    const struct finding *finding, int64_t since_ns)
{
	uint32_t at = take_place(conditions);
	struct condition *made = &conditions->list[at - 1];

	*made = (struct condition){
		.code = code,
		.subject = subject,
		.name = subject_name(conditions, subject),
		.since_ns = since_ns,
		.next = conditions->subjects[subject].first,
	};
	set_words(made, finding);
	conditions->subjects[subject].first = at;
	conditions->subjects[subject].marks[code] = 0;
	conditions->count++;
	conditions->revision++;
}

static void
take_away(struct conditions *conditions, struct condition *condition)
{
	uint32_t gone = (uint32_t)(condition - conditions->list) + 1;
	uint32_t *at = &conditions->subjects[condition->subject].first;

	while (*at != gone) {
		at = &conditions->list[*at - 1].next;
	}
	*at = condition->next;
	conditions->subjects[condition->subject].marks[condition->code] = 0;
	*condition = (struct condition){ .name = NULL, .next = conditions->free };
	conditions->free = gone;
	conditions->count--;
	conditions->revision++;
}

void
conditions_judge(struct conditions *conditions, size_t subject, enum condition_code code,
    const struct finding *finding, int64_t now_ns)
{
	struct health_subject *of = &conditions->subjects[subject];
	struct condition *stands = of->first ? find(conditions, subject, code) : NULL;

	if (!stands && !finding) {
		of->marks[code] = 0;
	} else if (!stands) {
		of->marks[code]++;
		if (finding->sure || of->marks[code] >= code_rows[code].raise) {
			add(conditions, subject, code, finding, now_ns);
		}
	} else if (finding) {
		of->marks[code] = 0;
		conditions->revision += stands->state != finding->state;
		set_words(stands, finding);
	} else if (++of->marks[code] >= CLEAR) {
		take_away(conditions, stands);
	}
}

void
conditions_set_host(
    struct conditions *conditions, size_t host, enum health_state state, bool reporting)
{
	struct health_subject *of = &conditions->subjects[host];

	if (state != of->state) {
		conditions->hosts[of->state]--;
		conditions->hosts[state]++;
		conditions->revision++;
		of->state = state;
	}
	if (reporting != of->reporting) {
		conditions->reporting += reporting ? 1 : SIZE_MAX;
		conditions->revision++;
		of->reporting = reporting;
	}
}

static bool
is_before(const struct condition *a, const struct condition *b)
{
	if (a->state != b->state) {
		return health_state_is_worse(a->state, b->state);
	}
	if (code_rows[a->code].scope != code_rows[b->code].scope) {
		return code_rows[a->code].scope > code_rows[b->code].scope; /* the site's first */
	}
	if (a->code != b->code) {
		return a->code < b->code;
	}
	if (a->since_ns != b->since_ns) {
		return a->since_ns < b->since_ns;
	}
	return a->subject < b->subject;
}

static int
compare(const void *a, const void *b)
{
	const struct condition *left = *(const struct condition *const *)a;
	const struct condition *right = *(const struct condition *const *)b;

	return is_before(left, right) ? -1 : is_before(right, left);
}

const struct condition *
conditions_worst(const struct conditions *conditions, size_t subject)
{
	const struct condition *worst = NULL;

	for (uint32_t at = conditions->subjects[subject].first; at != 0;
	     at = conditions->list[at - 1].next) {
		if (!worst || is_before(&conditions->list[at - 1], worst)) {
			worst = &conditions->list[at - 1];
		}
	}
	return worst;
}

const struct condition **
conditions_sorted(const struct conditions *conditions, struct arena *arena)
{
	const struct condition **sorted =
	    arena_alloc(arena, (conditions->count + 1) * sizeof(*sorted));
	size_t count = 0;

	for (size_t i = 0; i < conditions->used; i++) {
		if (conditions->list[i].name) {
			sorted[count++] = &conditions->list[i];
		}
	}
	qsort(sorted, count, sizeof(*sorted), compare);
	return sorted;
}

bool
conditions_restore(struct conditions *conditions, enum condition_code code, const char *name,
    const struct finding *finding, int64_t since_ns)
{
	size_t subject = conditions_subject(conditions, code, name);

	if (subject == SIZE_MAX || find(conditions, subject, code)) {
		return false;
	}
	add(conditions, subject, code, finding, since_ns);
	return true;
}

void
conditions_replace(struct conditions *conditions, const struct topology *topology)
{
	struct conditions old = *conditions;

	conditions_init(conditions, topology, old.begun_ns);
	conditions->revision = old.revision + 1;
	for (size_t i = 0; i < old.used; i++) {
		const struct condition *kept = &old.list[i];
		const struct finding finding = { kept->state, kept->reason, true };

		if (kept->name) {
			conditions_restore(
			    conditions, kept->code, kept->name, &finding, kept->since_ns);
		}
	}
	for (size_t i = 0; i < topology->host_count; i++) {
		const struct host *was = topology_host(old.topology, topology->hosts[i].name);
		const struct health_subject *of;

		if (was) {
			of = &old.subjects[was - old.topology->hosts];
			conditions->subjects[i].judged = of->judged;
			conditions->subjects[i].good_ns = of->good_ns;
			conditions->subjects[i].ill = of->ill;
			conditions_set_host(conditions, i, of->state, of->reporting);
		}
	}
	conditions_done(&old);
}

enum health_state
conditions_tier_state(
    const struct conditions *conditions, size_t tier, const struct condition **condition)
{
	const struct tier *of = &conditions->topology->tiers[tier];
	const struct condition *worst =
	    conditions_worst(conditions, conditions_tier(conditions, tier));
	size_t unheard = 0;

	for (size_t i = 0; i < of->server_count; i++) {
		size_t host = (size_t)(of->servers[i] - conditions->topology->hosts);
		const struct condition *own = conditions_worst(conditions, host);

		unheard += conditions->subjects[host].state == STATE_UNKNOWN;
		if (own &&
		    (!worst ||
			(condition_scope(worst->code) == SCOPE_HOST && is_before(own, worst)))) {
			worst = own;
		}
	}
	*condition = worst;
	if (worst && condition_scope(worst->code) == SCOPE_TIER) {
		return worst->state;
	}
	if (of->server_count > 0 && unheard == of->server_count) {
		return STATE_UNKNOWN;
	}
	return worst || unheard > 0 ? STATE_WARN : STATE_GOOD; /* the others hold it */
}

/* The worst is a tier's or the site's own; hosts alone make it bad when half of them are. */
enum health_state
conditions_site_state(const struct conditions *conditions)
{
	const size_t *hosts = conditions->hosts;
	size_t all = conditions->topology->host_count;
	size_t unknown = hosts[STATE_STALE] + hosts[STATE_UNKNOWN];
	enum health_state state = STATE_GOOD;

	if (all == 0 || 2 * unknown > all) {
		return hosts[STATE_STALE] > 0 ? STATE_STALE : STATE_UNKNOWN;
	}
	for (size_t i = 0; i < conditions->used; i++) {
		const struct condition *condition = &conditions->list[i];

		if (condition->name && condition_scope(condition->code) != SCOPE_HOST &&
		    health_state_is_worse(condition->state, state)) {
			state = condition->state;
		}
	}
	if (2 * hosts[STATE_BAD] >= all) {
		return STATE_BAD;
	}
	return state == STATE_GOOD && conditions->count > 0 ? STATE_WARN : state;
}
