#include "orchestrator/health/host.h"

#include "common/duration.h"
#include "orchestrator/topology/topology.h"
#include "verdict/certificate.h"
#include "verdict/leap.h"
#include "verdict/report.h"

#include <stdio.h>
#include <string.h>

#define SURE_AFTER 3 /* judgements in a row in which the health was not good, of whatever kind */
#define MISSED_POLLS 0x7 /* a source that gave none of its last three answers is not heard */

/* The judgement of one host. */
struct judgement {
	struct conditions *conditions;
	size_t subject;
	const struct host *host;
	const struct host_look *look;
	int64_t now_ns;
	int64_t runs_ns; /* how long its daemon runs; -1: not known */
};

static bool
is_silent(const struct host_look *look)
{
	return look->health == HEALTH_SILENT || look->health == HEALTH_NEVER;
}

static void
found(const struct judgement *judgement, enum condition_code code, const struct finding *finding)
{
	conditions_judge(
	    judgement->conditions, judgement->subject, code, finding, judgement->now_ns);
}

/* The condition that a health amounts to, and which command tells more or mends it. */
struct health_row {
	enum condition_code code; /* CONDITION_CODES: none */
	const char *remedy;       /* NULL: the reason of the health says what to do */
	const char *command;      /* of timetier, with the host as its word */
};

static const struct health_row health_rows[HEALTH_COUNT] = {
	[HEALTH_GOOD] = { CONDITION_CODES, NULL, NULL },
	[HEALTH_FREE_RUNNING] = { CONDITION_FREE_RUNNING, "see why no source is heard", "doctor" },
	[HEALTH_OVER_BUDGET] = { CONDITION_OVER_BUDGET, "see which source draws it", "doctor" },
	[HEALTH_UNSYNCED] = { CONDITION_UNSYNCHRONISED, "see which sources it hears", "doctor" },
	[HEALTH_STOPPED] = { CONDITION_DAEMON_STOPPED, "start it as soon as that is safe",
	    "restart" },
	[HEALTH_EXITED] = { CONDITION_DAEMON_STOPPED, "see what ended it before a start",
	    "doctor" },
	[HEALTH_SILENT] = { CONDITION_SILENT, "see whether it is up and its agent runs", "doctor" },
	[HEALTH_NEVER] = { CONDITION_NOT_HEARD, "see whether its agent runs", "doctor" },
	[HEALTH_SETTLING] = { CONDITION_CODES, NULL, NULL },
	[HEALTH_NO_ANSWER] = { CONDITION_NO_ANSWER, "see why it cannot be asked", "doctor" },
	[HEALTH_SIBLINGS] = { CONDITION_SIBLINGS_ONLY, "see why no upstream is heard", "doctor" },
	[HEALTH_CLOCK] = { CONDITION_CLOCK_LOST, NULL, NULL },
	[HEALTH_UNMEASURABLE] = { CONDITION_CODES, NULL, NULL },
};

/*
 * Whether a daemon has just begun, and may be without its sources for a while.  A host that is
 * never good because its daemon begins again and again is given that time once.
 */
static bool
begins(const struct judgement *judgement)
{
	const struct health_subject *subject = &judgement->conditions->subjects[judgement->subject];
	int64_t from_ns = subject->good_ns > judgement->conditions->begun_ns
	    ? subject->good_ns
	    : judgement->conditions->begun_ns;

	return judgement->runs_ns >= 0 && judgement->runs_ns < HEALTH_BEGIN_NS &&
	    judgement->now_ns - from_ns < 2 * HEALTH_BEGIN_NS;
}

/* The code that follows from the health, which is given time where the daemon begins. */
static enum condition_code
code_of_health(const struct judgement *judgement)
{
	enum condition_code code = health_rows[judgement->look->health].code;

	switch ((int)code) {
	case CONDITION_UNSYNCHRONISED:
	case CONDITION_FREE_RUNNING:
	case CONDITION_SIBLINGS_ONLY:
	case CONDITION_CLOCK_LOST:
		return begins(judgement) ? CONDITION_CODES : code;
	case CONDITION_NOT_HEARD:
		return judgement->now_ns - judgement->conditions->begun_ns > HEALTH_HEARD_NS
		    ? code
		    : CONDITION_CODES;
	default:
		return code;
	}
}

static void
judge_health(const struct judgement *judgement)
{
	const struct host_look *look = judgement->look;
	const struct health_row *row = &health_rows[look->health];
	struct health_subject *subject = &judgement->conditions->subjects[judgement->subject];
	enum condition_code code = code_of_health(judgement);
	char reason[CONDITION_REASON_BYTES];
	struct finding finding = { health_state_of(look->health), reason, false };

	if (row->remedy && !host_unmanaged(judgement->host)) {
		snprintf(reason, sizeof(reason), "%s; %s: `timetier %s %.64s`", look->reason,
		    row->remedy, row->command, judgement->host->name);
	} else {
		snprintf(reason, sizeof(reason), "%s", look->reason);
	}
	subject->ill = code == CONDITION_CODES ? 0 : (uint8_t)(subject->ill + (subject->ill < 255));
	finding.sure = subject->ill >= SURE_AFTER;
	for (int i = CONDITION_OVER_BUDGET; i <= CONDITION_CLOCK_LOST; i++) {
		bool is = i == (int)code;

		/* nothing is known of a silent host: what stood against it goes on to stand */
		if (is || !is_silent(look)) {
			found(judgement, (enum condition_code)i, is ? &finding : NULL);
		}
	}
	if (look->health == HEALTH_GOOD) {
		subject->good_ns = judgement->now_ns;
	}
}

/* The latest step that nobody meant, of this boot, unless it is long ago; else NULL. */
static const struct ledger_entry *
late_step(const struct judgement *judgement)
{
	const struct report *report = judgement->look->report;
	int64_t waited_ns = judgement->now_ns - judgement->look->read_ns;

	for (size_t i = 0; i < report->ledger_count; i++) {
		const struct ledger_entry *entry = &report->ledger[i];

		if (strcmp(entry->boot_id, report->boot_id) != 0 ||
		    report->boot_ns - entry->boot_ns + waited_ns > HEALTH_STEPPED_NS) {
			return NULL; /* the newest is first */
		}
		if (entry->cause != CAUSE_FIRST_SET && entry->cause != CAUSE_LEAP &&
		    !(entry->cause == CAUSE_START_UP && !host_never_steps(judgement->host))) {
			return entry;
		}
	}
	return NULL;
}

static void
judge_steps(const struct judgement *judgement)
{
	const struct ledger_entry *step = late_step(judgement);
	char reason[CONDITION_REASON_BYTES], amount[DURATION_TEXT_BYTES];
	struct finding finding = { STATE_WARN, reason, true };

	if (step) {
		finding.state = step->amount_ns < 0 ? STATE_BAD : STATE_WARN;
		snprintf(reason, sizeof(reason),
		    "its clock was set %s by %s (%s: %s); see what on this host saw that time%s",
		    step->amount_ns < 0 ? "back" : "forward",
		    duration_text(duration_size_ns(step->amount_ns), amount),
		    step_cause_name(step->cause), step->words,
		    step->amount_ns < 0 ? " twice" : " missing");
	}
	found(judgement, CONDITION_STEPPED, step ? &finding : NULL);
}

static void
judge_restart(const struct judgement *judgement)
{
	const struct verdict *verdict = &judgement->look->report->verdict;
	char reason[CONDITION_REASON_BYTES];
	struct finding finding = { STATE_WARN, reason, false };
	bool steps = verdict->kind == VERDICT_STEP && host_never_steps(judgement->host);

	if (steps) {
		snprintf(reason, sizeof(reason), "a restart of its daemon may step the clock: %s",
		    verdict->reason_count > 0 ? verdict->reasons[0] : "see `timetier plan`");
	}
	found(judgement, CONDITION_RESTART_WOULD_STEP, steps ? &finding : NULL);
}

/* Whether a daemon hears that source, and may follow it or compares others with it. */
static bool
is_usable(const struct source_status *source)
{
	return !source->noselect && source->state >= SOURCE_OUTLIER &&
	    (source->reach & MISSED_POLLS) != 0;
}

static void
judge_sources(const struct judgement *judgement)
{
	const struct report *report = judgement->look->report;
	const struct host *host = judgement->host;
	unsigned need = host->tier ? tier_quorum(host->tier) : 0;
	size_t heard = 0, usable = 0, asked = 0;
	char reason[CONDITION_REASON_BYTES];
	struct finding gone = { STATE_BAD, reason, false }, few = { STATE_WARN, reason, false };
	bool known;

	for (size_t i = 0; i < report->status.source_count; i++) {
		const struct source_status *source = &report->status.sources[i];

		asked += !source->noselect;
		heard += !source->noselect && (source->reach & MISSED_POLLS) != 0;
		usable += is_usable(source);
	}
	known = report->answered && asked > 0 && !begins(judgement) &&
	    (judgement->runs_ns < 0 || judgement->runs_ns >= HEALTH_BEGIN_NS);
	if (heard == 0) {
		snprintf(reason, sizeof(reason),
		    "none of its %zu sources answered its last three questions; see whether UDP "
		    "port 123 is open to them: `timetier doctor %.64s`",
		    asked, host->name);
	} else {
		snprintf(reason, sizeof(reason),
		    "it can use %zu of %zu sources, and needs %u that agree; see what is wrong "
		    "with the others: `timetier doctor %.64s`",
		    usable, asked, need, host->name);
	}
	found(judgement, CONDITION_SOURCES_GONE, known && heard == 0 ? &gone : NULL);
	found(judgement, CONDITION_SOURCES_SHORT,
	    known && heard > 0 && usable < need && asked >= need ? &few : NULL);
}

static void
judge_rate(const struct judgement *judgement)
{
	const struct report *report = judgement->look->report;
	char rate[HEALTH_RATE_BYTES];
	struct finding finding = { STATE_WARN, rate, false };

	found(judgement, CONDITION_CLOCK_RATE,
	    report->answered && health_rate(report->status.frequency_ppm, rate) ? &finding : NULL);
}

static void
judge_certificate(const struct judgement *judgement)
{
	const struct report *report = judgement->look->report;
	char words[CERTIFICATE_WORDS_BYTES], reason[CONDITION_REASON_BYTES];
	struct finding finding = { STATE_WARN, reason, false };
	enum certificate_state state = CERTIFICATE_HOLDS;

	if (report->certificate_ends_ns != 0) {
		state = certificate_judge_end(report->certificate_ends_ns, report->real_ns, words);
	}
	if (state != CERTIFICATE_HOLDS) {
		finding.state = state == CERTIFICATE_SOON ? STATE_WARN : STATE_BAD;
		snprintf(reason, sizeof(reason),
		    "the certificate by which it serves with NTS %s: renew it, and reload the "
		    "daemon",
		    words);
	}
	found(judgement, CONDITION_CERTIFICATE_ENDS, state != CERTIFICATE_HOLDS ? &finding : NULL);
}

/* The state of a host: what stands against it; nothing known is no state of its clock. */
static void
set_state(const struct judgement *judgement)
{
	const struct condition *worst = conditions_worst(judgement->conditions, judgement->subject);
	enum health_state state = worst ? worst->state : STATE_GOOD;
	enum health health = judgement->look->health;

	bool told = !is_silent(judgement->look) && health != HEALTH_UNMEASURABLE;

	conditions_set_host(judgement->conditions, judgement->subject,
	    told ? state : health_state_of(health), told);
}

void
health_judge_host(
    struct conditions *conditions, size_t host, const struct host_look *look, int64_t now_ns)
{
	struct judgement judgement = {
		.conditions = conditions,
		.subject = conditions_host(conditions, host),
		.host = &conditions->topology->hosts[host],
		.look = look,
		.now_ns = now_ns,
		.runs_ns = -1,
	};
	bool silent = is_silent(look);

	if (look->report && !silent) {
		int64_t runs_ns = proof_runs_ns(&look->report->proof, look->report->boot_ns);

		judgement.runs_ns = runs_ns < 0 ? -1 : runs_ns + now_ns - look->read_ns;
	}
	judge_health(&judgement);
	if (look->report && !silent) {
		judge_steps(&judgement);
		judge_restart(&judgement);
		judge_sources(&judgement);
		judge_rate(&judgement);
		judge_certificate(&judgement);
	}
	conditions->subjects[judgement.subject].judged |= !silent;
	set_state(&judgement);
}
