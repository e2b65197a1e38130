/*
 * Opens a link, runs one command on it, and takes its records as they come.  facts.sh tells the
 * facts and ends.  apply.sh tells its steps, and asks where the orchestrator must decide.
 * Long, because one link goes through all of that.
 */
#include "orchestrator/rollout/host/work.h"

#include "common/clock.h"
#include "common/shorten.h"
#include "orchestrator/rollout/advice/host.h"
#include "orchestrator/rollout/advice/lost.h"
#include "orchestrator/rollout/advice/standing.h"
#include "orchestrator/rollout/host/host.h"
#include "orchestrator/rollout/plan/remove.h"
#include "orchestrator/rollout/plan/restart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char puts_back[] = "; the host puts back by itself what was not confirmed";

void
work_move(struct host_work *work, enum host_step step)
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

void
work_end(struct host_work *work, enum host_outcome outcome)
{
	bool good = outcome == HOST_UNCHANGED || outcome == HOST_CHANGES || outcome == HOST_DONE;

	if (work->over) {
		return;
	}
	work->over = true;
	work_sudo_stop(work);
	work_access_stop(work);
	work->host->outcome = outcome;
	records_done(&work->records);
	remote_done(&work->remote);
	work->records = (struct records){ .begun = false };
	if (!good || outcome != HOST_CHANGES || !work->owner->keep_links) {
		drop_link(work);
	}
	work->owner->over(work->owner->ctx, work->host);
}

void
work_fail(struct host_work *work, enum host_outcome outcome, const char *where)
{
	if (!work->over) {
		work->host->where = where;
		work_end(work, outcome);
	}
}

/* --- facts and plan --- */

/* The daemon that the host had before and shall have again; NULL: the declared one. */
static const char *
former_of(const struct host_work *work)
{
	const struct rollout_request *request = work->owner->request;

	return request->former ? request->former(request->files_ctx, work->host->host) : NULL;
}

void
work_plan_input(const struct host_work *work, struct plan_input *input)
{
	const struct rollout_request *request = work->owner->request;
	const char *daemon = work->host->host->daemon;

	*input = (struct plan_input){
		.facts = &work->host->facts,
		.driver = work->host->driver,
		.files = request->files && work->host->driver ? &work->host->files : NULL,
		.agent_files = request->agent_files ? &work->host->agent_files : NULL,
		.program = work->host->program,
		.agent_hash = work->host->program ? work->host->program->hash : NULL,
		.agent_unfit = work->host->unfit,
		.disable_rivals = request->disable_rivals,
		.declared = former_of(work) || (daemon && strcmp(daemon, "auto") != 0),
	};
}

static void
add_advice(struct host_work *work, const struct plan_input *input)
{
	struct rollout_host *host = work->host;
	const struct advice_input advice = { .topology = work->owner->request->topology,
		.host = host->host,
		.plan = input,
		.made = &host->plan,
		.now_ns = clock_real_ns() };
	struct advice list[ADVICE_MAX], *kept;
	size_t count;

	count = plan_advise(&advice, &host->arena, list);
	count += plan_judge_files(&advice, &host->arena, list + count, ADVICE_MAX - count);
	host->plan.advice_count = count;
	if (host->plan.advice_count > 0) {
		kept = arena_alloc(&host->arena, host->plan.advice_count * sizeof(*kept));
		memcpy(kept, list, host->plan.advice_count * sizeof(*kept));
		host->plan.advice = kept;
	}
	plan_find_lost(&advice, &host->arena, &host->plan);
}

static const struct daemon_driver *
find_driver(const struct rollout_host *host, struct error *err)
{
	unsigned features = host->host->role == HOST_SERVER ? DAEMON_SERVES : 0;

	return facts_driver(&host->facts, host->host->daemon, features, err);
}

/* The daemon, and the files that it should have.  Who is let go may have no daemon any more. */
static int
find_files(struct host_work *work, struct error *err)
{
	const struct rollout_request *request = work->owner->request;
	struct rollout_host *host = work->host;
	const char *former = former_of(work);

	host->driver =
	    former ? facts_known_driver(&host->facts, former, err) : find_driver(host, err);
	if (!host->driver) {
		return request->releases ? 0 : -1;
	}
	if (request->files(
		request->files_ctx, host->host, host->driver, &host->arena, &host->files, err)) {
		return -1;
	}
	if (request->releases) {
		plan_release_files(&host->facts, &host->arena, &host->files);
	}
	return 0;
}

/*
 * Whether the host's daemon is left alone, by the site's word or because of what the host is; then
 * its agent alone is looked after, where one runs.
 */
static bool
is_only_watched(struct host_work *work)
{
	struct rollout_host *host = work->host;
	struct error why;

	if (host->host->manage == MANAGE_WATCH) {
		host->watched = "`manage: watch`: its daemon is left alone";
	} else if (!former_of(work) && !work->owner->request->releases &&
	    facts_only_watched(&host->facts, host->host->daemon, &why)) {
		host->watched = arena_strdup(&host->arena, why.text);
	}
	return host->watched != NULL;
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
	if (request->remove_agent) {
		(request->releases ? plan_release : plan_remove_agent)(
		    &host->facts, &host->arena, &host->plan);
		return 0;
	}
	if (request->kind != ROLLOUT_FILES) {
		host->driver = find_driver(host, err);
		if (!host->driver) {
			return -1;
		}
		return (request->kind == ROLLOUT_RESTART ? restart_plan : refresh_plan)(
		    &host->facts, host->driver, &host->arena, &host->plan, err);
	}
	if (request->files && is_only_watched(work)) {
		if (!facts_rolled_out(&host->facts)) {
			return 0;
		}
	} else if (request->files && find_files(work, err)) {
		return -1;
	}
	if (request->agent_files &&
	    request->agent_files(request->files_ctx, host, &host->arena, &host->agent_files, err)) {
		return -1;
	}
	host->program =
	    agent_programs_find(request->programs, &host->facts, &host->arena, &host->unfit);
	if (host->unfit && request->agent_files) {
		return host->watched ? 0 : error_set(err, "%s", host->unfit);
	}
	work_plan_input(work, &input);
	if (plan_host(&input, &host->arena, &host->plan, err) != 0) {
		return -1;
	}
	add_advice(work, &input);
	return 0;
}

bool
work_may_restart(struct host_work *work, const struct report *report)
{
	struct rollout_host *host = work->host;

	if (!host->plan.asked || !host->plan.restart || host->forced ||
	    restart_is_safe(report, host_budget(host->host), &host->err, &host->remedy)) {
		return true;
	}
	host->where = "verdict";
	if (!report) {
		error_set(
		    &host->err, "nobody could ask the daemon: %s", facts_untold(&host->facts));
		host->remedy = host->facts.agent_hash
		    ? arena_printf(&host->arena,
			  "`%s` there tells more; `timetier agent install` puts the present one "
			  "there",
			  facts_agent_service(&host->facts)->log)
		    : host->remedy;
	}
	return false;
}

static const char *
remedy_of(const struct rollout_host *host)
{
	if (host->takes_back) {
		return "with what was there before, a start could step the clock: try again when "
		       "the clock is right (`timetier status`), or change site.yaml and apply that";
	}
	if (host->plan.measures) {
		return "this daemon steps beyond its limit, whatever its configuration says: set "
		       "the clock when a step is acceptable, then try again; or declare `daemon: "
		       "chrony`, which slews";
	}
	return "try again when its clock is right (`timetier status`); `timetier-agent verdict` on "
	       "the host tells what is missing";
}

bool
work_may_change(struct host_work *work, const struct plan_input *input, const struct report *before)
{
	struct rollout_host *host = work->host;
	struct verdict *verdict = &host->plan.verdict;

	if (host->plan.measures) {
		plan_judge_measured(input, work->measured, work->measured_count, before, verdict);
	} else {
		plan_judge(input, before, verdict);
	}
	if (!plan_forbids(input, before, verdict)) {
		return true;
	}
	error_set(&host->err, "a %s is not safe now (%s): %s",
	    host->plan.leaves ? "start" : "restart", verdict_name(verdict->kind),
	    verdict->reason_count ? verdict->reasons[0] : "nothing is known");
	host->where = "verdict";
	host->remedy = remedy_of(host);
	return false;
}

static void
end_facts(struct host_work *work)
{
	struct rollout_host *host = work->host;
	bool empty;

	if (work->kind == WORK_PLAN) {
		work_note_shell(work);
	}
	if (!host->facts.complete) {
		error_set(&host->err, "the host's answer ended too early");
		work_fail(work, HOST_FAILED, host_step_name(host->step));
		return;
	}
	if (work->kind == WORK_LOOK) {
		work_end(work, HOST_UNCHANGED);
		return;
	}
	work_move(work, HOST_STEP_PLAN);
	if (make_plan(work, &host->err)) {
		work_fail(work, HOST_FAILED, host_step_name(HOST_STEP_PLAN));
		return;
	}
	empty = plan_is_empty(&host->plan);
	if (!work_may_restart(work, host->facts.agent_status)) {
		work_end(work, HOST_REFUSED);
		return;
	}
	if (work->owner->request->kind == ROLLOUT_FILES) {
		const struct file_set *const sets[] = { &host->files, &host->agent_files };

		facts_slim(&host->facts, sets, COUNT(sets));
	}
	work_end(work, empty ? HOST_UNCHANGED : HOST_CHANGES);
}

/* The outcome of a run that breaks off now: before the host was told to begin, nothing happened. */
static enum host_outcome
broken_outcome(const struct host_work *work)
{
	if (work->kind != WORK_APPLY || !work->begun) {
		return HOST_FAILED;
	}
	return work->host->plan.asked ? HOST_UNWELL : HOST_LOST;
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
	if (work->kind == WORK_APPLY) {
		work_take_apply(work, record);
	} else if (work->kind == WORK_UNLOCK) {
		work_take_unlock(work, record);
	} else if (work->kind == WORK_ERRAND) {
		work_take_errand(work, record);
	} else {
		facts_take(&work->host->facts, record);
		if (work->host->facts.measures) {
			work_move(work, HOST_STEP_MEASURE);
		}
	}
}

void
work_break(struct host_work *work, const char *name)
{
	error_set(&work->host->err, "the host does not keep to the order: it says \"%.40s\"%s",
	    name, broken_outcome(work) == HOST_LOST ? puts_back : "");
	work_fail(work, broken_outcome(work), host_step_name(work->host->step));
}

static void
send_script(struct host_work *work)
{
	const struct transport *transport = work->owner->request->transport;
	const struct remote *remote = &work->remote;

	work_begin_time(work);
	transport->write(work->link, remote->head.data, remote->head.len);
	transport->write(work->link, remote->blob, remote->blob_len);
	transport->write(work->link, remote->tail.data, remote->tail.len);
}

static void
on_output(void *ctx, const char *bytes, size_t len)
{
	struct host_work *work = ctx;
	struct error err;

	if (work->root != ROOT_OPEN) {
		if (!work->over && work_sudo_output(work, bytes, len)) {
			send_script(work);
			work_extend(work, work_step_ns(work));
		}
		return;
	}
	if (!work->over && records_feed(&work->records, bytes, len, &err)) {
		work->host->err = err;
		work_fail(work, broken_outcome(work), host_step_name(work->host->step));
	}
	if (work->begun_ms == 0 && work->records.begun) {
		work->begun_ms = uv_now(work->owner->request->loop);
	}
}

static void
on_murmured(void *ctx, const char *bytes, size_t len)
{
	struct host_work *work = ctx;

	work->murmured += len;
	if (!work->over && work->murmured > WORK_MURMUR_BYTES_MAX) {
		error_set(&work->host->err,
		    "the host's complaints have no end: more than %u bytes came on stderr",
		    WORK_MURMUR_BYTES_MAX);
		work_fail(work, broken_outcome(work), host_step_name(work->host->step));
		return;
	}
	work_sudo_murmured(work, bytes, len);
}

static void
on_ended(void *ctx, int exit_status, const char *complaint)
{
	struct host_work *work = ctx;
	struct rollout_host *host = work->host;
	char said[360];

	if (work->over) {
		return;
	}
	if (work_sudo_ended(work, exit_status, complaint)) {
		return;
	}
	if ((work->kind == WORK_PLAN || work->kind == WORK_LOOK) && work->answered) {
		end_facts(work);
	} else {
		work_last_words(work, complaint, said, sizeof(said));
		error_set(&host->err, "the command ended with status %d: %s%s", exit_status,
		    *said ? said : "it said nothing",
		    broken_outcome(work) == HOST_LOST ? puts_back : "");
		if (work->kind == WORK_ERRAND && work->records.begun) {
			host->remedy = ERRAND_REMEDY;
		}
		work_fail(work, broken_outcome(work), host_step_name(host->step));
	}
}

void
work_run(struct host_work *work)
{
	struct buf line = { .limit_bytes = 0 };

	if (!work_sudo_begin(work)) {
		remote_line(&work->remote, work->by, &line);
		work->owner->request->transport->run(
		    work->link, buf_str(&line), work_step_ns(work));
		buf_free(&line);
		send_script(work);
	}
}

static void
run_script(struct host_work *work)
{
	records_done(&work->records); /* left by a link that broke */
	work->records = (struct records){
		.each = take_record, .ctx = work, .limit_bytes = work_bytes_max(work)
	};
	work->answered = false;
	work->murmured = 0;
	work->word = WORD_NONE;
	work->run_ms = uv_now(work->owner->request->loop);
	work->begun_ms = 0;
	work_move(work, work->kind == WORK_APPLY ? HOST_STEP_UPLOAD : HOST_STEP_FACTS);
	work_sudo_choose(work);
	work_run(work);
}

static void
on_opened(void *ctx)
{
	run_script(ctx);
}

static void open_link(struct host_work *work);

static void
on_note(void *ctx, const char *text)
{
	work_note(ctx, text);
}

static void
on_failed(void *ctx, enum link_step step, const struct error *err)
{
	struct host_work *work = ctx;
	struct rollout_host *host = work->host;
	const char *where =
	    host->step <= HOST_STEP_CONNECT ? link_step_name(step) : host_step_name(host->step);
	char said[400];

	if (work->over) { /* a link that was kept open broke */
		drop_link(work);
		return;
	}
	if (work_may_reconnect(work)) {
		work_sudo_stop(work);
		drop_link(work);
		open_link(work);
		return;
	}
	if (work_sudo_failed(work)) {
		return;
	}
	host->unreachable = host->step <= HOST_STEP_CONNECT &&
	    (step == LINK_RESOLVE || step == LINK_CONNECT || step == LINK_HANDSHAKE);
	if (broken_outcome(work) == HOST_LOST) {
		shorten(said, sizeof(said), err->text);
		error_set(&host->err, "%s%s", said, puts_back);
	} else {
		host->err = *err;
	}
	work_fail(work, broken_outcome(work), where);
}

static void
open_link(struct host_work *work)
{
	struct link_events events = {
		.ctx = work,
		.opened = on_opened,
		.output = on_output,
		.ended = on_ended,
		.failed = on_failed,
		.murmured = on_murmured,
		.note = on_note,
	};
	struct transport *transport = work->owner->request->transport;

	work->kept = work->link != NULL;
	if (work->kept) {
		run_script(work);
		return;
	}
	work_move(work, HOST_STEP_CONNECT);
	work->link = transport->open(transport, &work->target, &events);
}

static struct host_work *
work_of(struct rollout_host *host, const struct host_owner *owner)
{
	static const enum link_way ways[] = { [SSH_TRANSPORT_AUTO] = LINK_WAY_AUTO,
		[SSH_TRANSPORT_LIBSSH2] = LINK_WAY_LIBSSH2,
		[SSH_TRANSPORT_SSH] = LINK_WAY_SSH };
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
		.way = ways[ssh->transport],
	};
	return host->work;
}

void
host_start_plan(struct rollout_host *host, const struct host_owner *owner)
{
	const struct rollout_request *request = owner->request;
	struct host_work *work = work_of(host, owner);

	if (request->kind == ROLLOUT_UNLOCK) {
		work->kind = WORK_UNLOCK;
		remote_unlock(&work->remote, &owner->remote, request->force_unlock);
		open_link(work);
		return;
	}
	if (request->kind == ROLLOUT_ERRAND) {
		struct errand errand = *request->errand;

		work->kind = WORK_ERRAND;
		work->gave = false;
		if (errand.fill) {
			errand.fill(errand.ctx, host->host, &errand);
		}
		if (remote_errand(&work->remote, &owner->remote, &errand, &host->err)) {
			work_fail(work, HOST_FAILED, "errand");
			return;
		}
		open_link(work);
		return;
	}
	work->kind = WORK_PLAN;
	host->forced = request->forced && request->forced(request->ctx, host->host);
	remote_facts(&work->remote, &owner->remote, host->host, request->kind != ROLLOUT_FILES);
	open_link(work);
}

void
host_start_look(struct rollout_host *host, const struct host_owner *owner)
{
	struct host_work *work = work_of(host, owner);

	work->kind = WORK_LOOK;
	facts_done(&host->facts);
	remote_look(&work->remote, &owner->remote);
	open_link(work);
}

/* Whether the daemon selects nobody, whatever its configuration is. */
static bool
takes_median(const struct daemon_driver *driver)
{
	struct restart_policy policy;

	driver->read_policy("", "", &policy);
	return policy.rules == RESTART_RULES_MEDIAN;
}

void
host_start_apply(struct rollout_host *host, const struct host_owner *owner)
{
	const struct rollout_request *request = owner->request;
	struct host_work *work = work_of(host, owner);
	struct plan_input input;

	work->kind = WORK_APPLY;
	work->begun = false;
	if (request->begun && request->begun(request->ctx, host, &host->err)) {
		work_fail(work, HOST_FAILED, "journal");
		return;
	}
	work_plan_input(work, &input);
	if (request->remove_agent
		? remote_remove_agent(
		      &work->remote, &owner->remote, &host->facts, &host->plan, &host->err)
		: remote_apply(&work->remote, &owner->remote, &input, &host->plan, &host->err)) {
		work_fail(work, HOST_FAILED, host_step_name(HOST_STEP_UPLOAD));
		return;
	}
	work->gate = (struct gate){
		.budget = *host_budget(host->host),
		.confirm_within_ns = request->topology->rollout.confirm_within_ns,
		.unit = host->driver ? host->driver->unit : facts_agent_service(&host->facts)->name,
		.asks_time = host->driver && plan_action(&host->plan) != FILE_ACTION_NONE &&
		    (host->facts.agent_hash || host->plan.agent_upload),
		.by_median = host->driver && takes_median(host->driver),
		.may_step = host->forced && request->kind != ROLLOUT_FILES,
		.names = host->plan.names,
		.name_count = host->plan.name_count,
		.topology = request->topology,
		.host = host->host,
		.voters = owner->voters,
		.voter_count = owner->voter_count,
		.trusts = request->trust_sources,
	};
	work_access_start(work);
	open_link(work);
}

static void
free_work(struct rollout_host *host)
{
	buf_free(&host->work->said);
	buf_free(&host->work->printed);
	records_done(&host->work->records);
	remote_done(&host->work->remote);
	free(host->work);
	host->work = NULL;
}

void
host_rest(struct rollout_host *host)
{
	if (host->work && host->work->over && !host->work->link) {
		free_work(host);
	}
}

void
host_done(struct rollout_host *host)
{
	if (host->work) {
		work_sudo_stop(host->work);
		work_access_stop(host->work);
		drop_link(host->work);
		free_work(host);
	}
	facts_done(&host->facts);
	arena_free(&host->arena);
}
