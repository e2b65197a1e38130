#include "orchestrator/rollout/health/site_time.h"

#include "common/duration.h"
#include "common/ntp/select.h"
#include "verdict/health.h"

#include <stdio.h>
#include <string.h>

#define SLEW_PPM 500    /* as fast as our servers' clocks move while they are corrected */
#define FAST_PPM 100000 /* as fast as the kernel moves a clock */
#define DRIFT_PPM 15    /* as fast as a clock drifts that nobody corrects: RFC 5905's PHI */
#define SHOWN_MAX 3

struct vote {
	const struct site_time_case *input;
	int64_t budget_ns, since_ns;
	struct site_clock followed; /* the source that the host follows now */
	struct site_clock clocks[SITE_CLOCKS_MAX];
	size_t count;
};

/* How far the clock may have been slewed in @ns. */
static int64_t
slewed_ns(int64_t ns)
{
	return ns / 1000000 * SLEW_PPM;
}

/* Whether the source of now says that the host's clock is wrong. */
static bool
is_far(const struct vote *vote)
{
	return duration_size_ns(vote->followed.offset_ns) >
	    vote->budget_ns + vote->followed.error_ns;
}

static bool
is_measured(const struct source_status *source)
{
	return source->age_ns >= 0 && source->reach != 0 && source->stratum > 0 &&
	    source->stratum < 16 && source->auth != AUTH_BAD;
}

/*
 * The error of a source, plus the drift since it was measured, minus filter_ns.  The daemon adds
 * filter_ns while it has few samples: that says how little the daemon relies on the source, not how
 * wrong an exchange of four time stamps can be.
 */
static int64_t
measured_error_ns(const struct source_status *source)
{
	int64_t age_ns = source->age_ns > 0 ? source->age_ns : 0;

	return source->error_ns - source->filter_ns + age_ns / 1000000 * DRIFT_PPM;
}

static struct site_clock
clock_of(const struct vote *vote, const struct source_status *source, const char *name)
{
	int64_t recent_ns = source->age_ns < vote->since_ns ? source->age_ns : vote->since_ns;

	return (struct site_clock){ name, source->offset_ns,
		measured_error_ns(source) + slewed_ns(recent_ns) };
}

static const struct source_status *
selected_of(const struct daemon_status *status)
{
	for (size_t i = 0; i < status->source_count; i++) {
		if (status->sources[i].state == SOURCE_SELECTED) {
			return &status->sources[i];
		}
	}
	return NULL;
}

const struct host *
site_server_at(const struct topology *topology, const char *text)
{
	struct ip ip;

	if (!topology || !ip_parse(text, &ip)) {
		return NULL;
	}
	for (size_t i = 0; i < topology->server_count; i++) {
		const struct host *server = &topology->hosts[i];

		for (size_t k = 0; k < server->addresses.count; k++) {
			if (ip_equal(&server->addresses.list[k].ip, &ip)) {
				return server;
			}
		}
	}
	return NULL;
}

/* A server has one vote for all its addresses: the clock with the smaller error counts. */
static void
add(struct vote *vote, struct site_clock clock)
{
	for (size_t i = 0; i < vote->count; i++) {
		if (strcmp(vote->clocks[i].name, clock.name) == 0) {
			if (clock.error_ns < vote->clocks[i].error_ns) {
				vote->clocks[i] = clock;
			}
			return;
		}
	}
	if (vote->count < SITE_CLOCKS_MAX) {
		vote->clocks[vote->count++] = clock;
	}
}

static void
add_measured(struct vote *vote)
{
	const struct daemon_status *status = &vote->input->now->status;

	for (size_t i = 0; i < status->source_count; i++) {
		const struct source_status *source = &status->sources[i];
		const struct host *server = site_server_at(vote->input->topology, source->address);

		if (server && server != vote->input->host && is_measured(source)) {
			add(vote, clock_of(vote, source, server->name));
		}
	}
}

/* Set @clock by the source that the daemon follows. */
static void
set_followed(const struct daemon_status *status, struct site_clock *clock)
{
	const struct source_status *source = selected_of(status);

	clock->offset_ns = status->offset_ns;
	clock->error_ns = source ? measured_error_ns(source) : daemon_error_bound_ns(status);
}

/* Set @clock by the majority of the sources of a daemon that follows none yet: it just started. */
static bool
set_majority(const struct daemon_status *status, struct site_clock *clock)
{
	struct select_source sources[DAEMON_SOURCES_MAX];
	struct select_result result;

	for (size_t i = 0; i < status->source_count; i++) {
		const struct source_status *source = &status->sources[i];

		sources[i] = (struct select_source){ .fit = is_measured(source),
			.stratum = (unsigned)source->stratum,
			.offset_ns = source->offset_ns,
			.distance_ns = measured_error_ns(source) };
	}
	ntp_select(&select_rfc5905, sources, status->source_count, &result);
	clock->offset_ns = result.offset_ns;
	clock->error_ns = result.error_ns;
	return result.synced && result.fit > 1;
}

bool
site_time_before(const struct report *before, int64_t budget_ns, struct site_clock *clock)
{
	char reason[HEALTH_REASON_BYTES];
	enum health health;

	*clock = (struct site_clock){ .name = "its sources of before" };
	if (!before || !before->answered) {
		return false;
	}
	health = health_judge(&before->status, 0, budget_ns, INT64_MAX / 4, reason);
	if (health == HEALTH_GOOD || health == HEALTH_OVER_BUDGET) {
		set_followed(&before->status, clock);
		return true;
	}
	return set_majority(&before->status, clock);
}

/* How far the clock may have been slewed since the change; some daemons slew large offsets fast. */
static int64_t
corrected_ns(const struct vote *vote, bool was_good)
{
	const struct daemon_driver *driver = daemon_find_known(vote->input->before->daemon);
	bool fast = !was_good && !host_never_steps(vote->input->host) &&
	    (!driver || driver->features & DAEMON_SLEWS_FAST);

	return fast ? vote->since_ns / 1000000 * FAST_PPM : slewed_ns(vote->since_ns);
}

/*
 * Add the vote of the sources of before.  They have none when by them the clock was off, and by the
 * source of now it is right: it was not stepped since, so the sources of before were wrong.
 */
static void
add_before(struct vote *vote)
{
	struct site_clock clock;
	bool was_good;

	if (!site_time_before(vote->input->before, vote->budget_ns, &clock)) {
		return;
	}
	was_good = duration_size_ns(clock.offset_ns) <= vote->budget_ns;
	if (was_good || is_far(vote)) {
		clock.error_ns += corrected_ns(vote, was_good);
		add(vote, clock);
	}
}

static bool
is_consistent(const struct vote *vote, const struct site_clock *a, int64_t b_ns, int64_t error_ns)
{
	return duration_size_ns(a->offset_ns - b_ns) <= vote->budget_ns + a->error_ns + error_ns;
}

/* Write "192.0.2.201, which it follows, is 301 ms ahead of time2, 302 ms ahead of time3". */
static void
say(const struct vote *vote, size_t agree, char *words)
{
	char apart[DURATION_TEXT_BYTES];
	size_t len, shown = 0, against = 0;

	len = (size_t)snprintf(words, SITE_TIME_WORDS_BYTES,
	    "wrong time: %.64s, which it follows, is", vote->followed.name);
	for (size_t i = 0; i < vote->count; i++) {
		const struct site_clock *clock = &vote->clocks[i];
		int64_t apart_ns = vote->followed.offset_ns - clock->offset_ns;

		if (is_consistent(vote, clock, vote->followed.offset_ns, vote->followed.error_ns) ||
		    ++against > SHOWN_MAX) {
			continue;
		}
		len += (size_t)snprintf(words + len, SITE_TIME_WORDS_BYTES - len, "%s %s %s %.64s",
		    shown++ ? "," : "", duration_text(duration_size_ns(apart_ns), apart),
		    apart_ns > 0 ? "ahead of" : "behind", clock->name);
	}
	if (against > SHOWN_MAX) {
		len += (size_t)snprintf(words + len, SITE_TIME_WORDS_BYTES - len,
		    " and of %zu more", against - SHOWN_MAX);
	}
	if (agree > 0) {
		snprintf(words + len, SITE_TIME_WORDS_BYTES - len, "; %zu agree%s with it", agree,
		    agree == 1 ? "s" : "");
	}
}

static enum site_time
count_votes(const struct vote *vote, char *words)
{
	const struct site_clock *followed = &vote->followed;
	bool far = is_far(vote);
	size_t against = 0, agree = 0;

	for (size_t i = 0; i < vote->count; i++) {
		const struct site_clock *clock = &vote->clocks[i];

		if (!is_consistent(vote, clock, followed->offset_ns, followed->error_ns)) {
			against++;
		} else if (!far || !is_consistent(vote, clock, 0, 0)) {
			agree++;
		}
	}
	if (against > agree) {
		say(vote, agree, words);
		return SITE_TIME_DISAGREES;
	}
	if (agree == against) {
		return SITE_TIME_OPEN;
	}
	return far ? SITE_TIME_CORRECTS : SITE_TIME_AGREES;
}

enum site_time
site_time_judge(const struct site_time_case *input, char *words)
{
	const struct source_status *followed = selected_of(&input->now->status);
	struct vote vote = { .input = input,
		.budget_ns = host_budget(input->host)->offset_ns,
		.since_ns = input->elapsed_ns };

	words[0] = '\0';
	if (!followed || !is_measured(followed)) {
		return SITE_TIME_OPEN;
	}
	vote.followed = clock_of(&vote, followed, followed->address);
	add_measured(&vote);
	for (size_t i = 0; i < input->heard_count; i++) {
		add(&vote, input->heard[i]);
	}
	add_before(&vote);
	return count_votes(&vote, words);
}
