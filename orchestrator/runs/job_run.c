/* A job from its plan on: carried out, interrupted, gone on with. */
#include "orchestrator/runs/job.h"
#include "orchestrator/show/outcome.h"
#include "orchestrator/show/result.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define RESUME_WAIT_MS 3000
#define RESUME_WAITS 120

static int
complain(const struct rollout_job *job, const struct error *err)
{
	fprintf(stderr, "timetier %s: %s\n", job->command, err->text);
	return -1;
}

size_t
rollout_job_print_failures(const struct rollout_job *job)
{
	size_t count, failed = 0;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	for (size_t i = 0; i < count; i++) {
		const struct rollout_host *host = &hosts[i];

		if (host_outcome_failed(host->outcome)) {
			fprintf(stderr, "timetier %s: host %s: %s: %s%s\n", job->command,
			    host->host->name, host->where ? host->where : "?", host->err.text,
			    host->outcome == HOST_PUT_BACK ? "; it was put back as it was" : "");
			if (host->remedy) {
				fprintf(stderr, "  remedy: %s\n", host->remedy);
			}
			failed++;
		}
	}
	return failed;
}

void
rollout_job_show(const struct rollout_job *job, struct json_t *json)
{
	char words[ROLLOUT_RESULT_BYTES];
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	if (json) {
		command_print_json(json);
	} else {
		rollout_show_outcome(job->rollout, use_colour(STDOUT_FILENO));
	}
	fflush(stdout);
	rollout_job_print_failures(job);
	if (rollout_result(hosts, count) != RESULT_DONE) {
		fprintf(stderr, "timetier %s: %s\n", job->command,
		    rollout_result_words(hosts, count, words));
	}
}

static void
on_interrupt(uv_signal_t *handle, int number)
{
	struct rollout_job *job = handle->data;

	job->interrupted = true;
	fprintf(stderr, "timetier %s: hosts at work are finished, others are not begun\n",
	    job->command);
	rollout_stop(job->rollout);
	uv_signal_stop(handle);
	signal(number, SIG_DFL); /* the second one ends us; hosts then put back by themselves */
}

static int
exit_status(const struct rollout_job *job)
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
rollout_job_apply(struct rollout_job *job)
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
	struct rollout_job *job = handle->data;

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

bool
rollout_job_pause(struct rollout_job *job, uint64_t ms)
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

/* Hosts that the earlier run was at work on come to an end by themselves; then they are asked. */
static bool
wait_for_hosts(struct rollout_job *job)
{
	const char *name = resume_waits_for(&job->resume, job->rollout);

	for (int waited = 0; name && waited < RESUME_WAITS; waited++) {
		if (!job->options->common.quiet) {
			fprintf(stderr,
			    "waiting for host %s to end or put back what run %lld began\n", name,
			    (long long)job->resume.run.id);
		}
		if (!rollout_job_pause(job, RESUME_WAIT_MS)) {
			return false;
		}
		rollout_job_forget_plan(job);
		rollout_plan(job->rollout);
		name = resume_waits_for(&job->resume, job->rollout);
	}
	return true;
}

void
rollout_job_plan(struct rollout_job *job)
{
	rollout_plan(job->rollout);
}

int
rollout_job_resume(struct rollout_job *job)
{
	struct error err;

	if (!wait_for_hosts(job)) {
		return -1;
	}
	sha256_hex(job->program.data, job->program.len, job->resume.program_hash);
	return resume_check(&job->resume, job->rollout, &err) < 0 ? complain(job, &err) : 0;
}
