/* timetier refresh: let daemons look up again what leads elsewhere now, without a step. */
#include "orchestrator/runs/restarts.h"

static int
run(const void *argument, int argc, char **argv)
{
	const struct rollout_options *options = argument;
	struct rollout_job job = { .command = "refresh", .options = options };
	int status = EXIT_FINDINGS;

	if (rollout_job_start(&job, JOB_REFRESH | (options->check ? JOB_LOOK : 0), argc, argv) ==
	    0) {
		status = refreshes_run(&job, options->check);
	}
	rollout_job_done(&job);
	return status;
}

const struct command command_refresh = {
	.name = "refresh",
	.args = "[HOST...]",
	.summary = "let daemons follow names that lead elsewhere now",
	.help = "chrony looks such names up again while it runs; ntpd and NTPsec are restarted, as "
		"`timetier "
		"restart` does it: only when all of them are safe. Hosts whose names lead where "
		"they did are "
		"left alone.\n\n"
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
