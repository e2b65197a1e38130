/* Takes what apply.sh tells of a change, and answers its questions. */
#include "common/shown.h"
#include "orchestrator/rollout/host/measured.h"
#include "orchestrator/rollout/host/work.h"
#include "orchestrator/rollout/plan/restart.h"

#include <stdio.h>
#include <string.h>

#define REPORT_MS 3000 /* within which an agent that was started has sent its first report */
#define TRUST_REMEDY                                                                               \
	"if the new sources are right and the rest of the site is wrong: --trust-sources"
#define STILL_REMEDY                                                                               \
	"the old files are back; the daemon was left as it is, because a restart with them could " \
	"step the clock: restart it when that is acceptable"

static void
say(struct host_work *work, enum host_word word, const char *line)
{
	work->word = word;
	work_extend(work, HOST_STEP_NS);
	work->owner->request->transport->write(work->link, line, strlen(line));
}

static void
take_step(struct host_work *work, const char *name, const struct record *record UNUSED)
{
	static const enum host_step steps[] = { HOST_STEP_CHECK, HOST_STEP_ARM, HOST_STEP_RENAME,
		HOST_STEP_ACTION, HOST_STEP_HEALTH, HOST_STEP_PUT_BACK };

	for (size_t i = 0; i < COUNT(steps); i++) {
		if (strcmp(host_step_name(steps[i]), name) == 0) {
			if (steps[i] <= work->host->step) {
				work_break(work, name); /* a step comes once, and none comes back */
				return;
			}
			if (steps[i] == HOST_STEP_HEALTH) {
				work->action_ms = uv_now(work->owner->request->loop);
				work->gate.changed_ns = (int64_t)work->action_ms * NS_PER_MS;
			}
			if (steps[i] == HOST_STEP_PUT_BACK) {
				work->until = work->host->step;
			}
			work_extend(work, HOST_STEP_NS);
			work_move(work, steps[i]);
			return;
		}
	}
	work_break(work, name);
}

/* Copy to @line the first line of @text that the driver knows as a complaint; false: none. */
static bool
find_bad_line(const struct daemon_driver *driver, const char *text, char *line, size_t size)
{
	while (driver && driver->bad_line && *text) {
		size_t len = strcspn(text, "\n");

		snprintf(line, size, "%.*s", (int)(len < size ? len : size - 1), text);
		if (driver->bad_line(line)) {
			return true;
		}
		text += len + (text[len] == '\n');
	}
	line[0] = '\0';
	return false;
}

/* Take what the daemon's own check said of the new file. */
static void
take_check(struct host_work *work, const char *status, const struct record *record)
{
	const struct daemon_driver *driver = work->host->driver;
	char line[256];
	bool bad = find_bad_line(driver, record->text, line, sizeof(line));

	if (!bad && strcmp(status, "0") == 0) {
		return;
	}
	if (!bad) {
		snprintf(
		    line, sizeof(line), "%.*s", (int)strcspn(record->text, "\n"), record->text);
	}
	error_set(&work->check_err, "%s refuses %s: %s", driver ? driver->check_argv[0] : "",
	    driver ? driver->config_path : "", line[0] ? line : "it says nothing");
}

static bool
take_report(struct report *report, const struct record *record)
{
	return record->len > 0 && report_decode(record->bytes, record->len, report, NULL) == 0;
}

/* Whether putting back may restart the daemon: the old configuration must not step, either. */
static bool
old_may_be_started(const struct host_work *work, const struct report *before)
{
	struct error why;

	return !work->host->plan.restart ||
	    restart_is_harmless(before, host_budget(work->host->host), &why);
}

static void
answer_begin(struct host_work *work)
{
	struct rollout_host *host = work->host;
	const struct report *before = work->has_before ? &work->before : NULL;
	struct plan_input input;

	if (work_access_waits(work, answer_begin)) {
		return;
	}
	work_plan_input(work, &input);
	if (work->check_err.text[0]) {
		host->err = work->check_err;
		host->where = host_step_name(HOST_STEP_CHECK);
		say(work, WORD_STOP, "stop\n");
		return;
	}
	if (!work_may_restart(work, before)) {
		host->outcome = HOST_REFUSED;
		say(work, WORD_STOP, "stop\n");
		return;
	}
	if (host->driver && plan_action(&host->plan) != FILE_ACTION_NONE && !host->forced &&
	    leap_forbids(before, host->plan.restart, &host->err, &host->remedy)) {
		host->where = "verdict";
		host->outcome = HOST_REFUSED;
		say(work, WORD_STOP, "stop\n");
		return;
	}
	if (host->plan.judged && !host->plan.asked && !work_may_change(work, &input, before)) {
		host->outcome = HOST_REFUSED;
		say(work, WORD_STOP, "stop\n");
		return;
	}
	work->begun = true;
	say(work, WORD_BEGIN, old_may_be_started(work, before) ? "begin\n" : "begin still\n");
}

static void answer_health(struct host_work *work);

/* Judge by what the host reported last, and then by what it answers over NTP. */
static enum gate_answer
judge_health(struct host_work *work)
{
	uint64_t elapsed_ms = uv_now(work->owner->request->loop) - work->action_ms;
	int64_t elapsed_ns = (int64_t)elapsed_ms * NS_PER_MS;
	enum gate_answer answer;

	answer = gate_judge(
	    &work->gate, work->active, work->has_now ? &work->now : NULL, elapsed_ns, work->words);
	work->host->stepped_ns = work->gate.stepped_ns;
	if (work->bad_line[0]) {
		snprintf(work->words, sizeof(work->words), "the daemon complains: %.200s",
		    work->bad_line);
		return GATE_BACK;
	}
	if (answer != GATE_KEEP || work_access_ask(work, answer_health)) {
		return answer;
	}
	answer = work_access_judge(work);
	return answer == GATE_AGAIN && elapsed_ns > work->gate.confirm_within_ns ? GATE_BACK
										 : answer;
}

/* Whether the agent was started a moment ago, and has not told yet how its first report fared. */
static bool
report_is_awaited(const struct host_work *work)
{
	uint64_t elapsed_ms = uv_now(work->owner->request->loop) - work->action_ms;

	return work->host->plan.agent_restart && elapsed_ms < REPORT_MS &&
	    !(work->has_now && work->now.reporting.state != REPORTING_UNKNOWN);
}

/* The change is kept: note what the operator should know all the same. */
static void
note_kept(struct host_work *work)
{
	struct rollout_host *host = work->host;
	const struct reporting *reporting = &work->now.reporting;

	if (work->words[0]) {
		host->note = arena_strdup(&host->arena, work->words);
	}
	if (host->plan.keeps_program) {
		host->note = host->plan.notes[0];
	}
	if (host->plan.agent_restart && work->has_now && reporting->state == REPORTING_REFUSED) {
		host->note = arena_printf(&host->arena, "%s%sits agent's reports are refused: %s",
		    host->note ? host->note : "", host->note ? "; " : "", reporting->words);
	}
}

static void
answer_health(struct host_work *work)
{
	struct rollout_host *host = work->host;
	enum gate_answer answer = judge_health(work);

	if (work->ask) { /* its round calls this again */
		return;
	}
	if (answer == GATE_KEEP && report_is_awaited(work)) {
		answer = GATE_AGAIN;
	}
	switch (answer) {
	case GATE_AGAIN:
		say(work, WORD_AGAIN, "again\n");
		break;
	case GATE_KEEP:
		if (work->has_now) {
			host_keep_time(host, &work->now);
		}
		note_kept(work);
		say(work, WORD_KEEP, "keep\n");
		break;
	case GATE_BACK:
		error_set(&host->err, "%s", work->words);
		host->where = host_step_name(HOST_STEP_HEALTH);
		if (work->gate.wrong_time && !host->plan.asked) {
			host->remedy = TRUST_REMEDY;
		}
		say(work, WORD_BACK, "back\n");
		break;
	}
}

/* Set @err to the lines of @text, as one line. */
static void
set_words(struct error *err, const char *text)
{
	char line[481];

	snprintf(line, sizeof(line), "%s", text);
	for (char *at = line; *at; at++) {
		*at = *at == '\n' ? ' ' : *at;
	}
	error_set(err, "%s", line);
}

static void
set_reason(struct host_work *work, const struct record *record)
{
	struct rollout_host *host = work->host;

	if (host->err.text[0] == '\0' || (record->len > 0 && !host->where)) {
		set_words(&host->err, record->len ? record->text : "it failed");
	}
	if (!host->where) {
		host->where = host_step_name(host->step);
	}
}

static void
take_done(struct host_work *work, const char *words UNUSED, const struct record *record)
{
	struct rollout_host *host = work->host;

	if (record->len > 0) { /* kept, and something could not be tidied up */
		host->note = shown_words(&host->arena, record->text, strlen(record->text));
	}
	host->step = HOST_STEP_DONE;
	work_end(work, HOST_DONE);
}

static void
take_failed(struct host_work *work, const char *words UNUSED, const struct record *record)
{
	set_reason(work, record);
	work_end(work, work->host->outcome == HOST_REFUSED ? HOST_REFUSED : HOST_FAILED);
}

static void
take_back(struct host_work *work, const char *words, const struct record *record)
{
	struct rollout_host *host = work->host;

	if (!host->where) {
		host->where = host_step_name(work->until);
		set_words(&host->err, record->text);
	}
	if (strcmp(words, "still") == 0 && host->plan.leaves) {
		host->remedy = arena_printf(&host->arena,
		    "the old files are back; %s was left as it is, because a start of %s could "
		    "step "
		    "the clock: `systemctl stop %s; systemctl start %s` there when that is "
		    "acceptable",
		    host->driver->unit, host->plan.leaves->title, host->driver->unit,
		    host->plan.leaves->unit);
	} else if (strcmp(words, "still") == 0) {
		host->remedy =
		    work->gate.wrong_time ? STILL_REMEDY "; " TRUST_REMEDY : STILL_REMEDY;
	}
	work_end(work, host->plan.asked ? HOST_UNWELL : HOST_PUT_BACK);
}

static void
take_stuck(struct host_work *work, const char *words UNUSED, const struct record *record)
{
	set_words(&work->host->err, record->text);
	work->host->where = host_step_name(HOST_STEP_PUT_BACK);
	work_end(work, HOST_STUCK);
}

void
work_take_unlock(struct host_work *work, const struct record *record)
{
	struct rollout_host *host = work->host;
	const char *words = record_words(record, "unlocked");

	if (words && strcmp(words, "held") == 0) {
		set_reason(work, record);
		host->remedy =
		    "wait for its end; or, if it hangs, `timetier unlock --force HOST` ends it "
		    "and puts back what it changed";
		work_fail(work, HOST_REFUSED, "lock");
	} else if (words) {
		host->note = shown_words(&host->arena, record->text, strlen(record->text));
		work_end(work, strcmp(words, "none") == 0 ? HOST_UNCHANGED : HOST_DONE);
	} else if (strcmp(record->name, "failed") == 0) {
		set_reason(work, record);
		work_fail(work, HOST_FAILED, "lock");
	}
}

static void
take_before(struct host_work *work, const char *words UNUSED, const struct record *record)
{
	work->has_before = take_report(&work->before, record);
	work->gate.before = work->has_before ? &work->before : NULL;
	work->host->before_boot_ns = work->has_before ? work->before.boot_ns : 0;
}

/* Keep what the agent measured of the servers that the daemon will ask. */
static void
take_measured(struct host_work *work, const char *words UNUSED, const struct record *record)
{
	struct plan_input input;
	struct restart_policy policy;

	if (!work->host->plan.measures) {
		work_break(work, record->name);
		return;
	}
	work_plan_input(work, &input);
	plan_policy(&input, &policy);
	work->measured_count =
	    measured_sources(&policy, record->bytes, record->len, work->measured);
}

static void
take_active(struct host_work *work, const char *words UNUSED, const struct record *record)
{
	snprintf(work->active, sizeof(work->active), "%.*s", (int)strcspn(record->text, "\n"),
	    record->text);
}

static void
take_log(struct host_work *work, const char *words UNUSED, const struct record *record)
{
	char line[sizeof(work->bad_line)];

	if (work->host->plan.restart &&
	    find_bad_line(work->host->driver, record->text, line, sizeof(line))) {
		memcpy(work->bad_line, line, sizeof(line));
	}
}

static void
take_status(struct host_work *work, const char *words UNUSED, const struct record *record)
{
	work->has_now = take_report(&work->now, record);
}

static void
take_ask(struct host_work *work, const char *words, const struct record *record)
{
	bool begin = strcmp(words, "begin") == 0;

	/* each of the two questions belongs to one step */
	if (begin != (work->host->step == HOST_STEP_CHECK) || (begin && work->word != WORD_NONE)) {
		work_break(work, record->name);
		return;
	}
	work->word = WORD_AWAITED;
	if (begin) {
		answer_begin(work);
	} else {
		answer_health(work);
	}
}

static void
take_recovered(
    struct host_work *work UNUSED, const char *words UNUSED, const struct record *record UNUSED)
{
}

#define AFTER(word) (1u << (word))
#define OPEN (AFTER(WORD_NONE) | AFTER(WORD_BEGIN) | AFTER(WORD_AGAIN))

/*
 * A row for each record of apply.sh: its first word, the steps at which it may come, and the words
 * of ours after which it may.  A host that says anything else, or an unknown word, is not believed
 * any more.  While it waits for our word it may give up, and put back: after "stop" it can only say
 * that it did nothing, and after "back" only how it put back.
 */
static const struct apply_row {
	const char *verb;
	enum host_step first, last;
	unsigned after;
	void (*take)(struct host_work *work, const char *words, const struct record *record);
} apply_rows[] = {
	{ "recovered", HOST_STEP_UPLOAD, HOST_STEP_UPLOAD, OPEN, take_recovered },
	{ "checked", HOST_STEP_CHECK, HOST_STEP_CHECK, OPEN, take_check },
	{ "before", HOST_STEP_CHECK, HOST_STEP_CHECK, OPEN, take_before },
	{ "measured", HOST_STEP_CHECK, HOST_STEP_CHECK, OPEN, take_measured },
	{ "active", HOST_STEP_HEALTH, HOST_STEP_HEALTH, OPEN, take_active },
	{ "log", HOST_STEP_ACTION, HOST_STEP_HEALTH, OPEN, take_log },
	{ "status", HOST_STEP_HEALTH, HOST_STEP_HEALTH, OPEN, take_status },
	{ "ask", HOST_STEP_CHECK, HOST_STEP_HEALTH, OPEN, take_ask },
	{ "step", HOST_STEP_UPLOAD, HOST_STEP_ACTION, OPEN, take_step },
	{ "failed", HOST_STEP_UPLOAD, HOST_STEP_CHECK,
	    OPEN | AFTER(WORD_AWAITED) | AFTER(WORD_STOP), take_failed },
	{ "failed", HOST_STEP_ARM, HOST_STEP_ARM, AFTER(WORD_BEGIN), take_failed },
	{ "step put back", HOST_STEP_RENAME, HOST_STEP_HEALTH,
	    OPEN | AFTER(WORD_AWAITED) | AFTER(WORD_KEEP) | AFTER(WORD_BACK), take_step },
	{ "done", HOST_STEP_HEALTH, HOST_STEP_HEALTH, AFTER(WORD_KEEP), take_done },
	{ "back", HOST_STEP_PUT_BACK, HOST_STEP_PUT_BACK, ~0u, take_back },
	{ "stuck", HOST_STEP_PUT_BACK, HOST_STEP_PUT_BACK, ~0u, take_stuck },
};

const char *
work_apply_verb(size_t index)
{
	return index < COUNT(apply_rows) ? apply_rows[index].verb : NULL;
}

void
work_take_apply(struct host_work *work, const struct record *record)
{
	enum host_step step = work->host->step;
	const char *words;

	for (size_t i = 0; i < COUNT(apply_rows); i++) {
		const struct apply_row *row = &apply_rows[i];

		if ((words = record_words(record, row->verb)) && step >= row->first &&
		    step <= row->last && (row->after & AFTER(work->word))) {
			row->take(work,
			    row->take == take_step ? record_words(record, "step") : words, record);
			return;
		}
	}
	work_break(work, record->name);
}

void
host_keep_time(struct rollout_host *host, const struct report *report)
{
	struct host_time *after = &host->after;

	after->told = true;
	memcpy(after->selected, report->status.selected, sizeof(after->selected));
	after->offset_ns = report->status.offset_ns;
	after->error_bound_ns = daemon_error_bound_ns(&report->status);
	after->proof = report->proof;
}
