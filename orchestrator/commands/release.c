/* timetier release: let hosts go, with a daemon that works without timetier. */
#include "orchestrator/runs/confirm.h"
#include "orchestrator/runs/trust.h"
#include "orchestrator/show/outcome.h"

#include <stdio.h>

/* Carry out what @job has planned, when the operator says so.  Returns an exit status. */
static int
carry_out(struct job *job)
{
	job_plan(job);
	if (trust_refuses(job)) {
		return EXIT_IDENTITY;
	}
	return confirm_plan(job) ? job_apply(job) : EXIT_FINDINGS;
}

static void
show(struct job *job)
{
	job_show(job,
	    job->request.options->common.json
		? rollout_outcome_json(job->rollout, job->topology.site)
		: NULL);
}

/* First the daemon gets what works by itself, while the agent still tells how it is. */
static int
leave_files(const struct job_request *common, bool *asked)
{
	struct job_request request = *common;
	struct job job;
	int status;

	request.daemon = true;
	request.kind_of_run = "release files";
	if (job_start(&job, &request)) {
		status = job.status;
	} else {
		status = carry_out(&job);
		*asked = rollout_count(job.rollout, HOST_DONE) > 0;
		if (status != EXIT_OK) {
			show(&job);
		}
	}
	job_done(&job);
	return status;
}

/* Then all else of timetier's goes; the operator has been asked already, where there was a plan. */
static int
leave_host(const struct job_request *common, bool asked)
{
	struct rollout_options options = *common->options;
	struct job_request request = *common;
	struct job job;
	int status;

	options.yes |= asked;
	request.options = &options;
	request.remove_agent = true;
	if (job_start(&job, &request)) {
		status = job.status;
	} else {
		status = carry_out(&job);
		show(&job);
		for (size_t i = 0; status == EXIT_OK && !options.common.quiet && i < job.host_count;
		     i++) {
			fprintf(stderr,
			    "%s is released: its daemon goes on with what it has; where the site "
			    "still names it, the next apply takes it on again\n",
			    job.hosts[i]->name);
		}
	}
	job_done(&job);
	return status;
}

static int
run(const void *options, int argc, char **argv)
{
	struct job_request request = { .command = "release",
		.releases = true,
		.of_left = true,
		.options = options,
		.words = argv,
		.word_count = argc };
	bool asked = false;
	int status = leave_files(&request, &asked);

	return status == EXIT_OK ? leave_host(&request, asked) : status;
}

const struct command command_release = {
	.name = "release",
	.args = "HOST...",
	.summary = "let hosts go: timetier's files away, the daemon stays",
	.help =
	    "HOST is of the site, or has left it (`timetier plan` names those): then it is reached "
	    "as the site said when it was changed last. Its daemon goes on undisturbed, with the "
	    "sources and the access that it has; from its next start on it may set a clock that is "
	    "far off, as its package has it, for the unit that set it at boot goes. The agent, its "
	    "users, /etc/timetier and what timetier remembered there are gone. Each host is "
	    "confirmed or put back, as by an apply.\n\n"
	    "exit status: 0 done, 3 a host was put back, 4 a host was refused, 1 an error",
	.options = rollout_option_rows,
	.takes = TAKER_RELEASE,
	.options_size = sizeof(struct rollout_options),
	.min_args = 1,
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run,
};
