/* timetier refresh: let daemons look up again what leads elsewhere now, without a step. */
#include "orchestrator/commands/restarts.h"

struct options {
	struct common_options common;
	struct rollout_options rollout;
	bool check;
};

static int
run(const void *argument, int argc, char **argv)
{
	const struct options *options = argument;
	struct rollout_job job = {
		.command = "refresh", .common = &options->common, .options = &options->rollout
	};
	int status = EXIT_FINDINGS;

	if (rollout_job_start(&job, JOB_REFRESH, argc, argv) == 0) {
		status = refreshes_run(&job, options->check);
	}
	rollout_job_done(&job);
	return status;
}

static const struct option_row rows[] = {
	COMMON_OPTION_ROWS(struct options),
	REACH_OPTION_ROWS(struct options),
	{ "check", 0, OPTION_FLAG, offsetof(struct options, check), NULL,
	    "tell which names lead elsewhere, and change nothing" },
	{ .name = NULL },
};

const struct command command_refresh = {
	.name = "refresh",
	.args = "[HOST...]",
	.summary = "let daemons follow names that lead elsewhere now",
	.help =
	    "chrony looks such names up again while it runs; ntpd and NTPsec are restarted, as "
	    "`timetier restart`\ndoes it: only when all of them are safe.  Hosts whose names "
	    "lead where they did are left alone.\n\n"
	    "exit status: 0 done, or nothing to do; with --check 2 something to do; 3 a clock was "
	    "stepped or is\nnot well since, 4 a restart was refused, 1 an error",
	.options = rows,
	.options_size = sizeof(struct options),
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run,
};
