/*
 * A link is opened, one command run on it, and its records taken as they come: facts.sh tells and
 * ends; apply.sh tells where it is, and asks where somebody must decide.
 */
#include "orchestrator/rollout/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrator/rollout/gate.h"
#include "orchestrator/rollout/records.h"

#define FACTS_NS (60 * NS_PER_S)
#define STEP_NS (240 * NS_PER_S) /* of one step on a host: an upload, a restart */

struct host_work {
	struct rollout_host *host;
	const struct host_owner *owner;
	struct link *link; /* NULL: none is open */
	struct link_target target;
	struct remote remote;
	struct records records;
	bool applying; /* else: asking for facts */
	bool over;     /* this run has ended, one way or the other */
	bool answered; /* a record came: the script has started */
	bool kept;     /* the link has waited since the facts, and may be gone */

	/* of the check, until it is asked about */
	bool checked;
	struct error check_err;
	/* of the health */
	struct report before, now;
	bool has_before, has_now;
	struct gate gate;
	char active[32];
	char bad_line[256]; /* of the daemon's log; "" : none */
	char words[GATE_WORDS_BYTES];
	uint64_t action_ms; /* by the loop's clock: when the health began */
};

const char *
host_step_name(enum host_step step)
{
	static const char *const names[] = {
#define X(name, text) [name] = text,
		HOST_STEPS(X)
#undef X
	};

	return names[step];
}

const char *
host_outcome_name(enum host_outcome outcome)
{
	static const char *const names[] = {
#define X(name, text) [name] = text,
		HOST_OUTCOMES(X)
#undef X
	};

	return names[outcome];
}

static void
move_to(struct host_work *work, enum host_step step)
{
	if (work->host->step != step) {
		work->host->step = step;
		work->owner->moved(work->owner->ctx, work->host);
	}
}

static void
drop_link(struct host_work *work)
{
	if (work->link) {
		work->owner->request->transport->close(work->link);
		work->link = NULL;
	}
}

static void
end(struct host_work *work, enum host_outcome outcome)
{
	bool good = outcome == HOST_UNCHANGED || outcome == HOST_CHANGES || outcome == HOST_DONE;

	if (work->over) {
		return;
	}
	work->over = true;
	work->host->outcome = outcome;
	records_done(&work->records);
	remote_done(&work->remote);
	work->records = (struct records){ .begun = false };
	if (!good || outcome != HOST_CHANGES || !work->owner->keep_links) {
		drop_link(work);
	}
	work->owner->over(work->owner->ctx, work->host);
}

static void
end_failed(struct host_work *work, enum host_outcome outcome, const char *where)
{
	if (!work->over) {
		work->host->where = where;
		end(work, outcome);
	}
}

/* --- facts and plan --- */

static void
plan_input(const struct host_work *work, struct plan_input *input)
{
	const struct rollout_request *request = work->owner->request;

	*input = (struct plan_input){
		.facts = &work->host->facts,
		.driver = work->host->driver,
		.files = request->files ? &work->host->files : NULL,
		.agent_files = request->agent_files ? &work->host->agent_files : NULL,
		.agent_hash = work->owner->agent_hash,
	};
}

static int
make_plan(struct host_work *work, struct error *err)
{
	const struct rollout_request *request = work->owner->request;
	struct rollout_host *host = work->host;
	struct plan_input input;

	if (host->facts.uid != 0) {
		return error_set(err, "the login is not root: set `ssh: {sudo: true}` for it");
	}
	if (request->files) {
		host->driver = facts_driver(&host->facts, host->host->daemon, err);
		if (!host->driver ||
		    request->files(request->ctx, host->host, host->driver, &host->arena,
			&host->files, err)) {
			return -1;
		}
	}
	if (request->agent_files &&
	    request->agent_files(request->ctx, host->host, host->driver, &host->arena,
		&host->agent_files, err)) {
		return -1;
	}
	plan_input(work, &input);
	return plan_host(&input, &host->arena, &host->plan, err);
}

static void
end_facts(struct host_work *work)
{
	struct rollout_host *host = work->host;
	bool empty;

	if (!host->facts.complete) {
		error_set(&host->err, "the host's facts are not complete");
		end_failed(work, HOST_FAILED, host_step_name(HOST_STEP_FACTS));
		return;
	}
	move_to(work, HOST_STEP_PLAN);
	if (work->owner->request->remove_agent) {
		const struct fact_unit *unit = facts_unit(&host->facts, AGENT_UNIT);

		empty = !host->facts.agent_hash && !(unit && unit->loaded);
	} else if (make_plan(work, &host->err)) {
		end_failed(work, HOST_FAILED, host_step_name(HOST_STEP_PLAN));
		return;
	} else {
		empty = plan_is_empty(&host->plan);
	}
	end(work, empty ? HOST_UNCHANGED : HOST_CHANGES);
}

/* --- apply --- */

/* The outcome of a run that breaks off now: before the rename, nothing has happened. */
static enum host_outcome
broken_outcome(const struct host_work *work)
{
	return work->applying && work->host->step >= HOST_STEP_RENAME ? HOST_LOST : HOST_FAILED;
}

static void
say(struct host_work *work, const char *word)
{
	const struct transport *transport = work->owner->request->transport;

	transport->extend(work->link, STEP_NS);
	transport->write(work->link, word, strlen(word));
}

static void
take_step(struct host_work *work, const char *name)
{
	static const enum host_step steps[] = { HOST_STEP_CHECK, HOST_STEP_RENAME,
		HOST_STEP_ACTION, HOST_STEP_HEALTH, HOST_STEP_PUT_BACK };

	for (size_t i = 0; i < COUNT(steps); i++) {
		if (strcmp(host_step_name(steps[i]), name) == 0) {
			if (steps[i] == HOST_STEP_HEALTH) {
				work->action_ms = uv_now(work->owner->request->loop);
			}
			work->owner->request->transport->extend(work->link, STEP_NS);
			move_to(work, steps[i]);
		}
	}
}

/* The first line of @text that the daemon's driver knows for a complaint, to @line. */
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

/* What the daemon's own check said of the new file. */
static void
take_check(struct host_work *work, const char *status, const struct record *record)
{
	const struct daemon_driver *driver = work->host->driver;
	char line[256];
	bool bad = find_bad_line(driver, record->bytes, line, sizeof(line));

	work->checked = true;
	if (!bad && strcmp(status, "0") == 0) {
		return;
	}
	if (!bad) {
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(record->bytes, "\n"),
		    record->bytes);
	}
	error_set(&work->check_err, "%s refuses %s: %s", driver ? driver->check_argv[0] : "",
	    driver ? driver->config_path : "", line[0] ? line : "it says nothing");
}

static bool
take_report(struct report *report, const struct record *record)
{
	return record->len > 0 && report_decode(record->bytes, record->len, report, NULL) == 0;
}

static void
answer_begin(struct host_work *work)
{
	struct rollout_host *host = work->host;
	const struct report *before = work->has_before ? &work->before : NULL;
	struct plan_input input;

	plan_input(work, &input);
	if (work->check_err.text[0]) {
		host->err = work->check_err;
		host->where = host_step_name(HOST_STEP_CHECK);
		say(work, "stop\n");
		return;
	}
	if (host->plan.judged) {
		plan_judge(&input, before, &host->plan.verdict);
		if (plan_forbids(&input, before, &host->plan.verdict)) {
			const struct verdict *verdict = &host->plan.verdict;

			error_set(&host->err, "a restart is not safe now (%s): %s",
			    verdict_name(verdict->kind),
			    verdict->reason_count ? verdict->reasons[0] : "nothing is known");
			host->where = "verdict";
			say(work, "stop\n");
			return;
		}
	}
	say(work, "begin\n");
}

static void
keep_report(struct host_work *work)
{
	if (work->has_now) {
		struct report *after = arena_alloc(&work->host->arena, sizeof(*after));

		*after = work->now;
		work->host->after = after;
	}
}

static void
answer_health(struct host_work *work)
{
	struct rollout_host *host = work->host;
	uint64_t elapsed_ms = uv_now(work->owner->request->loop) - work->action_ms;
	enum gate_answer answer;

	answer = gate_judge(&work->gate, work->active, work->has_now ? &work->now : NULL,
	    (int64_t)elapsed_ms * NS_PER_MS, work->words);
	if (work->bad_line[0]) {
		answer = GATE_BACK;
		snprintf(work->words, sizeof(work->words), "the daemon complains: %.200s",
		    work->bad_line);
	}
	work->has_now = false;
	switch (answer) {
	case GATE_AGAIN:
		say(work, "again\n");
		break;
	case GATE_KEEP:
		keep_report(work);
		if (work->words[0]) {
			host->note = arena_strdup(&host->arena, work->words);
		}
		say(work, "keep\n");
		break;
	case GATE_BACK:
		error_set(&host->err, "%s", work->words);
		host->where = host_step_name(HOST_STEP_HEALTH);
		say(work, "back\n");
		break;
	}
}

static void
set_reason(struct host_work *work, const struct record *record)
{
	struct rollout_host *host = work->host;

	if (host->err.text[0] == '\0' || (record->len > 0 && !host->where)) {
		error_set(&host->err, "%.480s", record->len ? record->bytes : "it failed");
		for (char *at = host->err.text; *at; at++) {
			*at = *at == '\n' ? ' ' : *at;
		}
	}
	if (!host->where) {
		host->where = host_step_name(host->step);
	}
}

/* The records that end a run. */
static void
take_end(struct host_work *work, const struct record *record)
{
	struct rollout_host *host = work->host;

	if (strcmp(record->name, "done") == 0) {
		move_to(work, HOST_STEP_DONE);
		end(work, HOST_DONE);
	} else if (strcmp(record->name, "failed") == 0) {
		set_reason(work, record);
		end(work, HOST_FAILED);
	} else if (strcmp(record->name, "back") == 0) {
		if (!host->where) {
			host->where = host_step_name(HOST_STEP_ACTION);
			error_set(&host->err, "%.480s", record->bytes);
		}
		end(work, HOST_PUT_BACK);
	} else if (strcmp(record->name, "stuck") == 0) {
		error_set(&host->err, "%.480s", record->bytes);
		host->where = host_step_name(HOST_STEP_PUT_BACK);
		end(work, HOST_STUCK);
	}
}

static void
take_apply(struct host_work *work, const struct record *record)
{
	const char *words;
	char line[sizeof(work->bad_line)];

	if ((words = record_words(record, "step"))) {
		take_step(work, words);
	} else if ((words = record_words(record, "checked"))) {
		take_check(work, words, record);
	} else if (record_words(record, "before")) {
		work->has_before = take_report(&work->before, record);
		work->gate.before = work->has_before ? &work->before : NULL;
	} else if (record_words(record, "active")) {
		snprintf(work->active, sizeof(work->active), "%s", record->bytes);
	} else if (record_words(record, "log")) {
		if (work->host->plan.restart &&
		    find_bad_line(work->host->driver, record->bytes, line, sizeof(line))) {
			memcpy(work->bad_line, line, sizeof(line));
		}
	} else if (record_words(record, "status")) {
		work->has_now = take_report(&work->now, record);
	} else if ((words = record_words(record, "ask"))) {
		if (strcmp(words, "begin") == 0) {
			answer_begin(work);
		} else {
			answer_health(work);
		}
	} else {
		take_end(work, record);
	}
}

/* --- the link --- */

static void
take_record(void *ctx, const struct record *record)
{
	struct host_work *work = ctx;

	work->answered = true;
	if (work->over) {
		return;
	}
	if (work->applying) {
		take_apply(work, record);
	} else {
		facts_take(&work->host->facts, record);
	}
}

static void
on_output(void *ctx, const char *bytes, size_t len)
{
	struct host_work *work = ctx;
	struct error err;

	if (!work->over && records_feed(&work->records, bytes, len, &err)) {
		work->host->err = err;
		end_failed(work, broken_outcome(work), host_step_name(work->host->step));
	}
}

static bool
is_sudo_refusal(const struct host_work *work, const char *complaint)
{
	return work->host->host->ssh.sudo && !work->answered && strstr(complaint, "sudo");
}

static void
on_ended(void *ctx, int exit_status, const char *complaint)
{
	struct host_work *work = ctx;
	struct rollout_host *host = work->host;

	if (work->over) {
		return;
	}
	if (is_sudo_refusal(work, complaint)) {
		error_set(&host->err,
		    "%.*s: give %s a NOPASSWD rule in sudoers, or log in as root",
		    (int)strcspn(complaint, "\n"), complaint,
		    work->target.user ? work->target.user : "root");
		end_failed(work, HOST_FAILED, "sudo");
	} else if (!work->applying && work->answered) {
		end_facts(work);
	} else {
		error_set(&host->err, "the command ended with status %d: %.400s", exit_status,
		    *complaint ? complaint : "it said nothing");
		host->err.text[strcspn(host->err.text, "\n")] = '\0';
		end_failed(work, broken_outcome(work), host_step_name(host->step));
	}
}

static void
run_script(struct host_work *work)
{
	const struct transport *transport = work->owner->request->transport;
	const struct remote *remote = &work->remote;

	work->records.each = take_record;
	work->records.ctx = work;
	work->answered = false;
	move_to(work, work->applying ? HOST_STEP_UPLOAD : HOST_STEP_FACTS);
	transport->run(
	    work->link, buf_str(&remote->command), work->applying ? STEP_NS : FACTS_NS);
	transport->write(work->link, remote->head.data, remote->head.len);
	transport->write(work->link, remote->blob, remote->blob_len);
	transport->write(work->link, remote->tail.data, remote->tail.len);
}

static void
on_opened(void *ctx)
{
	run_script(ctx);
}

static void open_link(struct host_work *work);

static void
on_failed(void *ctx, enum link_step step, const struct error *err)
{
	struct host_work *work = ctx;
	struct rollout_host *host = work->host;
	const char *where = host->step <= HOST_STEP_CONNECT ? link_step_name(step)
							    : host_step_name(host->step);

	if (work->over) { /* a link that was kept */
		drop_link(work);
		return;
	}
	if (work->kept && !work->answered) {
		drop_link(work);
		open_link(work);
		return;
	}
	if (broken_outcome(work) == HOST_LOST) {
		error_set(&host->err,
		    "%.300s; the host puts back by itself what was not confirmed", err->text);
	} else {
		host->err = *err;
	}
	end_failed(work, broken_outcome(work), where);
}

static void
open_link(struct host_work *work)
{
	struct link_events events = { work, on_opened, on_output, on_ended, on_failed };
	struct transport *transport = work->owner->request->transport;

	work->kept = work->link != NULL;
	if (work->kept) {
		run_script(work);
		return;
	}
	move_to(work, HOST_STEP_CONNECT);
	work->link = transport->open(transport, &work->target, &events);
}

static struct host_work *
work_of(struct rollout_host *host, const struct host_owner *owner)
{
	const struct ssh_target *ssh = &host->host->ssh;

	if (!host->work) {
		host->work = calloc(1, sizeof(*host->work));
		if (!host->work) {
			abort();
		}
	}
	host->work->host = host;
	host->work->owner = owner;
	host->work->over = false;
	host->work->target = (struct link_target){
		.host = ssh->host ? ssh->host : host->host->addresses.list[0].text,
		.port = ssh->port,
		.user = ssh->user,
		.identity = ssh->identity,
	};
	return host->work;
}

void
host_start_plan(struct rollout_host *host, const struct host_owner *owner)
{
	struct host_work *work = work_of(host, owner);

	work->applying = false;
	remote_facts(&work->remote, &owner->remote, host->host->ssh.sudo);
	open_link(work);
}

void
host_start_apply(struct rollout_host *host, const struct host_owner *owner)
{
	const struct rollout_request *request = owner->request;
	struct host_work *work = work_of(host, owner);
	struct plan_input input;

	work->applying = true;
	plan_input(work, &input);
	if (request->remove_agent) {
		remote_remove_agent(&work->remote, &owner->remote, host->host->ssh.sudo);
	} else if (remote_apply(&work->remote, &owner->remote, host->host->ssh.sudo, &input,
		       &host->plan, &host->err)) {
		end_failed(work, HOST_FAILED, host_step_name(HOST_STEP_UPLOAD));
		return;
	}
	work->gate = (struct gate){
		.budget = *host_budget(host->host),
		.confirm_within_ns = request->topology->rollout.confirm_within_ns,
		.unit = host->driver ? host->driver->unit : AGENT_UNIT,
		.asks_time = host->driver && plan_action(&host->plan) != FILE_ACTION_NONE &&
		    (host->facts.agent_hash || host->plan.agent_upload),
	};
	open_link(work);
}

void
host_done(struct rollout_host *host)
{
	if (host->work) {
		drop_link(host->work);
		records_done(&host->work->records);
		remote_done(&host->work->remote);
		free(host->work);
		host->work = NULL;
	}
	facts_done(&host->facts);
	arena_free(&host->arena);
}
