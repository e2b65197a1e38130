#include "orchestrator/health/site.h"

#include "common/duration.h"
#include "orchestrator/health/host.h"
#include "orchestrator/topology/topology.h"

#include <stdio.h>
#include <string.h>

#define FAR_OFF 10  /* times the budget: a server so far off is bad */
#define NAMED_MAX 3 /* hosts that a reason names */

/* Whether half of @all told something new; then it counts as judged. */
static bool
is_due(size_t *news, size_t all)
{
	if (*news == 0 || 2 * *news < all) {
		return false;
	}
	*news = 0;
	return true;
}

/* Whether witnesses measure a source beyond @budget_ns off, and whether they are enough. */
static bool
is_off(const struct seen *seen, int64_t budget_ns, int64_t *off_ns, size_t *witnesses)
{
	int64_t path_ns = 0;

	*off_ns = 0;
	*witnesses = sights_median(seen, off_ns, &path_ns);
	return *witnesses > 0 && (*witnesses > 1 || seen->count == 1) &&
	    duration_size_ns(*off_ns) > budget_ns + path_ns;
}

/* "20.0 ms ahead of" */
static const char *
off_words(int64_t off_ns, char *out, size_t size)
{
	char amount[DURATION_TEXT_BYTES];

	snprintf(out, size, "%s %s", duration_text(duration_size_ns(off_ns), amount),
	    off_ns > 0 ? "ahead of" : "behind");
	return out;
}

/* One judgement of the site. */
struct round {
	struct conditions *conditions;
	struct sights *sights;
	int64_t now_ns;
};

static void
judge_wrong(const struct round *round, size_t subject, const struct upstream *upstream,
    const struct seen *seen)
{
	size_t used =
	    seen->by[SOURCE_SELECTED] + seen->by[SOURCE_COMBINED] + seen->by[SOURCE_OUTLIER];
	size_t against = seen->by[SOURCE_FALSETICKER], witnesses;
	char reason[CONDITION_REASON_BYTES], words[64], off[128] = "";
	struct finding finding = { STATE_WARN, reason, false };
	int64_t off_ns;
	bool wrong =
	    is_off(seen, round->conditions->topology->budget.offset_ns, &off_ns, &witnesses);

	if (witnesses > 0) {
		snprintf(off, sizeof(off), ", %s the median of their sources",
		    off_words(off_ns, words, sizeof(words)));
	}
	wrong |= against > 0 && against >= used && (against > 1 || seen->count == 1);
	snprintf(reason, sizeof(reason),
	    "%zu of %zu host%s that ask it find it wrong%s; tell its operator%s%.64s, or take it "
	    "out of site.yaml",
	    against > witnesses ? against : witnesses, seen->count, seen->count == 1 ? "" : "s",
	    off, upstream->operator_name ? ", " : "",
	    upstream->operator_name ? upstream->operator_name : "");
	conditions_judge(round->conditions, subject, CONDITION_SOURCE_WRONG,
	    wrong ? &finding : NULL, round->now_ns);
}

static void
judge_upstream(const struct round *round, size_t upstream)
{
	struct seen *seen = &round->sights->seen[sights_upstream(round->sights, upstream)];
	size_t subject = conditions_upstream(round->conditions, upstream);
	char reason[CONDITION_REASON_BYTES];
	const struct finding silent = { STATE_WARN, reason, false };

	if (!is_due(&seen->news, seen->count)) {
		return;
	}
	judge_wrong(round, subject, &round->conditions->topology->upstreams[upstream], seen);
	snprintf(reason, sizeof(reason),
	    "none of %zu host%s that ask%s it gets an answer, and they hear others: see whether it "
	    "is still there (`timetier probe`), or take it out of site.yaml",
	    seen->count, seen->count == 1 ? "" : "s", seen->count == 1 ? "s" : "");
	conditions_judge(round->conditions, subject, CONDITION_SOURCE_SILENT,
	    seen->heard == 0 ? &silent : NULL, round->now_ns);
}

static void
judge_server(const struct round *round, size_t server)
{
	struct seen *seen = &round->sights->seen[sights_server(round->sights, server)];
	const struct host_sights *own = &round->sights->hosts[server];
	const struct host *host = &round->conditions->topology->hosts[server];
	int64_t budget_ns = host_budget(host)->offset_ns, off_ns, unused_ns;
	char reason[CONDITION_REASON_BYTES], words[64], bound[DURATION_TEXT_BYTES] = "";
	struct finding finding = { STATE_WARN, reason, false };
	size_t witnesses, ignored;
	bool off, lies;

	if (!is_due(&seen->news, seen->count)) {
		return;
	}
	off = is_off(seen, budget_ns, &off_ns, &witnesses);
	lies = !off && own->there && is_off(seen, own->bound_ns, &unused_ns, &ignored);
	if (duration_size_ns(off_ns) > FAR_OFF * budget_ns) {
		finding.state = STATE_BAD;
	}
	if (own->there) {
		duration_text(own->bound_ns, bound);
	}
	snprintf(reason, sizeof(reason),
	    "%zu of the hosts that ask it measure it %s the median of their sources%s%s; compare "
	    "its sources with theirs: `timetier doctor %.64s`",
	    witnesses, off_words(off_ns, words, sizeof(words)),
	    own->there ? "; by its own word it is right within " : "", bound, host->name);
	conditions_judge(round->conditions, server, CONDITION_SERVER_OFF_MEDIAN,
	    off ? &finding : NULL, round->now_ns);
	finding.state = STATE_WARN;
	conditions_judge(round->conditions, server, CONDITION_SELF_REPORT_DISAGREES,
	    lies ? &finding : NULL, round->now_ns);
}

static size_t
good_servers(const struct round *round, const struct tier *tier, size_t *unjudged)
{
	size_t good = 0;

	*unjudged = 0;
	for (size_t i = 0; i < tier->server_count; i++) {
		const struct health_subject *server =
		    &round->conditions
			 ->subjects[tier->servers[i] - round->conditions->topology->hosts];

		good += server->state == STATE_GOOD || server->state == STATE_WARN;
		*unjudged += !server->judged;
	}
	return good;
}

static void
judge_quorum(const struct round *round, size_t index)
{
	const struct tier *tier = &round->conditions->topology->tiers[index];
	size_t unjudged, good = good_servers(round, tier, &unjudged);
	size_t need = tier->server_count / 2 + 1;
	char reason[CONDITION_REASON_BYTES];
	const struct finding finding = { STATE_BAD, reason, true };
	bool begun = unjudged == 0 || round->now_ns - round->conditions->begun_ns > HEALTH_HEARD_NS;

	if (!begun && good < need) {
		return; /* those who have not reported to us yet may be good */
	}
	snprintf(reason, sizeof(reason),
	    "%zu of its %zu server%s %s good time, and those below need %zu; mend first what "
	    "stands "
	    "against its servers, and restart none of the others",
	    good, tier->server_count, tier->server_count == 1 ? "" : "s",
	    good == 1 ? "has" : "have", need);
	conditions_judge(round->conditions, conditions_tier(round->conditions, index),
	    CONDITION_QUORUM_SHORT, good < need && tier->server_count > 0 ? &finding : NULL,
	    round->now_ns);
}

/* Who the servers of a tier can follow, together. */
struct ground {
	const struct upstream *one; /* the only upstream, while @alone */
	size_t servers;             /* that tell */
	bool alone, other;          /* one upstream; more than one, or of other operators */
};

static void
add_ground(struct ground *ground, const struct sights *sights, const struct sight *sight)
{
	const struct upstream *upstream;

	if (sight->state < SOURCE_OUTLIER || !sight->heard) {
		return;
	}
	if (sight->seen == SIGHT_NOBODY || sight->seen < sights->topology->server_count) {
		/* a sibling only passes on; a hardware clock or an upper tier is another ground */
		ground->other |= sight->seen == SIGHT_NOBODY;
		return;
	}
	upstream = &sights->topology->upstreams[sight->seen - sights->topology->server_count];
	if (!ground->one) {
		ground->one = upstream;
		ground->alone = true;
	} else if (upstream != ground->one) {
		ground->alone = false;
		ground->other |= !upstream->operator_name || !ground->one->operator_name ||
		    strcmp(upstream->operator_name, ground->one->operator_name) != 0;
	}
}

/* Whether site.yaml gives the tier more than one upstream, and more than one operator. */
static void
declared_ground(const struct tier *tier, bool *several, bool *operators)
{
	const struct upstream *first = NULL;

	*several = *operators = false;
	for (size_t i = 0; i < tier->sources.count; i++) {
		const struct upstream *upstream = tier->sources.list[i].upstream;

		if (!upstream) {
			*several = false; /* it stands on the tier above, too */
			*operators = false;
			return;
		}
		if (first) {
			*several = true;
			*operators |= !first->operator_name || !upstream->operator_name ||
			    strcmp(first->operator_name, upstream->operator_name) != 0;
		}
		first = first ? first : upstream;
	}
}

static void
judge_ground(const struct round *round, size_t index)
{
	const struct topology *topology = round->conditions->topology;
	const struct tier *tier = &topology->tiers[index];
	struct ground ground = { 0 };
	char reason[CONDITION_REASON_BYTES];
	const struct finding finding = { STATE_WARN, reason, false };
	bool several, operators, is;

	if (!is_due(&round->sights->tier_news[index], tier->server_count)) {
		return;
	}
	for (size_t i = 0; i < tier->server_count; i++) {
		const struct host_sights *of =
		    &round->sights->hosts[tier->servers[i] - topology->hosts];

		ground.servers += of->there && of->count > 0;
		for (size_t k = 0; k < of->count; k++) {
			add_ground(&ground, round->sights, &of->list[k]);
		}
	}
	declared_ground(tier, &several, &operators);
	is = ground.servers > 1 && ground.one && !ground.other &&
	    (ground.alone ? several : operators);
	if (is) {
		snprintf(reason, sizeof(reason),
		    "all %zu servers that report stand on %s%.64s now: what that tells is the time "
		    "here, right or wrong; see why the others cannot be used: `timetier probe`",
		    ground.servers, ground.alone ? "" : "upstreams of one operator, ",
		    ground.alone ? ground.one->name : ground.one->operator_name);
	}
	conditions_judge(round->conditions, conditions_tier(round->conditions, index),
	    CONDITION_ONE_UPSTREAM, is ? &finding : NULL, round->now_ns);
}

/* The names of some hosts that announce @leap: "time2, web1 and 4 more". */
static void
name_hosts(const struct round *round, enum leap leap, char *out, size_t size)
{
	const struct topology *topology = round->conditions->topology;
	size_t count = round->sights->leaps[leap], named = 0, len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < topology->host_count && named < NAMED_MAX && named < count; i++) {
		const struct host_sights *of = &round->sights->hosts[i];

		if (of->there && of->leap == leap && !host_is_smeared(&topology->hosts[i])) {
			snprintf(out + len, size - len, "%s%.64s", named > 0 ? ", " : "",
			    topology->hosts[i].name);
			len = strlen(out);
			named++;
		}
	}
	if (count > named) {
		snprintf(out + len, size - len, " and %zu more", count - named);
	}
}

static void
judge_leap(const struct round *round)
{
	const size_t *leaps = round->sights->leaps;
	size_t all = leaps[LEAP_NONE] + leaps[LEAP_INSERT] + leaps[LEAP_DELETE];
	size_t announce = leaps[LEAP_INSERT] + leaps[LEAP_DELETE];
	enum leap few = 2 * announce <= all ? LEAP_INSERT : LEAP_NONE;
	bool differ = (leaps[LEAP_NONE] > 0 && announce > 0) ||
	    (leaps[LEAP_INSERT] > 0 && leaps[LEAP_DELETE] > 0);
	char reason[CONDITION_REASON_BYTES], names[256];
	struct finding finding = { STATE_WARN, reason, false };
	const struct condition *stands;

	if (!is_due(&round->sights->leap_news, all)) {
		return;
	}
	if (differ) {
		if (leaps[few] == 0) {
			few = LEAP_DELETE;
		}
		name_hosts(round, few, names, sizeof(names));
		snprintf(reason, sizeof(reason),
		    "%zu of %zu hosts announce a leap second and the others do not; alone %s it: "
		    "%s; "
		    "see their sources and their list of leap seconds",
		    announce, all, few == LEAP_NONE ? "without" : "with", names);
		stands = conditions_find(round->conditions, conditions_site(round->conditions),
		    CONDITION_LEAP_DISAGREES);
		if (stands && round->now_ns - stands->since_ns > HEALTH_LEAP_NS) {
			finding.state = STATE_BAD; /* no more the spread of the news */
		}
	}
	conditions_judge(round->conditions, conditions_site(round->conditions),
	    CONDITION_LEAP_DISAGREES, differ ? &finding : NULL, round->now_ns);
}

void
health_judge_site(struct conditions *conditions, struct sights *sights, int64_t now_ns)
{
	const struct topology *topology = conditions->topology;
	const struct round round = { conditions, sights, now_ns };

	for (size_t i = 0; i < topology->server_count; i++) {
		judge_server(&round, i);
	}
	for (size_t i = 0; i < topology->upstream_count; i++) {
		judge_upstream(&round, i);
	}
	for (size_t i = 0; i < topology->tier_count; i++) {
		judge_quorum(&round, i);
		judge_ground(&round, i);
	}
	judge_leap(&round);
}
