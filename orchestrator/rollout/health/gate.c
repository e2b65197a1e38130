#include "orchestrator/rollout/health/gate.h"

#include "common/duration.h"
#include "orchestrator/topology/refclocks.h"
#include "orchestrator/topology/siblings.h"
#include "verdict/health.h"
#include "verdict/leap.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STEP_NS NS_PER_MS            /* less is no step; REALTIME - BOOTTIME is good to 10 ns */
#define SETTLE_NS (5 * NS_PER_S)     /* a daemon that cannot run is gone by then */
#define IMPROVING_NS (10 * NS_PER_S) /* an offset must have shrunk over so long */
#define HEARING_NS (20 * NS_PER_S)   /* two polls of a peer, and a margin */

/*
 * Whether the daemon follows its sources and the offset is within the budget.  The error bound is
 * not waited for: after a restart ntpd's takes minutes to shrink, however good the clock is.
 */
static enum health
judge_health(const struct gate *gate, const struct daemon_status *status, char *reason)
{
	return health_judge(status, 0, -1, gate->budget.offset_ns, INT64_MAX / 4, reason);
}

/* How far the clock was stepped between two reports of one boot; a leap second is no step. */
static int64_t
stepped_ns(const struct report *before, const struct report *now)
{
	enum leap told;
	int64_t step_ns;

	if (!before || strcmp(before->boot_id, now->boot_id) != 0) {
		return 0;
	}
	step_ns = (now->real_ns - now->boot_ns) - (before->real_ns - before->boot_ns);
	told = before->answered ? before->status.leap : LEAP_UNSYNC;
	if (duration_size_ns(step_ns) <= STEP_NS ||
	    leap_explains(told, step_ns, before->real_ns, now->real_ns)) {
		return 0;
	}
	return step_ns;
}

static struct site_time_case
site_case(const struct gate *gate, const struct report *now, int64_t elapsed_ns)
{
	return (struct site_time_case){ .topology = gate->topology,
		.host = gate->host,
		.before = gate->before,
		.now = now,
		.elapsed_ns = elapsed_ns,
		.heard = gate->heard,
		.heard_count = gate->heard_count,
		.voters = gate->voters,
		.voter_count = gate->voter_count,
		.now_ns = gate->changed_ns + elapsed_ns };
}

/*
 * Whether the clock does not get worse, for a host whose time was not good before the change.  Such
 * a host may be over its budget for many minutes more, because a large offset is slewed.  Servers
 * of the site that it follows may be on their way, too: its offset is known as well as theirs is,
 * so it may be smaller by that, or have been larger at first.
 */
static bool
is_improving(struct gate *gate, const struct site_time_case *site, bool was_good)
{
	int64_t size_ns = duration_size_ns(site->now->status.offset_ns);
	int64_t moving_ns = site_time_moving_ns(site, &site->now->status);

	if (!gate->seen) {
		gate->seen = true;
		gate->first_most_ns = size_ns + moving_ns;
		gate->first_ns = site->elapsed_ns;
	}
	return !was_good && site->elapsed_ns - gate->first_ns >= IMPROVING_NS &&
	    size_ns - moving_ns <= gate->first_most_ns;
}

/* A clock that was right by servers that are not right themselves is not known to have been. */
static bool
was_good(const struct gate *gate, const struct site_time_case *site)
{
	struct site_clock clock;

	return site_time_before(gate->before, gate->budget.offset_ns, &clock) &&
	    duration_size_ns(clock.offset_ns) <= gate->budget.offset_ns &&
	    site_time_moving_ns(site, &gate->before->status) <= gate->budget.offset_ns;
}

static const struct source_status *
source_at(const struct daemon_status *status, const char *address)
{
	for (size_t i = 0; i < status->source_count; i++) {
		if (strcmp(status->sources[i].address, address) == 0) {
			return &status->sources[i];
		}
	}
	return NULL;
}

/* Whether @address is a server of the host's own tier: it may get its configuration later. */
static bool
is_sibling(const struct gate *gate, const char *address)
{
	const struct host *server = site_server_at(gate->topology, address);

	return server && gate->host && server->tier == gate->host->tier;
}

/*
 * A sibling that the host heard before the change and does not hear yet; NULL: none.  The next
 * server is touched only when the servers of each pair hear each other again: else both could be
 * deaf at once.
 */
static const char *
deaf_to(const struct gate *gate, const struct daemon_status *now)
{
	const struct daemon_status *before = gate->before ? &gate->before->status : NULL;

	for (size_t i = 0; before && i < before->source_count; i++) {
		const struct source_status *source = &before->sources[i];
		const struct source_status *same = source_at(now, source->address);

		if (source->reach != 0 && same && same->reach == 0 &&
		    is_sibling(gate, source->address)) {
			return source->address;
		}
	}
	return NULL;
}

/*
 * Count the sources that the change brought and that have a vote.  @unknown counts those of them
 * that the daemon cannot judge yet: it has not heard them, or not often enough.
 */
static size_t
count_new(const struct gate *gate, const struct daemon_status *now, size_t *unknown)
{
	size_t count = 0;

	*unknown = 0;
	for (size_t i = 0; i < now->source_count; i++) {
		const struct source_status *source = &now->sources[i];

		if (!source_at(&gate->before->status, source->address) && !source->noselect &&
		    !is_sibling(gate, source->address)) {
			count++;
			*unknown += source->state < SOURCE_FALSETICKER;
		}
	}
	return count;
}

/* Count those that it follows; siblings relay what others say, and are no vote against new sources.
 */
static size_t
count_followed(const struct gate *gate, const struct daemon_status *status)
{
	size_t count = 0;

	for (size_t i = 0; i < status->source_count; i++) {
		const struct source_status *source = &status->sources[i];

		count += source->state >= SOURCE_OUTLIER && !is_sibling(gate, source->address);
	}
	return count;
}

/*
 * Whether one of the sources that the daemon has now holds the clock.  A chronyd whose new sources
 * and siblings contradict each other calls all of them falsetickers, and names the source of before
 * as the one that it follows.
 */
static bool
follows_any(const struct daemon_status *status)
{
	for (size_t i = 0; i < status->source_count; i++) {
		if (status->sources[i].state >= SOURCE_COMBINED) {
			return true;
		}
	}
	return false;
}

/*
 * Whether what the daemon says of the clock may still rest on its sources of before the change: it
 * follows none yet, or new sources that it cannot judge yet could outvote those that it follows.
 */
static bool
is_of_before(const struct gate *gate, const struct daemon_status *now, char *words)
{
	size_t count, unknown;

	if (!gate->before || !gate->before->answered) {
		return false;
	}
	count = count_new(gate, now, &unknown);
	if (unknown > 0 && unknown >= count_followed(gate, now)) {
		snprintf(words, GATE_WORDS_BYTES, "%zu of its %zu new sources cannot be used yet",
		    unknown, count);
		return true;
	}
	if ((now->selected[0] == '\0' && gate->before->status.selected[0] != '\0') ||
	    (count > 0 && !follows_any(now))) {
		snprintf(words, GATE_WORDS_BYTES, "it follows none of its sources yet");
		return true;
	}
	return false;
}

/* Wait until the host hears its siblings again; not for ever, for one may have failed by itself. */
static enum gate_answer
judge_siblings(const struct gate *gate, const struct report *now, int64_t elapsed_ns, char *words)
{
	const char *sibling = deaf_to(gate, &now->status);

	words[0] = '\0';
	if (!sibling || elapsed_ns > HEARING_NS || elapsed_ns > gate->confirm_within_ns / 2) {
		return GATE_KEEP;
	}
	snprintf(words, GATE_WORDS_BYTES, "it does not hear %.100s yet", sibling);
	return GATE_AGAIN;
}

/* Say why the time is not good, and what the site has to say to it. */
static void
say_health(const struct site_time_case *site, enum health health, const char *reason,
    const char *site_words, char *words)
{
	char moving[SITE_TIME_WORDS_BYTES];

	site_time_say_moving(site, moving);
	snprintf(words, GATE_WORDS_BYTES, "%s: %.200s%s%.128s%s%.200s", health_name(health), reason,
	    moving[0] ? "; " : "", moving,
	    site_words[0] ? "; believed nevertheless (--trust-sources): " : "", site_words);
}

/* Note what the page will say of a daemon that has just begun, and how long. */
static void
say_settling(const struct gate *gate, const struct report *now, char *words)
{
	char reason[HEALTH_REASON_BYTES];
	enum health health = health_judge(&now->status, 0, proof_runs_ns(&now->proof, now->boot_ns),
	    gate->budget.offset_ns, gate->budget.error_bound_ns, reason);

	words[0] = '\0';
	if (health == HEALTH_SETTLING) {
		snprintf(words, GATE_WORDS_BYTES, "%s: %s", health_name(health), reason);
	}
}

/* Whether a source outside its tier has a say in the host's time. */
static bool
is_held_outside(const struct gate *gate, const struct report *report)
{
	for (size_t i = 0; report && report->answered && i < report->status.source_count; i++) {
		const struct source_status *source = &report->status.sources[i];

		if (source->state >= SOURCE_COMBINED && source->reach != 0 &&
		    !host_is_sibling(gate->host, source->address)) {
			return true;
		}
	}
	return false;
}

/*
 * Whether siblings alone hold a host that sources outside held before the change: they would hide
 * that the change took those from it.
 */
static bool
has_lost_sources(const struct gate *gate, const struct report *now, char *words)
{
	char reason[HEALTH_REASON_BYTES];

	if (!gate->host || !is_held_outside(gate, gate->before) ||
	    health_of_siblings(HEALTH_GOOD, &now->status, gate->host, host_is_sibling, reason) !=
		HEALTH_SIBLINGS) {
		return false;
	}
	snprintf(words, GATE_WORDS_BYTES, "%s: %.200s", health_name(HEALTH_SIBLINGS), reason);
	return true;
}

/*
 * Whether a hardware clock that the daemon heard before the change is lost by it: the other sources
 * would hide that.  One that is asked too seldom is not waited for.  Where nobody tells when the
 * daemon was started, the change may have done it @elapsed_ns ago.
 */
static bool
has_lost_clock(const struct gate *gate, const struct report *now, int64_t elapsed_ns, char *words)
{
	int64_t runs_ns = proof_runs_ns(&now->proof, now->boot_ns);
	const struct refclock *lost;
	bool outvoted, before;

	if (!gate->host || !gate->before || !gate->before->answered) {
		return false;
	}
	lost = host_lost_clock(
	    gate->host, &now->status, runs_ns < 0 ? elapsed_ns : runs_ns, &outvoted);
	if (!lost || outvoted || 2 * (NS_PER_S << lost->poll) > gate->confirm_within_ns ||
	    lost == host_lost_clock(gate->host, &gate->before->status, -1, &before)) {
		return false;
	}
	snprintf(words, GATE_WORDS_BYTES, "%s: its hardware clock %s gave time before the change",
	    health_name(HEALTH_CLOCK), lost->name);
	return true;
}

/*
 * Judge a daemon that takes the median of its servers and is not there yet: it has measured most of
 * them, and slews.  Source: OpenNTPD 6.2p3; its first correction comes some 85 s after its start.
 */
static enum gate_answer
judge_median(const struct daemon_status *now, char *words)
{
	size_t measured = 0;

	for (size_t i = 0; i < now->source_count; i++) {
		measured += now->sources[i].state >= SOURCE_COMBINED && now->sources[i].reach != 0;
	}
	if (2 * measured <= now->source_count) {
		snprintf(words, GATE_WORDS_BYTES, "%zu of its %zu servers are measured so far",
		    measured, now->source_count);
		return GATE_AGAIN;
	}
	snprintf(words, GATE_WORDS_BYTES,
	    "%zu of its %zu servers are measured; it counts itself as synchronised when its clock "
	    "is slewed to them, which takes minutes",
	    measured, now->source_count);
	return GATE_KEEP;
}

/* Judge the offset.  The daemon answers, and no step was seen. */
static enum gate_answer
judge_offset(struct gate *gate, const struct report *now, int64_t elapsed_ns, char *words)
{
	char reason[HEALTH_REASON_BYTES], site_words[SITE_TIME_WORDS_BYTES] = "";
	struct site_time_case site = site_case(gate, now, elapsed_ns);
	enum site_time answer = gate->host ? site_time_judge(&site, site_words) : SITE_TIME_OPEN;
	enum health health = judge_health(gate, &now->status, reason);

	if (answer == SITE_TIME_DISAGREES && !gate->trusts) {
		snprintf(words, GATE_WORDS_BYTES, "%s", site_words);
		gate->wrong_time = true;
		return GATE_BACK;
	}
	if (gate->by_median && now->status.leap == LEAP_UNSYNC) {
		return judge_median(&now->status, words);
	}
	if (is_of_before(gate, &now->status, words)) {
		return GATE_AGAIN;
	}
	if (health == HEALTH_GOOD &&
	    (has_lost_sources(gate, now, words) || has_lost_clock(gate, now, elapsed_ns, words))) {
		return GATE_AGAIN;
	}
	if (health == HEALTH_GOOD) {
		enum gate_answer siblings = judge_siblings(gate, now, elapsed_ns, words);

		if (siblings == GATE_KEEP) {
			say_settling(gate, now, words);
		}
		return siblings;
	}
	say_health(&site, health, reason, site_words, words);
	/* a host whose time was wrong may need long to slew to the right time */
	if (health == HEALTH_OVER_BUDGET &&
	    is_improving(gate, &site,
		was_good(gate, &site) && answer != SITE_TIME_CORRECTS && !gate->trusts)) {
		return GATE_KEEP;
	}
	return GATE_AGAIN;
}

static enum gate_answer
judge_time(struct gate *gate, const struct report *now, int64_t elapsed_ns, char *words)
{
	char size[DURATION_TEXT_BYTES];

	gate->stepped_ns = stepped_ns(gate->before, now);
	if (gate->stepped_ns != 0 && !gate->may_step) {
		snprintf(words, GATE_WORDS_BYTES, "the clock was stepped by %s",
		    duration_text(gate->stepped_ns, size));
		return GATE_BACK;
	}
	if (!now->answered) {
		snprintf(words, GATE_WORDS_BYTES, "the daemon does not answer: %.200s", now->error);
		return GATE_AGAIN;
	}
	for (size_t i = 0; i < gate->name_count; i++) {
		if (!stale_is_cured(&gate->names[i], &now->status)) {
			snprintf(words, GATE_WORDS_BYTES, "it does not ask %.100s for %.100s",
			    gate->names[i].now, gate->names[i].name);
			return GATE_AGAIN;
		}
	}
	return judge_offset(gate, now, elapsed_ns, words);
}

enum gate_answer
gate_judge(struct gate *gate, const char *active, const struct report *now, int64_t elapsed_ns,
    char *words)
{
	enum gate_answer answer = GATE_AGAIN;
	bool runs = strcmp(active, "active") == 0 || active[0] == '\0';

	words[0] = '\0';
	if (!runs) {
		snprintf(words, GATE_WORDS_BYTES, "%s is %.80s", gate->unit, active);
		/* nobody starts a daemon again that has ended */
		if (strcmp(active, "activating") != 0) {
			return GATE_BACK;
		}
	} else if (!gate->asks_time) {
		return active[0] == '\0' || elapsed_ns >= SETTLE_NS ? GATE_KEEP : GATE_AGAIN;
	} else if (now) {
		answer = judge_time(gate, now, elapsed_ns, words);
	} else {
		snprintf(words, GATE_WORDS_BYTES, "the agent on the host gives no report");
	}
	if (answer == GATE_AGAIN && elapsed_ns > gate->confirm_within_ns) {
		return GATE_BACK;
	}
	return answer;
}
