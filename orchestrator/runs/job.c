/* Long, because a job has one life, from its request to its result. */
#include "orchestrator/runs/job.h"

#include "common/clock.h"
#include "orchestrator/cli/state.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/runs/holder.h"
#include "orchestrator/runs/left.h"
#include "orchestrator/show/outcome.h"
#include "orchestrator/show/result.h"
#include "orchestrator/ssh/auto/auto.h"

#include <jansson.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RESUME_WAIT_MS 3000
#define RESUME_WAITS 120

static int
complain(const struct job *job, const struct error *err)
{
	fprintf(stderr, "timetier %s: %s\n", job->request.command, err->text);
	return -1;
}

/* A design with errors is not put on hosts; what is on them is restarted as it is. */
static int
load(struct job *job, bool lint)
{
	struct diags diags = { 0 };
	bool sound;

	if (!site_load(&job->request.options->common, &job->topology)) {
		return -1;
	}
	if (lint) {
		lint_run(&job->topology, clock_real_ns(), &diags);
	}
	sound = diags.errors == 0;
	if (!sound) {
		diags_sort(&diags);
		diags_print(&diags, stderr, use_colour(STDERR_FILENO));
		fprintf(stderr, "timetier %s: a design with errors is not rolled out\n",
		    job->request.command);
	}
	diags_free(&diags);
	return sound ? 0 : -1;
}

static void
tell_progress(void *ctx, const struct rollout_host *host)
{
	struct job *job = ctx;

	progress_host(&job->progress, host);
	run_record_moved(&job->record, host);
}

static int
begin_host(void *ctx, const struct rollout_host *host, struct error *err)
{
	struct job *job = ctx;

	return run_record_begun(&job->record, host, err);
}

bool
job_is_forced(const struct job *job, const char *name)
{
	for (const char *const *forced = job->request.options->force; *forced; forced++) {
		if (strcmp(*forced, name) == 0) {
			return true;
		}
	}
	return false;
}

static bool
restarts_anyway(void *ctx, const struct host *host)
{
	return job_is_forced(ctx, host->name);
}

static void
make_rollout(struct job *job)
{
	const struct job_request *asked = &job->request;
	struct rollout_request request = {
		.kind = asked->kind,
		.loop = &job->loop,
		.transport = job->transport,
		.sudo = password_sudo(job->password),
		.topology = &job->topology,
		.hosts = job->hosts,
		.host_count = job->host_count,
		.parallel = rollout_parallel(asked->options),
		.files = job->files.daemon,
		.agent_files = job->files.agent,
		.former = job->files.former,
		.files_ctx = job->files.ctx,
		.remove_agent = asked->remove_agent,
		.releases = asked->releases,
		.programs = job->files.programs,
		.disable_rivals = asked->options->disable_rivals,
		.asks_access = !asked->any_access,
		.trust_sources = asked->options->trust_sources,
		/* --force of a rollback says that files may be overwritten, and no more */
		.forced = asked->takes_back ? NULL : restarts_anyway,
		.force_unlock = asked->options->force_unlock,
		.errand = asked->errand,
		.takes_back = asked->takes_back,
		.holder = job->holder,
		.run = job->record.run.mark,
		.begun = begin_host,
		.progress = tell_progress,
		.ctx = job,
	};

	job->rollout = rollout_new(&request);
	progress_start(&job->progress, asked->options->common.quiet, job->host_count);
}

/* The journal: for this run, or for what only looks, that of runs whose end nobody saw. */
static int
open_record(struct job *job, struct error *err)
{
	char folder[PATH_MAX];

	holder_name(job->holder, sizeof(job->holder));
	if (state_folder(job->request.options->state, site_file(&job->request.options->common),
		folder, err)) {
		return -1;
	}
	if (job->request.looks) {
		if (run_record_open_to_look(&job->record, folder, err) < 0) {
			fprintf(
			    stderr, "timetier %s: warning: %s\n", job->request.command, err->text);
		}
		return 0;
	}
	return run_record_open(&job->record, folder, job->request.command, job->holder, err);
}

/* Hosts that are named and have left the site are reached by the site of then. */
static int
take_left(struct job *job, struct error *err)
{
	struct topology then;
	int found = 0;

	if (job->request.of_left && job->record.journal) {
		found = left_site(job->record.journal, &job->topology, job->request.words,
		    job->request.word_count, &then, err);
	}
	if (found > 0) {
		topology_free(&job->topology);
		job->topology = then;
		job->of_then = true;
	}
	return found < 0 ? -1 : 0;
}

/* Mark those that are let go: what they keep works without timetier. */
static void
mark_released(struct job *job)
{
	for (size_t i = 0; job->request.releases && i < job->host_count; i++) {
		for (size_t k = 0; k < job->topology.host_count; k++) {
			if (&job->topology.hosts[k] == job->hosts[i]) {
				job->topology.hosts[k].released = true;
			}
		}
	}
}

static int
begin_record(struct job *job, struct error *err)
{
	const struct job_request *request = &job->request;
	struct run_record *record = &job->record;
	struct buf text = { .limit_bytes = 4096 };
	struct run_words words = {
		.kind = request->kind_of_run ? request->kind_of_run : request->command,
		.who = job->holder,
		.options = resume_options(request->options),
		.site = job->topology.site,
		.site_file = job->topology.file,
		.of_run = request->of_run,
	};
	int status;

	if (request->looks) {
		return 0;
	}
	for (int i = 0; i < request->word_count; i++) {
		buf_printf(&text, "%s%s", i ? " " : "", request->words[i]);
	}
	words.words = request->options->resume ? "--resume" : buf_str(&text);
	record->removes_agent = request->remove_agent;
	status = run_record_begin(record, &words, err);
	buf_free(&text);
	return status;
}

/* A run that goes on is about the hosts of the earlier one, with what that had. */
static int
take_earlier(struct job *job, struct error *err)
{
	struct job_request *request = &job->request;

	if (!request->options->resume) {
		return 0;
	}
	if (request->word_count > 0 || request->options->limit[0] || request->options->exclude[0]) {
		return error_set(err, "--resume is about the hosts of the earlier run: name none");
	}
	if (resume_find(&job->resume, &job->record, request->command, request->options, err) < 0) {
		return -1;
	}
	request->options = &job->resume.options;
	request->of_run = job->resume.run.id;
	request->names = job->resume.names;
	request->name_count = job->resume.name_count;
	return 0;
}

static int
choose_hosts(struct job *job, struct error *err)
{
	const struct job_request *request = &job->request;
	struct site_choice choice = { request->words, request->word_count, request->options->limit,
		request->options->exclude };

	if (request->names) {
		choice.words = request->names;
		choice.word_count = request->name_count;
	}
	if (site_hosts(&job->topology, &choice, &job->hosts, &job->host_count, err) < 0) {
		return -1;
	}
	job->unmanaged_count = site_leave_unmanaged(
	    request->command, request->options->common.quiet, job->hosts, &job->host_count);
	job->unmanaged = job->hosts + job->host_count;
	return 0;
}

static int
choose_files(struct job *job, struct error *err)
{
	struct job_request *request = &job->request;

	if (request->takes_back) {
		job->files = request->files;
		return 0;
	}
	job->site_files = (struct site_files){ .topology = &job->topology,
		.journal = job->record.journal,
		.daemon = request->daemon,
		.agent = request->agent && !request->options->no_agent && job->host_count > 0 };
	if (site_files_open(&job->site_files, request->options, &job->files, err)) {
		job->status = job->site_files.identity_lost ? EXIT_IDENTITY : EXIT_FINDINGS;
		return -1;
	}
	return 0;
}

/* By what hosts are asked. */
static int
open_transport(struct job *job, struct error *err)
{
	const struct rollout_options *options = job->request.options;
	struct ssh_options ssh = { .known_hosts = options->known_hosts,
		.accept_new = options->accept_new };

	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&job->loop);
	job->has_loop = true;
	uv_signal_init(&job->loop, &job->interrupt);
	uv_unref((uv_handle_t *)&job->interrupt);
	job->password = password_new(&job->loop, options->sudo_password_file, &job->progress, err);
	return job->password ? auto_transport_new(&job->loop, &ssh, &job->transport, err) : -1;
}

int
job_open(struct job *job, const struct job_request *request)
{
	struct error err;

	*job = (struct job){ .request = *request, .status = EXIT_FINDINGS };
	if (load(
		job, request->kind == ROLLOUT_FILES && !request->takes_back && !request->of_left)) {
		return -1;
	}
	return open_record(job, &err) || take_left(job, &err) ? complain(job, &err) : 0;
}

int
job_begin(struct job *job, const struct job_request *request)
{
	struct error err;

	job->request = *request;
	if (take_earlier(job, &err) || choose_hosts(job, &err)) {
		return complain(job, &err);
	}
	mark_released(job);
	if (choose_files(job, &err) || open_transport(job, &err) || begin_record(job, &err)) {
		return complain(job, &err);
	}
	make_rollout(job);
	return 0;
}

int
job_start(struct job *job, const struct job_request *request)
{
	return job_open(job, request) || job_begin(job, request) ? -1 : 0;
}

void
job_done(struct job *job)
{
	progress_end(&job->progress);
	rollout_free(job->rollout);
	password_close(job->password);
	if (job->has_loop) {
		uv_close((uv_handle_t *)&job->interrupt, NULL);
		uv_run(&job->loop, UV_RUN_DEFAULT);
		uv_loop_close(&job->loop);
	}
	run_record_done(&job->record);
	resume_done(&job->resume);
	auto_transport_free(job->transport);
	password_free(job->password);
	site_files_done(&job->site_files);
	topology_free(&job->topology);
}

void
job_forget_plan(struct job *job)
{
	progress_end(&job->progress);
	rollout_free(job->rollout);
	make_rollout(job);
}

/* --- from its plan on: carried out, interrupted, gone on with --- */

size_t
job_print_failures(const struct job *job)
{
	size_t count, failed = 0;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	for (size_t i = 0; i < count; i++) {
		const struct rollout_host *host = &hosts[i];

		if (host_outcome_failed(host->outcome)) {
			fprintf(stderr, "timetier %s: host %s: %s: %s%s\n", job->request.command,
			    host->host->name, host->where ? host->where : "?", host->err.text,
			    host->outcome != HOST_PUT_BACK ? ""
				: host->takes_back         ? "; it keeps what it had"
							   : "; it was put back as it was");
			if (host->remedy) {
				fprintf(stderr, "  remedy: %s\n", host->remedy);
			}
			failed++;
		}
	}
	return failed;
}

json_t *
job_unmanaged(const struct job *job)
{
	json_t *names = json_array();

	for (size_t i = 0; i < job->unmanaged_count; i++) {
		json_array_append_new(names, json_string(job->unmanaged[i]->name));
	}
	return names;
}

void
job_show(const struct job *job, struct json_t *json)
{
	char words[ROLLOUT_RESULT_BYTES];
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	if (json) {
		json_object_set_new(json, "unmanaged", job_unmanaged(job));
		command_print_json(json);
	} else {
		rollout_show_outcome(
		    job->rollout, job->request.options->common.quiet, use_colour(STDOUT_FILENO));
	}
	fflush(stdout);
	job_print_failures(job);
	if (rollout_result(hosts, count) != RESULT_DONE) {
		fprintf(stderr, "timetier %s: %s\n", job->request.command,
		    rollout_result_words(hosts, count, words));
	}
}

static void
on_interrupt(uv_signal_t *handle, int number)
{
	struct job *job = handle->data;

	job->interrupted = true;
	fprintf(stderr, "timetier %s: hosts at work are finished, others are not begun\n",
	    job->request.command);
	rollout_stop(job->rollout);
	uv_signal_stop(handle);
	signal(number, SIG_DFL); /* the second one ends us; hosts then put back by themselves */
}

static int
exit_status(const struct job *job)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);
	enum rollout_result result = rollout_result(hosts, count);

	for (size_t i = 0; i < count; i++) {
		if (hosts[i].stepped_ns != 0 && result != RESULT_STUCK) {
			return EXIT_ROLLED_BACK; /* whatever else */
		}
	}
	return rollout_result_status(result);
}

int
job_apply(struct job *job)
{
	struct error err;
	int status;

	if (run_record_planned(&job->record, job->rollout, &err)) {
		complain(job, &err);
		return EXIT_FINDINGS;
	}
	job->interrupt.data = job;
	uv_signal_start(&job->interrupt, on_interrupt, SIGINT);
	rollout_apply(job->rollout);
	uv_signal_stop(&job->interrupt);
	progress_end(&job->progress);
	status = exit_status(job);
	run_record_end(&job->record, status);
	if (job->record.err.text[0]) {
		complain(job, &job->record.err);
	}
	return status;
}

static void
on_enough(uv_signal_t *handle, int number)
{
	struct job *job = handle->data;

	job->interrupted = true;
	uv_signal_stop(handle);
	signal(number, SIG_DFL);
	uv_stop(&job->loop);
}

static void
on_pause(uv_timer_t *timer)
{
	uv_close((uv_handle_t *)timer, NULL);
}

void
job_find_left(const struct job *job, struct left *left)
{
	const struct rollout_options *options = job->request.options;
	struct error err;

	if (job->record.journal && job->request.word_count == 0 && !options->limit[0] &&
	    left_find(job->record.journal, &job->topology, left, &err) < 0) {
		fprintf(stderr, "timetier %s: warning: %s\n", job->request.command, err.text);
	}
}

bool
job_pause(struct job *job, uint64_t ms)
{
	uv_timer_t timer;

	job->interrupt.data = job;
	uv_signal_start(&job->interrupt, on_enough, SIGINT);
	uv_timer_init(&job->loop, &timer);
	uv_update_time(&job->loop);
	uv_timer_start(&timer, on_pause, ms, 0);
	while (!job->interrupted && uv_is_active((uv_handle_t *)&timer)) {
		uv_run(&job->loop, UV_RUN_ONCE);
	}
	if (!uv_is_closing((uv_handle_t *)&timer)) {
		uv_close((uv_handle_t *)&timer, NULL);
	}
	uv_run(&job->loop, UV_RUN_NOWAIT);
	uv_signal_stop(&job->interrupt);
	return !job->interrupted;
}

/* Hosts that are not reached are left out, when the operator said so. */
static void
leave_out(struct job *job)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	if (rollout_leave_out_unreachable(job->rollout) > 0) {
		progress_end(&job->progress);
	}
	for (size_t i = 0; i < count; i++) {
		if (hosts[i].outcome == HOST_AWAY) {
			fprintf(stderr, "timetier %s: host %s is left out: %s: %s\n",
			    job->request.command, hosts[i].host->name, hosts[i].where,
			    hosts[i].err.text);
		}
	}
}

void
job_plan(struct job *job)
{
	rollout_plan(job->rollout);
	if (job->request.options->skip_unreachable) {
		leave_out(job);
	}
}

/* Hosts that the earlier run was at work on come to an end by themselves; then they are asked. */
static bool
wait_for_hosts(struct job *job)
{
	const char *name = resume_waits_for(&job->resume, job->rollout);

	for (int waited = 0; name && waited < RESUME_WAITS; waited++) {
		if (!job->request.options->common.quiet) {
			fprintf(stderr,
			    "waiting for host %s to end or put back what run %lld began\n", name,
			    (long long)job->resume.run.id);
		}
		if (!job_pause(job, RESUME_WAIT_MS)) {
			return false;
		}
		job_forget_plan(job);
		job_plan(job);
		name = resume_waits_for(&job->resume, job->rollout);
	}
	return true;
}

int
job_resume(struct job *job)
{
	struct error err;

	if (!wait_for_hosts(job)) {
		return -1;
	}
	return resume_check(&job->resume, job->rollout, &err) < 0 ? complain(job, &err) : 0;
}
