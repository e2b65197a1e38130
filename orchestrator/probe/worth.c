#include "orchestrator/probe/worth.h"

#include "common/clock.h"
#include "common/duration.h"
#include "common/ntp/leap_second.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_NS (86400 * NS_PER_S)
#define CURVE_SLACK_NS (20 * NS_PER_MS) /* what a source may be off its smear curve */
#define TICK_NS NS_PER_US /* servers may blur the last bits of what they say of their reference */

const char *
source_worth_name(enum source_worth worth)
{
	static const char *const names[] = {
#define X(name, text) [name] = text,
		SOURCE_WORTHS(X)
#undef X
	};

	return names[worth];
}

const char *
nts_state_name(enum nts_state state)
{
	static const char *const names[] = {
#define X(name, text) [name] = text,
		NTS_STATES(X)
#undef X
	};

	return names[state];
}

bool
source_worth_is_bad(enum source_worth worth)
{
	return worth != WORTH_GOOD && worth != WORTH_SMEARS && worth != WORTH_HELD;
}

const char *
probe_leap(int leap)
{
	return leap == NTP_LEAP_INSERT ? "insert" : leap == NTP_LEAP_DELETE ? "delete" : "none";
}

const char *
probe_refid(const struct ntp_sample *sample, char *out)
{
	uint32_t id = sample->refid;

	if (sample->stratum > 1) {
		snprintf(out, 16, "%u.%u.%u.%u", id >> 24, id >> 16 & 255, id >> 8 & 255, id & 255);
		return out;
	}
	for (int i = 0; i < 4; i++) {
		char c = (char)(id >> (24 - 8 * i) & 255);

		out[i] = c == '\0' || (c > ' ' && c <= '~') ? c : '?';
	}
	out[4] = '\0';
	return out;
}

const char *
source_worth_remedy(enum source_worth worth)
{
	static const char *const remedies[] = {
		[WORTH_HELD] = "wait a while; nobody is asked more often than a public server "
			       "wants it",
		[WORTH_TWIN] = "take another server in its place: two names are no second opinion",
		[WORTH_POOR] = "take a nearer one in its place, of a lower stratum",
		[WORTH_NTS_BROKEN] = "ask its operator, or see whether a firewall stops TCP port "
				     "4460; without `nts: true` its answers prove nothing",
		[WORTH_UNDECIDED] = "add upstreams of other operators, until a majority agrees",
		[WORTH_SILENT] = "see whether a firewall stops UDP port 123; `timetier probe "
				 "--from HOST` asks from a host of the site",
		[WORTH_UNRESOLVED] = "see to the name, or to the resolver of this machine",
		[WORTH_ELSEWHERE] = "write the address that answers, if it is the server's own: "
				    "no daemon believes another one",
		[WORTH_GARBLED] = "something else than an NTP server is there, or changes its "
				  "answers on the way",
		[WORTH_KISSED] = "ask its operator for permission, or take another one; `RATE` "
				 "comes when too many ask from one address",
		[WORTH_UNSYNCED] = "wait, or take another one in its place",
		[WORTH_FALSETICKER] = "take another one in its place, and tell its operator",
		[SOURCE_WORTH_COUNT] = NULL,
	};

	return remedies[worth];
}

/* Who is asked, as it is called in words: "maple", or with its address when it has several. */
static const char *
called(const struct probe_view *view, char *out, size_t size)
{
	if (view->upstream->addresses.count > 1) {
		snprintf(out, size, "%.80s (%.60s)", view->upstream->name, view->target.address);
	} else {
		snprintf(out, size, "%.80s", view->upstream->name);
	}
	return out;
}

/* --- what each of them says by itself --- */

static void
set_worth(struct probe_view *view, enum source_worth worth, const char *words)
{
	view->worth = worth;
	snprintf(view->words, sizeof(view->words), "%s", words);
}

/* One that gave no sample. */
static void
judge_without_sample(struct probe_view *view)
{
	const struct measure_target *target = &view->target;

	set_worth(view,
	    target->held                     ? WORTH_HELD
		: target->kiss[0]            ? WORTH_KISSED
		: target->address[0] == '\0' ? WORTH_UNRESOLVED
		: target->answered > 0       ? WORTH_UNSYNCED
		: target->stranger[0]        ? WORTH_ELSEWHERE
		: target->bogus > 0          ? WORTH_GARBLED
					     : WORTH_SILENT,
	    target->why[0] ? target->why : "no answer");
}

static void
take_best(struct probe_view *view, int64_t latest_boot_ns)
{
	const struct ntp_sample *best =
	    ntp_best_sample(view->target.samples, view->target.sample_count, &view->jitter_ns);

	view->answered = best != NULL;
	if (best) {
		view->best = *best;
		view->distance_ns =
		    ntp_root_distance_ns(best, view->jitter_ns, latest_boot_ns - best->boot_ns);
	}
}

/* --- twins --- */

static int64_t
part_ns(ntp_time time)
{
	return (int64_t)((time & UINT32_MAX) * (uint64_t)NS_PER_S >> 32);
}

/*
 * Whether two samples name one and the same correction of a clock.  Whole seconds prove nothing:
 * receivers of GPS correct theirs each second.
 */
static bool
is_one_correction(const struct ntp_sample *a, const struct ntp_sample *b)
{
	uint64_t apart =
	    a->reference > b->reference ? a->reference - b->reference : b->reference - a->reference;
	int64_t part = part_ns(a->reference);

	return a->reference != 0 && (apart >> 32) == 0 && part_ns(apart) <= TICK_NS &&
	    part > NS_PER_MS && part < NS_PER_S - NS_PER_MS && a->stratum == b->stratum &&
	    a->refid == b->refid && a->root_delay_ns == b->root_delay_ns;
}

static bool
is_one_clock(const struct measure_target *a, const struct measure_target *b)
{
	for (size_t i = 0; i < a->sample_count; i++) {
		for (size_t k = 0; k < b->sample_count; k++) {
			if (is_one_correction(&a->samples[i], &b->samples[k])) {
				return true;
			}
		}
	}
	return false;
}

/* Find for each view an earlier one, of another upstream, which is the same server. */
static void
find_twins(struct probe_view *views, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		for (size_t k = 0; k < i && !views[i].twin; k++) {
			bool one = views[i].target.address[0] &&
			    strcmp(views[i].target.address, views[k].target.address) == 0;

			if (views[i].upstream != views[k].upstream && !views[k].twin &&
			    (one || is_one_clock(&views[i].target, &views[k].target))) {
				views[i].twin = &views[k];
			}
		}
	}
}

static void
judge_twin(struct probe_view *view)
{
	char name[160], words[PROBE_WORDS_BYTES];
	bool one = strcmp(view->target.address, view->twin->target.address) == 0;

	called(view->twin, name, sizeof(name));
	if (one) {
		snprintf(words, sizeof(words), "the same server as %s: both are %s", name,
		    view->target.address);
	} else {
		snprintf(words, sizeof(words),
		    "the same server as %s, by what both say of their latest correction", name);
	}
	set_worth(view, WORTH_TWIN, words);
}

/* --- the vote --- */

/* Whether an earlier address of the same upstream has its vote. */
static bool
has_voted(const struct probe_view *views, size_t i)
{
	for (size_t k = i; k > 0 && views[k - 1].upstream == views[i].upstream; k--) {
		if (views[k - 1].votes) {
			return true;
		}
	}
	return false;
}

/* Let the first SELECT_SOURCES_MAX vote. */
static void
vote(struct probe_view *views, size_t count, enum probe_rules who, struct select_result *result)
{
	static const struct select_rules *const rules[] = { [PROBE_RFC5905] = &select_rfc5905,
		[PROBE_NTPD] = &select_ntpd,
		[PROBE_CHRONY] = &select_chrony };
	struct select_source sources[SELECT_SOURCES_MAX] = { { 0 } };
	struct probe_view *voters[SELECT_SOURCES_MAX];
	size_t voter_count = 0;

	for (size_t i = 0; i < count && voter_count < SELECT_SOURCES_MAX; i++) {
		if (views[i].votes) {
			sources[voter_count] = (struct select_source){
				.fit = true,
				.stratum = views[i].best.stratum,
				.offset_ns = views[i].best.offset_ns,
				.distance_ns = views[i].distance_ns,
				.jitter_ns = views[i].jitter_ns,
			};
			voters[voter_count++] = &views[i];
		}
	}
	ntp_select(rules[who], sources, voter_count, result);
	for (size_t i = 0; i < voter_count; i++) {
		voters[i]->states[who] = sources[i].state;
	}
	result->peer = result->synced ? (size_t)(voters[result->peer] - views) : 0;
}

/* Whether the interval of @view has no point in common with what the majority agrees on. */
static bool
is_apart(const struct probe_view *view, const struct select_result *result)
{
	return result->majority &&
	    (view->best.offset_ns + view->distance_ns < result->low_ns ||
		view->best.offset_ns - view->distance_ns > result->high_ns);
}

/* --- smear --- */

/*
 * How far a clock that smears the coming leap second over 24 hours is from one that does not;
 * 0: it has not begun, or what comes is not known.  Source: developers.google.com/time/smear.
 */
static int64_t
smear_ns(int64_t real_ns, int leap)
{
	int64_t due_ns = leap_second_due_ns(real_ns);
	int64_t gone_ns = real_ns - (due_ns - DAY_NS / 2);

	if (due_ns == 0 || gone_ns <= 0 || leap == NTP_LEAP_NONE) {
		return 0;
	}
	return (leap == NTP_LEAP_INSERT ? -1 : 1) * (gone_ns / (DAY_NS / NS_PER_S));
}

/* What the most of those announce that agree. */
static int
announced_leap(const struct probe_view *views, size_t count)
{
	size_t announce[3] = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (views[i].votes && views[i].states[PROBE_NTPD] >= SELECT_OUTLIER) {
			announce[views[i].best.leap]++;
		}
	}
	return announce[NTP_LEAP_INSERT] > announce[NTP_LEAP_NONE] ? NTP_LEAP_INSERT
	    : announce[NTP_LEAP_DELETE] > announce[NTP_LEAP_NONE]  ? NTP_LEAP_DELETE
								   : NTP_LEAP_NONE;
}

/* Whether the source, which announces nothing, is where a smear would be now and not elsewhere. */
static bool
is_on_curve(const struct probe_view *view, int64_t away_ns, int64_t curve_ns)
{
	int64_t slack_ns = view->distance_ns + CURVE_SLACK_NS;

	return curve_ns != 0 && view->best.leap == NTP_LEAP_NONE &&
	    duration_size_ns(away_ns - curve_ns) <= slack_ns &&
	    duration_size_ns(away_ns) > slack_ns;
}

/*
 * Whether a source that is said to smear may be off by so much: within a day of a leap second that
 * the others announce, whatever its curve is.
 */
static bool
may_be_smear(const struct probe_view *view, int64_t away_ns, int64_t real_ns, int announced)
{
	int64_t due_ns = leap_second_due_ns(real_ns);

	return view->smears && announced != NTP_LEAP_NONE && view->best.leap == NTP_LEAP_NONE &&
	    due_ns - real_ns <= DAY_NS &&
	    (announced == NTP_LEAP_INSERT ? -away_ns : away_ns) >= 0 &&
	    duration_size_ns(away_ns) <= NS_PER_S + CURVE_SLACK_NS;
}

/* --- the judgement of one --- */

/* When the sources are judged. */
struct moment {
	int64_t real_ns;
	int announced;    /* the leap second that most of those announce that agree */
	int64_t curve_ns; /* where a smear of 24 h is; 0: nowhere */
};

static void
judge_smear(struct probe_view *view, int64_t away_ns)
{
	char words[PROBE_WORDS_BYTES], text[DURATION_TEXT_BYTES];

	snprintf(words, sizeof(words),
	    "it smears the leap second that the others announce, by its operator's word: now it is "
	    "%s %s them",
	    duration_text(duration_size_ns(away_ns), text), away_ns > 0 ? "ahead of" : "behind");
	set_worth(view, WORTH_SMEARS, words);
}

static void
judge_false(struct probe_view *view, const struct probe_sum *sum)
{
	char words[PROBE_WORDS_BYTES], text[DURATION_TEXT_BYTES];
	int64_t away_ns = view->best.offset_ns - sum->results[PROBE_NTPD].offset_ns;

	if (!sum->results[PROBE_NTPD].majority) {
		snprintf(words, sizeof(words),
		    "no majority of the %u that answer agrees: nobody can tell who is right",
		    sum->voters);
		set_worth(view, WORTH_UNDECIDED, words);
		return;
	}
	snprintf(words, sizeof(words), "%s %s the %u that agree",
	    duration_text(duration_size_ns(away_ns), text), away_ns > 0 ? "ahead of" : "behind",
	    sum->agree);
	set_worth(view, WORTH_FALSETICKER, words);
}

static bool
judge_poor(struct probe_view *view)
{
	char words[PROBE_WORDS_BYTES], text[DURATION_TEXT_BYTES];

	if (view->best.stratum >= PROBE_POOR_STRATUM) {
		snprintf(words, sizeof(words), "its stratum is %u: its time has come a long way",
		    view->best.stratum);
	} else if (view->distance_ns > PROBE_POOR_DISTANCE_NS) {
		snprintf(words, sizeof(words),
		    "its root distance is %s: it may be wrong by so much",
		    duration_text(view->distance_ns, text));
	} else if (2 * view->target.answered <= view->target.sent) {
		snprintf(words, sizeof(words), "it answered %u of %u questions",
		    view->target.answered, view->target.sent);
	} else {
		return false;
	}
	set_worth(view, WORTH_POOR, words);
	return true;
}

/* It answered, and then had enough. */
static void
judge_kissed(struct probe_view *view)
{
	char words[PROBE_WORDS_BYTES];

	snprintf(words, sizeof(words), "it refuses to be asked a %s time (%s)",
	    view->target.answered == 2 ? "second" : "further", view->target.kiss);
	set_worth(view, WORTH_KISSED, words);
}

static void
judge_one(struct probe_view *view, const struct probe_sum *sum, const struct moment *moment)
{
	int64_t away_ns = view->best.offset_ns - sum->results[PROBE_NTPD].offset_ns;
	bool voted = view->votes && view->states[PROBE_NTPD] != SELECT_UNFIT;
	bool is_false = voted ? view->states[PROBE_NTPD] == SELECT_FALSETICKER
			      : is_apart(view, &sum->results[PROBE_NTPD]);

	if (view->target.kiss[0]) {
		judge_kissed(view);
	} else if (is_on_curve(view, away_ns, moment->curve_ns)) {
		set_worth(view, WORTH_SMEARS,
		    "it smears the leap second that the others announce: it is where a smear of 24 "
		    "h is now");
	} else if (is_false && sum->results[PROBE_NTPD].majority &&
	    may_be_smear(view, away_ns, moment->real_ns, moment->announced)) {
		judge_smear(view, away_ns);
	} else if (is_false) {
		judge_false(view, sum);
	} else if (view->twin) {
		judge_twin(view);
	} else if (judge_poor(view)) {
		return;
	} else if (view->nts.state > NTS_GOOD) {
		set_worth(view, WORTH_NTS_BROKEN, view->nts.words);
	} else if (view->smears) {
		set_worth(view, WORTH_SMEARS, "it smears leap seconds, by its operator's word");
	} else {
		set_worth(view, WORTH_GOOD, "");
	}
}

static void
count_votes(const struct probe_view *views, size_t count, struct probe_sum *sum)
{
	for (size_t i = 0; i < count; i++) {
		sum->voters += views[i].votes;
		sum->agree += views[i].votes && views[i].states[PROBE_NTPD] >= SELECT_OUTLIER;
	}
}

void
probe_judge(struct probe_view *views, size_t count, int64_t real_ns, struct probe_sum *sum)
{
	struct moment moment = { .real_ns = real_ns };
	int64_t latest_ns = 0;

	memset(sum, 0, sizeof(*sum));
	for (size_t i = 0; i < count; i++) {
		const struct measure_target *target = &views[i].target;

		for (size_t k = 0; k < target->sample_count; k++) {
			latest_ns = target->samples[k].boot_ns > latest_ns
			    ? target->samples[k].boot_ns
			    : latest_ns;
		}
		views[i].votes = false;
		views[i].twin = NULL;
		memset(views[i].states, 0, sizeof(views[i].states));
	}
	find_twins(views, count);
	for (size_t i = 0; i < count; i++) {
		take_best(&views[i], latest_ns);
		views[i].votes = views[i].answered && !views[i].twin && !has_voted(views, i);
	}
	for (int who = 0; who < PROBE_RULES; who++) {
		vote(views, count, (enum probe_rules)who, &sum->results[who]);
	}
	count_votes(views, count, sum);
	moment.announced = announced_leap(views, count);
	moment.curve_ns = smear_ns(real_ns, moment.announced);
	for (size_t i = 0; i < count; i++) {
		if (views[i].answered) {
			judge_one(&views[i], sum, &moment);
		} else {
			judge_without_sample(&views[i]);
		}
	}
}
