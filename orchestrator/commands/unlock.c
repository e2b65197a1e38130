/* timetier unlock: break the lock that a rollout left on a host. */
#include "orchestrator/runs/confirm.h"
#include "orchestrator/show/outcome.h"

#include <stdio.h>

static int
unlock(struct job *job)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);
	int status = EXIT_OK;

	rollout_plan(job->rollout);
	progress_end(&job->progress);
	for (size_t i = 0; i < count; i++) {
		if (hosts[i].outcome == HOST_REFUSED && status == EXIT_OK) {
			status = EXIT_REFUSED;
		} else if (hosts[i].outcome == HOST_FAILED) {
			status = EXIT_FINDINGS;
		}
		if (!job->request.options->common.json) {
			printf("%-24s %s\n", hosts[i].host->name,
			    hosts[i].note                          ? hosts[i].note
				: hosts[i].outcome == HOST_REFUSED ? "the lock stays"
								   : "could not be asked");
		}
	}
	if (job->request.options->common.json) {
		command_print_json(rollout_json(job->rollout, job->topology.site));
	}
	fflush(stdout);
	job_print_failures(job);
	return status;
}

static int
run(const void *argument, int argc, char **argv)
{
	struct job_request request = { .command = "unlock",
		.kind = ROLLOUT_UNLOCK,
		.looks = true,
		.options = argument,
		.words = argv,
		.word_count = argc };
	struct job job;
	char what[96];
	int status = EXIT_FINDINGS;

	if (job_start(&job, &request) == 0) {
		snprintf(what, sizeof(what), "break the locks of %zu host%s%s", job.host_count,
		    job.host_count == 1 ? "" : "s",
		    request.options->force_unlock ? ", and end the changes at work there" : "");
		status = confirm(request.options, "unlock", what) ? unlock(&job) : EXIT_FINDINGS;
	}
	job_done(&job);
	return status;
}

const struct command command_unlock = {
	.name = "unlock",
	.args = "HOST...",
	.summary = "break the lock that a rollout left on a host",
	.help =
	    "A host's lock ends with the last process of a change there; nothing has to be done "
	    "after a "
	    "crash. Use it for a change that hangs, or to put back at once what a guard would put "
	    "back later. A lock that is held is broken only with --force: the change is ended and "
	    "put "
	    "back.\n\n"
	    "exit status: 0 there is no lock any more, 4 a rollout is at work there, 1 an error",
	.options = rollout_option_rows,
	.takes = TAKER_UNLOCK,
	.options_size = sizeof(struct rollout_options),
	.min_args = 1,
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run,
};
