/* timetier restart: restart the daemons, one after the other, and never step a clock. */
#include "orchestrator/runs/restarts.h"

static int
run(const void *argument, int argc, char **argv)
{
	const struct rollout_options *options = argument;
	struct job_request request = { .command = "restart",
		.kind = ROLLOUT_RESTART,
		.options = options,
		.words = argv,
		.word_count = argc };
	struct job job;
	int status = EXIT_FINDINGS;

	if (job_start(&job, &request) == 0 && restarts_forced_are_named(&job)) {
		status = restarts_run(&job, options->prove);
	}
	job_done(&job);
	return status;
}

const struct command command_restart = {
	.name = "restart",
	.args = "[HOST...]",
	.summary = "restart the daemons, one server at a time, without a step",
	.help = "Every host is asked first what a restart would do to its clock: when one is not "
		"safe, nothing "
		"is restarted. Servers come one by one, tiers from the top, each only while the "
		"other servers are enough for all hosts that take time from them; clients come in "
		"batches. The first "
		"failure ends it.\n\n"
		"exit status: 0 done, 3 a clock was stepped or is not well since, 4 refused: not "
		"safe, 1 an "
		"error\n\n"
		"example:\n"
		"  timetier restart time1 --prove",
	.options = rollout_option_rows,
	.takes = TAKER_RESTART,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run,
};
