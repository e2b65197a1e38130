/* timetier refresh: let daemons look up again what leads elsewhere now, without a step. */
#include "orchestrator/runs/restarts.h"

static int
run(const void *argument, int argc, char **argv)
{
	const struct rollout_options *options = argument;
	struct job_request request = { .command = "refresh",
		.kind = ROLLOUT_REFRESH,
		.looks = options->check,
		.options = options,
		.words = argv,
		.word_count = argc };
	struct job job;
	int status = EXIT_FINDINGS;

	if (job_start(&job, &request) == 0) {
		status = refreshes_run(&job, options->check);
	}
	job_done(&job);
	return status;
}

const struct command command_refresh = {
	.name = "refresh",
	.args = "[HOST...]",
	.summary = "let daemons follow names that have other addresses now",
	.help = "chrony looks such names up again while it runs; ntpd and NTPsec are restarted, as "
		"by `timetier restart`: only when all these restarts are safe. Hosts whose names "
		"have the addresses that they had are left alone.\n\n"
		"exit status: 0 done, or nothing to do; with --check 2 something to do; 3 a clock "
		"was stepped "
		"or is not well since, 4 a restart was refused, 1 an error",
	.options = rollout_option_rows,
	.takes = TAKER_REFRESH,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run,
};
