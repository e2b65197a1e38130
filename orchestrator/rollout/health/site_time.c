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
#define HEARD_NS (3 * NS_PER_S)      /* a report is at most so old when the orchestrator asks */
#define SETTLED_NS (3600 * NS_PER_S) /* after so long, what was wrong at its start is corrected */

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
	    vote->budget_ns + vote->followed.error_ns + slewed_ns(vote->followed.age_ns);
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

/* Before the change the clock only drifted, so only what came after it is an age. */
static struct site_clock
clock_of(const struct vote *vote, const struct source_status *source, const char *name)
{
	return (struct site_clock){ name, source->offset_ns, measured_error_ns(source),
		source->age_ns < vote->since_ns ? source->age_ns : vote->since_ns };
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

static const struct site_voter *
voter_of(const struct site_time_case *input, const char *name)
{
	for (size_t i = 0; i < input->voter_count; i++) {
		if (strcmp(input->voters[i].host->name, name) == 0) {
			return &input->voters[i];
		}
	}
	return NULL;
}

/* What a source, a server of the site, still has to be corrected by; 0: nothing is known. */
static int64_t
moving_ns(const struct site_time_case *input, const struct source_status *source)
{
	const struct host *server = site_server_at(input->topology, source->address);
	const struct site_voter *voter = server ? voter_of(input, server->name) : NULL;

	return voter && voter->known ? duration_size_ns(voter->offset_ns) : 0;
}

int64_t
site_time_moving_ns(const struct site_time_case *input, const struct daemon_status *status)
{
	bool follows = selected_of(status) != NULL;
	int64_t most_ns = 0;

	for (size_t i = 0; i < status->source_count; i++) {
		const struct source_status *source = &status->sources[i];
		int64_t size_ns = moving_ns(input, source);

		if ((follows ? source->state >= SOURCE_COMBINED : is_measured(source)) &&
		    size_ns > most_ns) {
			most_ns = size_ns;
		}
	}
	return most_ns;
}

void
site_time_say_moving(const struct site_time_case *input, char *words)
{
	const struct source_status *followed = selected_of(&input->now->status);
	const struct host *server =
	    followed ? site_server_at(input->topology, followed->address) : NULL;
	const struct site_voter *voter = server ? voter_of(input, server->name) : NULL;
	char size[DURATION_TEXT_BYTES];

	words[0] = '\0';
	if (server && (!voter || !voter->known)) {
		snprintf(words, SITE_TIME_WORDS_BYTES,
		    "how far %.64s, which it follows, is off is not known", server->name);
	} else if (server && duration_size_ns(voter->offset_ns) > host_budget(server)->offset_ns) {
		snprintf(words, SITE_TIME_WORDS_BYTES, "%.64s, which it follows, is itself %s off",
		    server->name, duration_text(duration_size_ns(voter->offset_ns), size));
	}
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

/*
 * Add the vote of a server whose clock is known to be right.  What was measured @age_ns ago may be
 * of a time when it was not right yet: then its clock was slewed since.
 */
static void
add_server(struct vote *vote, struct site_clock clock, int64_t age_ns)
{
	const struct site_voter *voter = voter_of(vote->input, clock.name);

	if (!voter || !voter->right) {
		return;
	}
	clock.error_ns += duration_size_ns(voter->offset_ns);
	if (voter->since_ns > vote->input->now_ns - age_ns) {
		clock.error_ns += slewed_ns(voter->since_ns - (vote->input->now_ns - age_ns));
	}
	add(vote, clock);
}

static void
add_measured(struct vote *vote)
{
	const struct daemon_status *status = &vote->input->now->status;

	for (size_t i = 0; i < status->source_count; i++) {
		const struct source_status *source = &status->sources[i];
		const struct host *server = site_server_at(vote->input->topology, source->address);

		if (server && server != vote->input->host && is_measured(source)) {
			add_server(vote, clock_of(vote, source, server->name), source->age_ns);
		}
	}
}

/*
 * What the host's daemon answers, minus the host's clock.  chronyd answers with the time that the
 * clock will have when the present correction is slewed, unless it holds the clock where it is:
 * then the offset is that of its source, and there is no correction.
 */
static int64_t
answers_ahead_ns(const struct report *now)
{
	const struct daemon_driver *driver = daemon_find(now->daemon);
	const struct source_status *source = selected_of(&now->status);
	bool holds = source && source->offset_ns == now->status.offset_ns;

	return driver && driver->features & DAEMON_SERVES_CORRECTED && !holds
	    ? now->status.offset_ns
	    : 0;
}

static void
add_heard(struct vote *vote)
{
	int64_t ahead_ns = answers_ahead_ns(vote->input->now);

	for (size_t i = 0; i < vote->input->heard_count; i++) {
		struct site_clock clock = vote->input->heard[i];

		clock.offset_ns += ahead_ns;
		clock.error_ns += ahead_ns != 0 ? slewed_ns(HEARD_NS) : 0;
		add_server(vote, clock, 0);
	}
}

/*
 * Set the clock of the source that the host follows now.  A server of the site that is still on its
 * way is followed all the same: true time is as far from its clock as it says.
 */
static void
set_followed_now(struct vote *vote, const struct source_status *source)
{
	vote->followed = clock_of(vote, source, source->address);
	vote->followed.error_ns += moving_ns(vote->input, source);
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
	health = health_judge(&before->status, 0, -1, budget_ns, INT64_MAX / 4, reason);
	if (health == HEALTH_GOOD || health == HEALTH_OVER_BUDGET) {
		set_followed(&before->status, clock);
		return true;
	}
	return set_majority(&before->status, clock);
}

/* Whether the daemon of before may have slewed a clock that was off by far, and fast. */
static bool
slews_fast(const struct vote *vote)
{
	const struct daemon_driver *driver = daemon_find(vote->input->before->daemon);

	return !host_never_steps(vote->input->host) &&
	    (!driver || driver->features & DAEMON_SLEWS_FAST);
}

/*
 * Allow for the correction of a clock that was off before the change: since it was measured, it may
 * have come nearer to the sources of before.  At the usual speed it does not go beyond them.
 */
static void
allow_correction(const struct vote *vote, int64_t measured_ago_ns, struct site_clock *clock)
{
	int64_t most_ns = duration_size_ns(clock->offset_ns);
	int64_t moved_ns = slewed_ns(vote->since_ns + measured_ago_ns);

	if (slews_fast(vote)) {
		clock->error_ns += vote->since_ns / 1000000 * FAST_PPM;
		return;
	}
	moved_ns = moved_ns < most_ns ? moved_ns : most_ns;
	clock->offset_ns -= clock->offset_ns > 0 ? moved_ns / 2 : -moved_ns / 2;
	clock->error_ns += moved_ns / 2;
}

/*
 * Add the vote of the sources of before.  They have none when by them the clock was off, and by the
 * source of now it is right: it was not stepped since, so the sources of before were wrong.
 */
static void
add_before(struct vote *vote)
{
	const struct report *before = vote->input->before;
	const struct source_status *source;
	struct site_clock clock;

	if (!site_time_before(before, vote->budget_ns, &clock)) {
		return;
	}
	source = selected_of(&before->status);
	/*
	 * Since the change the clock was slewed towards the source of now.  So without that the two
	 * would be further apart than they are, and nothing is to be allowed for but drift.
	 */
	clock.age_ns = vote->followed.age_ns;
	clock.error_ns += vote->since_ns / 1000000 * DRIFT_PPM +
	    site_time_moving_ns(vote->input, &before->status);
	if (duration_size_ns(clock.offset_ns) > vote->budget_ns) {
		if (!is_far(vote)) {
			return;
		}
		allow_correction(vote, source && source->age_ns > 0 ? source->age_ns : 0, &clock);
	}
	add(vote, clock);
}

/* Whether two clocks may show the same time; the host's was slewed between the two measurements. */
static bool
is_consistent(const struct vote *vote, const struct site_clock *a, const struct site_clock *b)
{
	return duration_size_ns(a->offset_ns - b->offset_ns) <= vote->budget_ns + a->error_ns +
	    b->error_ns + slewed_ns(duration_size_ns(a->age_ns - b->age_ns));
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

		if (is_consistent(vote, clock, &vote->followed) || ++against > SHOWN_MAX) {
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
	static const struct site_clock own; /* the host's own, as it is now */
	bool far = is_far(vote);
	size_t against = 0, agree = 0;

	for (size_t i = 0; i < vote->count; i++) {
		const struct site_clock *clock = &vote->clocks[i];

		if (!is_consistent(vote, clock, &vote->followed)) {
			against++;
		} else if (!far || !is_consistent(vote, clock, &own)) {
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

/* Whether the daemon started so short a time ago that its clock may have been off until now. */
static bool
started_just_now(const struct report *report)
{
	const struct proof *proof = &report->proof;

	return (proof->state == PROOF_WATCHING || proof->state == PROOF_PROVED ||
		   proof->state == PROOF_STEPPED) &&
	    report->boot_ns - proof->started_boot_ns < SETTLED_NS;
}

void
site_voter_look(struct site_voter *voter, const struct report *report, bool moved, int64_t now_ns)
{
	const struct budget *budget = host_budget(voter->host);
	bool was_right = voter->right;
	char reason[HEALTH_REASON_BYTES];

	voter->known =
	    report && report->answered && report->status.stratum > 0 && report->status.stratum < 16;
	voter->right = voter->known &&
	    health_judge(&report->status, 0, -1, budget->offset_ns, INT64_MAX / 4, reason) ==
		HEALTH_GOOD;
	voter->offset_ns = voter->known ? report->status.offset_ns : 0;
	if (voter->right && !was_right) {
		voter->since_ns = moved || started_just_now(report) ? now_ns : INT64_MIN;
	}
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
	set_followed_now(&vote, followed);
	add_measured(&vote);
	add_heard(&vote);
	add_before(&vote);
	return count_votes(&vote, words);
}
