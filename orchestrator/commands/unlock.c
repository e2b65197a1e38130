/* timetier unlock: break the lock that a rollout left on a host. */
#include "orchestrator/runs/job.h"
#include "orchestrator/show/outcome.h"

#include <stdio.h>

static int
unlock(struct rollout_job *job)
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
		if (!job->options->common.json) {
			printf("%-24s %s\n", hosts[i].host->name,
			    hosts[i].note                          ? hosts[i].note
				: hosts[i].outcome == HOST_REFUSED ? "the lock stays"
								   : "could not be asked");
		}
	}
	if (job->options->common.json) {
		command_print_json(rollout_json(job->rollout, job->topology.site));
	}
	fflush(stdout);
	rollout_job_print_failures(job);
	return status;
}

static int
run(const void *argument, int argc, char **argv)
{
	struct rollout_job job = { .command = "unlock", .options = argument };
	int status = EXIT_FINDINGS;

	if (rollout_job_start(&job, JOB_UNLOCK | JOB_LOOK, argc, argv) == 0) {
		status = unlock(&job);
	}
	rollout_job_done(&job);
	return status;
}

const struct command command_unlock = {
	.name = "unlock",
	.args = "HOST...",
	.summary = "break the lock that a rollout left on a host",
	.help =
	    "A host's lock ends with the last process of a change there; nothing has to be done "
	    "after a "
	    "crash. This is for a change that hangs, or to have back at once what a guard would "
	    "put back "
	    "later. A lock that is held is broken with --force alone: the change is ended and put "
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
