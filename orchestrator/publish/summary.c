#include "orchestrator/publish/summary.h"

#include "common/duration.h"
#include "orchestrator/topology/topology.h"

const char *
site_state_name(enum site_state state)
{
	static const char *const names[] = {
		[SITE_GOOD] = "good",
		[SITE_DEGRADED] = "degraded",
		[SITE_BAD] = "bad",
		[SITE_UNKNOWN] = "unknown",
	};

	return names[state];
}

bool
is_heard(const struct fleet_host *row)
{
	return fleet_is_fresh(row) && report_has_status(&row->report);
}

bool
is_measured(const struct fleet_host *row)
{
	return host_unmanaged(row->host) && fleet_is_fresh(row);
}

static int64_t
bound_ns(const struct fleet_host *row)
{
	return daemon_error_bound_ns(&row->report.status);
}

int
health_rank(enum health health)
{
	/* The higher rank is worse.  A host that was never heard of is next to good: perhaps its
	 * agent is not installed yet. */
	static const int ranks[] = {
		[HEALTH_GOOD] = 0,
		[HEALTH_UNMEASURABLE] = 0,
		[HEALTH_NEVER] = 1,
		[HEALTH_SETTLING] = 2,
		[HEALTH_SIBLINGS] = 3,
		[HEALTH_CLOCK] = 4,
		[HEALTH_FREE_RUNNING] = 5,
		[HEALTH_SILENT] = 6,
		[HEALTH_NO_ANSWER] = 7,
		[HEALTH_STOPPED] = 8,
		[HEALTH_UNSYNCED] = 9,
		[HEALTH_OVER_BUDGET] = 10,
		[HEALTH_EXITED] = 11,
	};

	return ranks[health];
}

bool
is_worse(const struct fleet_host *a, const struct fleet_host *b)
{
	if (a->health != b->health) {
		return health_rank(a->health) > health_rank(b->health);
	}
	if (a->host->role != b->host->role) {
		return a->host->role == HOST_SERVER;
	}
	return is_heard(a) && is_heard(b) && bound_ns(a) > bound_ns(b);
}

/* Whether to name @a, not @b, as unsafe: first hosts that are heard, then by the worse verdict. */
static bool
is_less_safe(const struct fleet_host *a, const struct fleet_host *b)
{
	static const int ranks[] = {
		[VERDICT_SAFE] = 0,
		[VERDICT_SLEW] = 1,
		[VERDICT_UNKNOWN] = 2,
		[VERDICT_EXIT] = 3,
		[VERDICT_STEP] = 4,
	};

	if (is_heard(a) != is_heard(b)) {
		return is_heard(a);
	}
	return ranks[a->report.verdict.kind] > ranks[b->report.verdict.kind];
}

static void
count_host(const struct fleet_host *row, struct headline *headline)
{
	enum verdict_kind kind = is_heard(row) ? row->report.verdict.kind : VERDICT_UNKNOWN;
	bool unmeasurable = row->health == HEALTH_UNMEASURABLE;

	headline->counts[row->health]++;
	headline->known_count += !unmeasurable;
	if (row->health != HEALTH_GOOD && !unmeasurable &&
	    (!headline->worst || is_worse(row, headline->worst))) {
		headline->worst = row;
	}
	if (host_unmanaged(row->host)) {
		return; /* nobody restarts its daemon from here */
	}
	headline->managed_count++;
	headline->verdicts[kind]++;
	if (is_heard(row) && (!headline->widest || bound_ns(row) > bound_ns(headline->widest))) {
		headline->widest = row;
	}
	if (kind != VERDICT_SAFE && (!headline->unsafe || is_less_safe(row, headline->unsafe))) {
		headline->unsafe = row;
	}
	if (kind <= VERDICT_SLEW && row->report.verdict.degraded) {
		headline->lost = row;
		headline->lost_count++;
		headline->safe_lost_count += kind == VERDICT_SAFE;
	}
}

/*
 * A tier without any server that is good or settles, or NULL; @known is whether all of its servers
 * are heard, @inside whether one is within its budget and follows siblings only.
 */
static const struct tier *
lost_tier(const struct fleet *fleet, bool *known, bool *inside)
{
	const struct topology *topology = fleet->topology;

	for (size_t i = 0; i < topology->tier_count; i++) {
		const struct tier *tier = &topology->tiers[i];
		size_t good = 0;

		*known = true;
		*inside = false;
		for (size_t j = 0; j < tier->server_count; j++) {
			const struct fleet_host *row = fleet_find(fleet, tier->servers[j]->name);

			good += row->health == HEALTH_GOOD || row->health == HEALTH_SETTLING ||
			    row->health == HEALTH_CLOCK;
			*known &= fleet_is_fresh(row);
			*inside |= row->health == HEALTH_SIBLINGS;
		}
		if (good == 0 && tier->server_count > 0) {
			return tier;
		}
	}
	return NULL;
}

/* "7 of 12 hosts" */
static const char *
of_all(struct arena *arena, size_t count, size_t all)
{
	return arena_printf(arena, "%zu of %zu host%s", count, all, all == 1 ? "" : "s");
}

static void
judge_site(const struct fleet *fleet, struct arena *arena, struct headline *headline)
{
	bool known, inside;
	const struct tier *lost = lost_tier(fleet, &known, &inside);
	size_t all = headline->known_count, good = headline->counts[HEALTH_GOOD];
	size_t settling = headline->counts[HEALTH_SETTLING];
	size_t clocks = headline->counts[HEALTH_CLOCK]; /* their time is good all the same */
	size_t unheard = headline->counts[HEALTH_SILENT] + headline->counts[HEALTH_NEVER] +
	    headline->counts[HEALTH_NO_ANSWER];

	if (all == 0 || headline->counts[HEALTH_NEVER] == all) {
		headline->state = SITE_UNKNOWN;
		headline->text = fleet->count == 0 ? "The site has no hosts"
		    : all == 0                     ? "No host of the site tells its time"
						   : "No host has reported yet";
	} else if (2 * unheard > all) {
		headline->state = SITE_UNKNOWN;
		headline->text =
		    arena_printf(arena, "Nothing is known of %s", of_all(arena, unheard, all));
	} else if (good == all) {
		headline->state = SITE_GOOD;
		headline->text = "The site\xe2\x80\x99s time is good";
	} else if (lost && inside) {
		headline->state = SITE_DEGRADED;
		headline->text =
		    arena_printf(arena, "No server of %s follows a source outside it", lost->name);
	} else if (lost) {
		headline->state = SITE_BAD;
		headline->text = arena_printf(arena, "No server of %s %s good time", lost->name,
		    known ? "has" : "is known to have");
	} else if (settling > 0 && good + settling + unheard == all) {
		headline->state = SITE_DEGRADED;
		headline->text =
		    arena_printf(arena, "Time settles on %s", of_all(arena, settling, all));
	} else if (2 * (good + settling + clocks) < all) {
		headline->state = SITE_BAD;
		headline->text =
		    arena_printf(arena, "Time is good on only %s", of_all(arena, good, all));
	} else {
		headline->state = SITE_DEGRADED;
		headline->text =
		    arena_printf(arena, "Time is good on %s", of_all(arena, good + clocks, all));
	}
}

/* "time1 is over budget", "time2 has exited", "time3 follows siblings only". */
static const char *
verb_of(enum health health)
{
	switch ((int)health) {
	case HEALTH_EXITED:
		return "has ";
	case HEALTH_NO_ANSWER:
		return "gives ";
	case HEALTH_SIBLINGS:
		return "";
	case HEALTH_CLOCK:
		return "has its ";
	default:
		return "is ";
	}
}

static const char *
detail_words(const struct fleet *fleet, struct arena *arena, const struct headline *headline)
{
	const struct fleet_host *worst = headline->worst, *widest = headline->widest;
	char bound[DURATION_TEXT_BYTES];

	if (fleet->count == 0) {
		return "site.yaml declares neither servers nor clients";
	}
	if (headline->known_count == 0) {
		return "None is managed, and none answers a question for the time";
	}
	if (headline->counts[HEALTH_NEVER] == headline->known_count) {
		return "Agents report within about a minute, once \xe2\x80\x9ctimetier "
		       "apply\xe2\x80\x9d has put them on the hosts";
	}
	if (worst && worst->health == HEALTH_NEVER) {
		return arena_printf(
		    arena, "Nothing was heard from %s yet: %s", worst->host->name, worst->reason);
	}
	if (worst) {
		return arena_printf(arena, "%s %s%s%s%s", worst->host->name, verb_of(worst->health),
		    health_name(worst->health), worst->reason[0] ? ": " : "", worst->reason);
	}
	if (!widest) {
		return "";
	}
	duration_text(bound_ns(widest), bound);
	return headline->known_count == 1
	    ? arena_printf(arena, "The only host, %s, is within budget, and within %s of true time",
		  widest->host->name, bound)
	    : arena_printf(arena,
		  "All %zu hosts are within budget; the least certain, %s, is within "
		  "%s of true time",
		  headline->known_count, widest->host->name, bound);
}

/* Where the amount of a move is not known, the reason says more than "0 ns". */
static const char *
move_words(struct arena *arena, const struct verdict *verdict, const char *known,
    const char *unknown, const char *and)
{
	char amount[DURATION_TEXT_BYTES];

	if (verdict->amount_ns != 0) {
		return arena_printf(arena, "would %s by %s%s", known,
		    duration_text(verdict->amount_ns, amount), and);
	}
	return arena_printf(arena, "%s%s%s%s", unknown, and, verdict->reason_count > 0 ? ": " : "",
	    verdict->reason_count > 0 ? verdict->reasons[0] : "");
}

/* @and: what else would happen, where only the rate of the clock changes */
static const char *
verdict_words(struct arena *arena, const struct verdict *verdict, const char *and)
{
	switch (verdict->kind) {
	case VERDICT_SAFE:
		return "would be safe";
	case VERDICT_SLEW:
		return move_words(arena, verdict, "slew", "would slew", and);
	case VERDICT_EXIT:
		return "would refuse to run again";
	case VERDICT_STEP:
		return move_words(arena, verdict, "step", "may step", "");
	case VERDICT_UNKNOWN:
		break;
	}
	return "cannot be judged";
}

/* What is said where a host is not safe: which, why, and how many would follow no source. */
static const char *
unsafe_words(struct arena *arena, const struct headline *headline)
{
	const struct fleet_host *unsafe = headline->unsafe;
	bool same = headline->lost_count == 1 && headline->lost == unsafe;
	const char *words = is_heard(unsafe)
	    ? verdict_words(arena, &unsafe->report.verdict, same ? " and follow no source" : "")
	    : "cannot be judged";

	if (headline->lost_count == 0 || same) {
		return arena_printf(arena, "%s %s", unsafe->host->name, words);
	}
	return arena_printf(arena, "%s %s; %zu would follow no source, as %s", unsafe->host->name,
	    words, headline->lost_count, headline->lost->host->name);
}

static const char *
restart_words(struct arena *arena, const struct headline *headline)
{
	size_t all = headline->managed_count;
	size_t safe = headline->verdicts[VERDICT_SAFE] - headline->safe_lost_count;
	const struct fleet_host *unsafe = headline->unsafe;

	if (all == 0 && headline->host_count > 0) {
		return "Not from here: no host is managed";
	}
	if (!headline->widest) {
		return headline->counts[HEALTH_NEVER] + headline->counts[HEALTH_SILENT] >= all
		    ? "Not known: no host is heard"
		    : "Not known: no daemon answers";
	}
	if (!unsafe && headline->lost) {
		return arena_printf(arena,
		    "Clocks would be safe, but %s would follow no source: %s%s",
		    of_all(arena, headline->lost_count, all), headline->lost->host->name,
		    headline->lost_count > 1 ? " and others" : "");
	}
	if (!unsafe) {
		return all == 1
		    ? "Yes, a restart is safe"
		    : arena_printf(arena, "Yes, a restart is safe on all %zu hosts", all);
	}
	return arena_printf(arena, "%s %s; %s", safe > 0 ? "Safe on" : "No: safe on",
	    of_all(arena, safe, all), unsafe_words(arena, headline));
}

void
summarise(const struct fleet *fleet, struct arena *arena, struct headline *headline)
{
	*headline = (struct headline){ .host_count = fleet->count };
	for (size_t i = 0; i < fleet->count; i++) {
		count_host(&fleet->hosts[i], headline);
	}
	judge_site(fleet, arena, headline);
	headline->detail = detail_words(fleet, arena, headline);
	headline->restart_text = restart_words(arena, headline);
}
