/* timetier agent install|remove: the agent alone, on hosts that may run anything. */
#include "orchestrator/runs/job.h"
#include "orchestrator/show/outcome.h"

static int
carry_out(
    const struct rollout_options *options, const char *name, unsigned parts, int argc, char **argv)
{
	struct rollout_job job = { .command = name, .options = options };
	int status = EXIT_FINDINGS;

	if (rollout_job_start(&job, parts, argc, argv) == 0) {
		rollout_job_plan(&job);
		status = rollout_job_apply(&job);
		rollout_job_show(&job,
		    options->common.json ? rollout_outcome_json(job.rollout, job.topology.site)
					 : NULL);
	}
	rollout_job_done(&job);
	return status;
}

static int
run_install(const void *options, int argc, char **argv)
{
	return carry_out(options, "agent install", JOB_AGENT, argc, argv);
}

static int
run_remove(const void *options, int argc, char **argv)
{
	return carry_out(options, "agent remove", JOB_REMOVE_AGENT, argc, argv);
}

const struct command command_agent_install = {
	.name = "agent install",
	.args = "[HOST...]",
	.summary = "put the agent on hosts, and nothing else",
	.help = "exit status: 0 done, 3 a host was put back, 4 a host was refused, 1 an error",
	.options = rollout_option_rows,
	.takes = TAKER_AGENT,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run_install,
};

const struct command command_agent_remove = {
	.name = "agent remove",
	.args = "[HOST...]",
	.summary = "take the agent off hosts",
	.help = "exit status: 0 done, 3 a host was put back, 4 a host was refused, 1 an error",
	.options = rollout_option_rows,
	.takes = TAKER_AGENT,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run_remove,
};
