/* timetier release: let hosts go, with a daemon that works without timetier. */
#include "orchestrator/runs/confirm.h"
#include "orchestrator/runs/release/forget.h"
#include "orchestrator/runs/release/purge.h"
#include "orchestrator/runs/trust.h"
#include "orchestrator/show/outcome.h"

#include <jansson.h>
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

/* Nothing is begun when somebody changed a host since, unless its name was given for that. */
static bool
refuses(const struct job *job, const struct replaced *replaced)
{
	size_t count, refused = 0;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	for (size_t i = 0; i < count; i++) {
		const char *name = hosts[i].host->name;
		const char *path = hosts[i].facts.complete && !job_is_forced(job, name)
		    ? replaced_find_changed(replaced, &hosts[i])
		    : NULL;

		if (path) {
			fprintf(stderr,
			    "timetier release: host %s: %s is not as timetier left it: without "
			    "--purge it stays as it is, --force %s gives back what was there "
			    "before timetier came\n",
			    name, path, name);
			refused++;
		}
	}
	return refused > 0;
}

static void
tell_what_stays_off(const struct job *job, struct replaced *replaced)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	for (size_t i = 0; i < count; i++) {
		const char *off = replaced_stays_off(replaced, &hosts[i]);

		if (off) {
			fprintf(stderr,
			    "timetier release: host %s: stays switched off, because it sets the "
			    "clock, too: %s; if it is wanted again: `systemctl enable --now UNIT` "
			    "there (a hook: `chmod a+x PATH`)\n",
			    hosts[i].host->name, off);
		}
	}
}

static int
carry_out_purge(struct job *job, struct replaced *replaced, bool *asked)
{
	int status;

	job_plan(job);
	if (refuses(job, replaced)) {
		progress_end(&job->progress);
		return EXIT_REFUSED;
	}
	if (!confirm_plan(job)) {
		return EXIT_FINDINGS;
	}
	status = job_apply(job);
	*asked = rollout_count(job->rollout, HOST_DONE) > 0;
	if (status != EXIT_OK) {
		show(job);
	} else {
		tell_what_stays_off(job, replaced);
	}
	return status;
}

/* Or it gets back what was there before timetier came, and the daemon that it had. */
static int
purge_files(const struct job_request *common, bool *asked)
{
	struct job_request request = *common;
	struct site_choice choice = { request.words, request.word_count, request.options->limit,
		request.options->exclude };
	struct replaced replaced = { .names = NULL };
	const struct host **hosts;
	struct job job;
	struct error err;
	size_t count;
	int status = EXIT_FINDINGS;

	request.releases = false;
	request.takes_back = true;
	request.any_access = true; /* it may have served nobody before */
	request.kind_of_run = "release files";
	if (job_open(&job, &request) == 0) {
		if (site_hosts(&job.topology, &choice, &hosts, &count, &err) < 0 ||
		    purge_find(&replaced, job.record.journal, hosts, count, &err) < 0) {
			fprintf(stderr, "timetier release: %s\n", err.text);
		} else if (replaced.name_count == 0) {
			status = EXIT_OK; /* timetier gave these nothing but agents */
		} else {
			replaced_files(&replaced, &request.files);
			request.names = replaced.names;
			request.name_count = replaced.name_count;
			status = job_begin(&job, &request)
			    ? job.status
			    : carry_out_purge(&job, &replaced, asked);
		}
	}
	job_done(&job);
	replaced_done(&replaced);
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
			    "%s is released: %s; where the site still names it, the next apply "
			    "takes it on again\n",
			    job.hosts[i]->name,
			    options.purge ? "it has what it had before timetier came"
					  : "its daemon goes on with what it has");
		}
	}
	job_done(&job);
	return status;
}

/* Hosts that are gone for good: no host is asked. */
static int
forget(const struct job_request *request)
{
	struct job job;
	struct error err;
	int status = EXIT_FINDINGS;

	if (job_open(&job, request) == 0) {
		if (forget_hosts(&job.record, &job.topology, request->words, request->word_count,
			job.holder, &err) < 0) {
			fprintf(stderr, "timetier release: %s\n", err.text);
		} else {
			status = EXIT_OK;
		}
	}
	for (int i = 0; status == EXIT_OK && i < request->word_count; i++) {
		if (!request->options->common.json && !request->options->common.quiet) {
			printf("%s is forgotten; nothing was done there\n", request->words[i]);
		}
	}
	if (status == EXIT_OK && request->options->common.json) {
		json_t *names = json_array();

		for (int i = 0; i < request->word_count; i++) {
			json_array_append_new(names, json_string(request->words[i]));
		}
		command_print_json(
		    json_pack("{s:s, s:o}", "site", job.topology.site, "forgotten", names));
	}
	job_done(&job);
	return status;
}

static int
run(const void *argument, int argc, char **argv)
{
	const struct rollout_options *options = argument;
	struct job_request request = { .command = "release",
		.releases = true,
		.of_left = true,
		.options = options,
		.words = argv,
		.word_count = argc };
	bool asked = false;
	int status;

	if (options->forget) {
		request.of_left = false;
		if (options->purge) {
			fprintf(stderr,
			    "timetier release: --forget does nothing on the host, --purge does: "
			    "choose one\n");
			return EXIT_FINDINGS;
		}
		return forget(&request);
	}
	status = (options->purge ? purge_files : leave_files)(&request, &asked);
	return status == EXIT_OK ? leave_host(&request, asked) : status;
}

const struct command command_release = {
	.name = "release",
	.args = "HOST|LEFT...",
	.summary = "let hosts go: timetier's files away, the daemon stays",
	.help =
	    "HOST is of the site, or has left it (`timetier plan` names those): then it is reached "
	    "as the site said when it was changed last. Its daemon goes on undisturbed, with the "
	    "sources and the access that it has; from its next start on it may set a clock that is "
	    "far off, as its package has it, for the unit that set it at boot goes. The agent, its "
	    "users, /etc/timetier and what timetier remembered there are gone. Each host is "
	    "confirmed or put back, as by an apply.\n\n"
	    "With --purge it gets back what was there before timetier came: the files of before, "
	    "and the daemon that gave way in a migration, whose start must not step the clock.  "
	    "With --forget no host is asked: for one that is gone for good, and stands in the site "
	    "no more.\n\n"
	    "exit status: 0 done, 3 a host was put back, 4 a host was refused, 1 an error",
	.options = rollout_option_rows,
	.takes = TAKER_RELEASE,
	.options_size = sizeof(struct rollout_options),
	.min_args = 1,
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run,
};
