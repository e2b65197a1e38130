/* timetier apply: put on the hosts what site.yaml says, without ever stepping a clock. */
#include "orchestrator/commands/rollout_job.h"
#include "orchestrator/commands/rollout_show.h"

static size_t
count_changes(const struct rollout *rollout)
{
	size_t count, changes = 0;
	const struct rollout_host *hosts = rollout_hosts(rollout, &count);

	for (size_t i = 0; i < count; i++) {
		changes += hosts[i].outcome == HOST_CHANGES;
	}
	return changes;
}

static int
carry_out(struct rollout_job *job)
{
	bool json = job->options->common.json;
	int status;

	rollout_plan(job->rollout);
	progress_again(&job->progress, count_changes(job->rollout));
	status = rollout_job_apply(job);
	rollout_job_show(job, json ? rollout_outcome_json(job->rollout, job->topology.site) : NULL);
	return status;
}

static int
run(const void *argument, int argc, char **argv)
{
	const struct rollout_options *options = argument;
	struct rollout_job job = { .command = "apply", .options = options };
	int status = EXIT_FINDINGS;

	if (rollout_job_start(&job, JOB_DAEMON | JOB_AGENT, argc, argv) == 0) {
		status = carry_out(&job);
	}
	rollout_job_done(&job);
	return status;
}

const struct command command_apply = {
	.name = "apply",
	.args = "[HOST...]",
	.summary = "put on the hosts what site.yaml says, one step at a time",
	.help = "Servers come one by one, tiers from the top, then one client of each kind, then "
		"the others in\nbatches.  A host keeps its change when its time is good afterwards "
		"and its clock was not\nstepped; else it is put back as it was, also when this "
		"program or the network dies.\n\n"
		"exit status: 0 done, 3 a host was put back, 1 an error",
	.options = rollout_option_rows,
	.takes = TAKER_APPLY,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run,
};
