#include "orchestrator/runs/restarts.h"

#include "common/clock.h"
#include "common/duration.h"
#include "orchestrator/cli/colour.h"
#include "orchestrator/runs/confirm.h"
#include "orchestrator/show/outcome.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FIRST_LOOKS 6 /* until the agents have noticed the restarts themselves */
#define FIRST_LOOK_MS 3000
#define LOOK_EVERY_NS (30 * NS_PER_S)
#define WINDOW_NS (900 * NS_PER_S) /* where the agent does not tell its own */
#define SPARE_NS (180 * NS_PER_S)  /* behind the window: agents look on their interval */

bool
restarts_forced_are_named(const struct job *job)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	for (size_t i = 0; job->request.options->force[i]; i++) {
		bool found = false;

		for (size_t k = 0; k < count; k++) {
			found |= strcmp(hosts[k].host->name, job->request.options->force[i]) == 0;
		}
		if (!found) {
			fprintf(stderr, "timetier %s: --force %s: this run has no such host\n",
			    job->request.command, job->request.options->force[i]);
			return false;
		}
	}
	return true;
}

/* What the agent tells of the start that was ours; NULL: it has not told of it (yet). */
static const struct proof *
proof_of(const struct rollout_host *host)
{
	const struct proof *proof = host->after.told ? &host->after.proof : NULL;

	return proof && proof->state != PROOF_NONE && proof->started_boot_ns >= host->before_boot_ns
	    ? proof
	    : NULL;
}

static bool
was_restarted(const struct rollout_host *host)
{
	return host->plan.restart && (host->outcome == HOST_DONE || host->outcome == HOST_UNWELL);
}

static bool
has_stepped(const struct rollout_host *host)
{
	const struct proof *proof = proof_of(host);

	return was_restarted(host) &&
	    (host->stepped_ns != 0 || (proof && proof->state == PROOF_STEPPED));
}

/* Whether waiting may still tell something. */
static bool
is_open(const struct rollout_host *host)
{
	const struct proof *proof = proof_of(host);

	return was_restarted(host) && !has_stepped(host) &&
	    (!proof || proof->state == PROOF_WATCHING);
}

static void
proof_text(const struct rollout_host *host, char *out, size_t size)
{
	const struct proof *proof = proof_of(host);
	char at[16] = "", amount[DURATION_TEXT_BYTES];
	int64_t stepped_ns = proof && proof->stepped_ns != 0 ? proof->stepped_ns : host->stepped_ns;

	if (has_stepped(host)) {
		snprintf(
		    out, size, "the clock was stepped by %s", duration_text(stepped_ns, amount));
	} else if (!proof) {
		snprintf(out, size, "no step so far; its agent does not tell of a proof yet");
	} else if (proof->state == PROOF_PROVED) {
		snprintf(out, size, "no step, proved at %s",
		    clock_local_text(proof->proved_real_ns, CLOCK_TIME, at, sizeof(at)));
	} else if (proof->state == PROOF_WATCHING) {
		snprintf(out, size, "no step so far, proved at %s",
		    clock_local_text(proof->proved_real_ns, CLOCK_TIME, at, sizeof(at)));
	} else {
		snprintf(out, size, "not to be proved: %s", proof->words);
	}
}

static void
show_proofs(const struct job *job)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);
	bool colour = use_colour(STDOUT_FILENO);
	char text[256];

	for (size_t i = 0; i < count; i++) {
		if (was_restarted(&hosts[i])) {
			proof_text(&hosts[i], text, sizeof(text));
			printf("%-24s %s%s%s\n", hosts[i].host->name,
			    !colour                      ? ""
				: has_stepped(&hosts[i]) ? COLOUR_RED
							 : COLOUR_GREEN,
			    text, colour ? COLOUR_NONE : "");
		}
	}
}

/* Until the last window is over, or the operator has had enough. */
static void
wait_for_proofs(struct job *job)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);
	uint64_t begun_ms = uv_now(&job->loop);
	int64_t window_ns = WINDOW_NS;

	for (;;) {
		int64_t waited_ns = (int64_t)(uv_now(&job->loop) - begun_ms) * NS_PER_MS;
		size_t open = 0;

		for (size_t i = 0; i < count; i++) {
			const struct proof *proof = proof_of(&hosts[i]);

			open += is_open(&hosts[i]);
			if (proof && proof->window_ns > window_ns) {
				window_ns = proof->window_ns;
			}
		}
		if (open == 0 || waited_ns > window_ns + SPARE_NS) {
			return;
		}
		if (!job->request.options->common.quiet) {
			fprintf(stderr, "waiting for the proof of %zu host%s, %lld s so far\n",
			    open, open == 1 ? "" : "s", (long long)(waited_ns / NS_PER_S));
		}
		if (!job_pause(job, LOOK_EVERY_NS / NS_PER_MS)) {
			return;
		}
		rollout_look(job->rollout);
	}
}

static bool
all_are_watched(const struct job *job)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	for (size_t i = 0; i < count; i++) {
		if (was_restarted(&hosts[i]) && !proof_of(&hosts[i])) {
			return false;
		}
	}
	return true;
}

/* Their agents look at their daemons now and then, and notice a start some seconds later. */
static void
look_for_proofs(struct job *job)
{
	rollout_look(job->rollout);
	for (int i = 1; i < FIRST_LOOKS && !job->interrupted && !all_are_watched(job); i++) {
		if (job_pause(job, FIRST_LOOK_MS)) {
			rollout_look(job->rollout);
		}
	}
}

static json_t *
json_of(const struct job *job)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);
	json_t *json = rollout_outcome_json(job->rollout, job->topology.site);
	json_t *list = json_object_get(json, "hosts");

	for (size_t i = 0; i < count; i++) {
		const struct proof *proof = proof_of(&hosts[i]);

		if (was_restarted(&hosts[i]) && proof) {
			json_object_set_new(
			    json_array_get(list, i), "proof", fields_encode(proof_fields, proof));
		}
	}
	return json;
}

static void
show(const struct job *job)
{
	if (!job->request.options->common.json && !job->request.options->common.quiet) {
		show_proofs(job);
	}
	job_show(job, job->request.options->common.json ? json_of(job) : NULL);
}

/* Nothing is begun unless all that were named may be restarted. */
static int
refuse(const struct job *job, size_t refused, size_t failed)
{
	if (job->request.options->common.json) {
		command_print_json(json_of(job));
	}
	job_print_failures(job);
	if (refused > 0) {
		fprintf(stderr,
		    "timetier %s: nothing was restarted: %zu host%s not safe; --force HOST "
		    "restarts one nevertheless\n",
		    job->request.command, refused, refused == 1 ? " is" : "s are");
		return EXIT_REFUSED;
	}
	fprintf(stderr,
	    "timetier %s: nothing was restarted: %zu host%s could not be asked; --exclude HOST "
	    "goes "
	    "on without one, --skip-unreachable without those that are not reached\n",
	    job->request.command, failed, failed == 1 ? "" : "s");
	return EXIT_FINDINGS;
}

static int
status_of(const struct job *job, int status, bool prove)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	for (size_t i = 0; i < count; i++) {
		const struct proof *proof = proof_of(&hosts[i]);

		if (has_stepped(&hosts[i])) {
			return EXIT_ROLLED_BACK;
		}
		if (prove && status == EXIT_OK && was_restarted(&hosts[i]) &&
		    !(proof && proof->state == PROOF_PROVED)) {
			status = EXIT_FINDINGS;
		}
	}
	return status;
}

static int
carry_out(struct job *job, bool prove)
{
	int status;

	progress_again(&job->progress, rollout_count(job->rollout, HOST_CHANGES));
	status = job_apply(job);
	if (rollout_count(job->rollout, HOST_DONE) + rollout_count(job->rollout, HOST_UNWELL) > 0) {
		look_for_proofs(job);
		if (prove && status == EXIT_OK) {
			wait_for_proofs(job);
		}
	}
	show(job);
	return status_of(job, status, prove);
}

int
restarts_run(struct job *job, bool prove)
{
	size_t refused, failed;

	job_plan(job);
	progress_end(&job->progress);
	refused = rollout_count(job->rollout, HOST_REFUSED);
	failed = rollout_count(job->rollout, HOST_FAILED);
	if (refused + failed > 0) {
		return refuse(job, refused, failed);
	}
	return confirm_plan(job) ? carry_out(job, prove) : EXIT_FINDINGS;
}

/* @quiet: only what is wrong with names */
static void
show_names(const struct job *job, bool quiet)
{
	size_t count, fresh = 0;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	for (size_t i = 0; i < count; i++) {
		const struct host_plan *plan = &hosts[i].plan;

		for (size_t k = 0; k < plan->reason_count && !quiet; k++) {
			printf("%-24s %s\n", hosts[i].host->name, plan->reasons[k]);
		}
		for (size_t k = 0; k < plan->note_count; k++) {
			printf("%-24s %s\n", hosts[i].host->name, plan->notes[k]);
		}
		fresh += hosts[i].outcome == HOST_UNCHANGED;
	}
	if (!quiet) {
		printf("%zu host%s: the names of %zu lead where their daemons ask\n", count,
		    count == 1 ? "" : "s", fresh);
	}
}

int
refreshes_run(struct job *job, bool check)
{
	size_t failed;

	job_plan(job);
	progress_end(&job->progress);
	if (!job->request.options->common.json) {
		show_names(job, job->request.options->common.quiet && !check);
		fflush(stdout);
	}
	if (check) {
		if (job->request.options->common.json) {
			command_print_json(json_of(job));
		}
		failed = job_print_failures(job);
		/* a host that could not be asked does not hide what the others need */
		return rollout_count(job->rollout, HOST_CHANGES) +
			    rollout_count(job->rollout, HOST_REFUSED) >
			0
		    ? EXIT_CHANGES
		    : failed > 0 ? EXIT_FINDINGS
				 : EXIT_OK;
	}
	if (rollout_count(job->rollout, HOST_REFUSED) > 0) {
		rollout_withhold_restarts(job->rollout);
	}
	return confirm_plan(job) ? carry_out(job, false) : EXIT_FINDINGS;
}
