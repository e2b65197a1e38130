/* timetier agent install|remove: the agent alone, on hosts that may run anything. */
#include "orchestrator/runs/confirm.h"
#include "orchestrator/runs/trust.h"
#include "orchestrator/show/outcome.h"

static int
carry_out(const struct job_request *request)
{
	struct job job;
	int status = EXIT_FINDINGS;

	if (job_start(&job, request)) {
		status = job.status;
		job_done(&job);
		return status;
	}
	job_plan(&job);
	if (trust_refuses(&job)) {
		status = EXIT_IDENTITY;
	} else if (confirm_plan(&job)) {
		status = job_apply(&job);
		trust_keep(&job);
		job_show(&job,
		    request->options->common.json
			? rollout_outcome_json(job.rollout, job.topology.site)
			: NULL);
	}
	job_done(&job);
	return status;
}

static int
run_install(const void *options, int argc, char **argv)
{
	struct job_request request = { .command = "agent install",
		.agent = true,
		.options = options,
		.words = argv,
		.word_count = argc };

	return carry_out(&request);
}

static int
run_remove(const void *options, int argc, char **argv)
{
	struct job_request request = { .command = "agent remove",
		.remove_agent = true,
		.of_left = true,
		.options = options,
		.words = argv,
		.word_count = argc };

	if (confirm_is_missing(options, argc > 0)) {
		fputs("timetier agent remove: this takes the agent off every host of the site: "
		      "name the hosts, or say --yes\n",
		    stderr);
		return EXIT_FINDINGS;
	}
	return carry_out(&request);
}

const struct command command_agent_install = {
	.name = "agent install",
	.args = "[HOST...]",
	.summary = "put the agent on hosts, and nothing else",
	.help = "exit status: 0 done, 3 a host was put back, 4 a host was refused, 5 hosts trust "
		"another collector (--new-identity), 1 an error",
	.options = rollout_option_rows,
	.takes = TAKER_AGENT | TAKER_INSTALL,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run_install,
};

const struct command command_agent_remove = {
	.name = "agent remove",
	.args = "[HOST...]",
	.summary = "take the agent off hosts",
	.help = "Without HOST the agent is taken off every host, which is asked about; in a script "
		"only with --yes.\n\n"
		"exit status: 0 done, 3 a host was put back, 4 a host was refused, 1 an error",
	.options = rollout_option_rows,
	.takes = TAKER_AGENT,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run_remove,
};
