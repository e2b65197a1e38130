/* timetier apply: put on the hosts what site.yaml says, without ever stepping a clock. */
#include "orchestrator/runs/confirm.h"
#include "orchestrator/runs/errand/install.h"
#include "orchestrator/runs/restarts.h"
#include "orchestrator/runs/saved/plan.h"
#include "orchestrator/runs/trust.h"
#include "orchestrator/show/outcome.h"
#include "orchestrator/topology/pick.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* @saved: NULL, or what is to be done and nothing else */
static int
carry_out(struct job *job, const struct saved_plan *saved)
{
	bool json = job->request.options->common.json;
	int status;

	if (!restarts_forced_are_named(job)) {
		return EXIT_FINDINGS;
	}
	job_plan(job);
	if (trust_refuses(job)) {
		return EXIT_IDENTITY;
	}
	if (job_resume(job)) {
		return EXIT_FINDINGS;
	}
	if (saved && saved_plan_differs(saved, job)) {
		progress_end(&job->progress);
		job_print_failures(job);
		return EXIT_FINDINGS;
	}
	if (!saved && !confirm_plan(job)) { /* who saved a plan has seen it */
		return EXIT_FINDINGS;
	}
	progress_again(&job->progress, rollout_count(job->rollout, HOST_CHANGES));
	status = job_apply(job);
	trust_keep(job);
	job_show(job, json ? rollout_outcome_json(job->rollout, job->topology.site) : NULL);
	return status;
}

/* A name that is a file's and of the site: which of them was meant is not guessed. */
static bool
is_host_too(struct job *job, const char *file)
{
	bool *picked = arena_alloc(&job->topology.arena, job->topology.host_count + 1);
	struct error err;

	if (topology_pick(&job->topology, file, picked, &err)) {
		return false;
	}
	fprintf(stderr,
	    "timetier apply: %s is a saved plan, and of the site, too: write ./%s for the plan, or "
	    "--limit %s\n",
	    file, file, file);
	return true;
}

static int
run_saved(const char *file, const struct rollout_options *given)
{
	struct saved_plan saved = { .file = file };
	struct job_request request = {
		.command = "apply", .daemon = true, .agent = true, .options = &saved.options
	};
	struct job job = { .has_loop = false };
	int status = EXIT_FINDINGS;
	struct error err;

	if (saved_plan_read(&saved, file, given, &err)) {
		fprintf(stderr, "timetier apply: %s\n", err.text);
	} else if (saved.word_count == 0) {
		puts("there is nothing in this plan");
		status = EXIT_OK;
	} else {
		request.words = saved.words;
		request.word_count = saved.word_count;
		if (job_start(&job, &request)) {
			status = job.status;
		} else if (!is_host_too(&job, file)) {
			status = carry_out(&job, &saved);
		}
	}
	job_done(&job);
	saved_plan_done(&saved);
	return status;
}

/* A word that can only be a file's, and is not a plan's, or one of several that is. */
static bool
is_wrong_file(int argc, char **argv)
{
	struct stat file;

	for (int i = 0; i < argc; i++) {
		if (saved_plan_is(argv[i])) {
			fprintf(stderr,
			    "timetier apply: %s is a saved plan, which names its hosts itself: "
			    "give it alone\n",
			    argv[i]);
			return true;
		}
		if (strchr(argv[i], '/')) {
			fprintf(stderr, "timetier apply: %s: %s\n", argv[i],
			    stat(argv[i], &file) < 0 ? strerror(errno)
						     : "this is no saved plan; `timetier plan "
						       "-o FILE` makes one");
			return true;
		}
	}
	return false;
}

/* With --install, before hosts are planned: a package brings files and users, which a plan counts
 * with. */
static int
install_packages(const struct job_request *request, struct installs *installs)
{
	const struct rollout_options *options = request->options;
	char what[96];
	int status = 0;

	if (!options->install) {
		return 0;
	}
	if (installs_look(installs, request) < 0) {
		return -1;
	}
	if (!options->common.quiet) {
		installs_print(installs, stderr);
	}
	snprintf(what, sizeof(what), "\napply: install on %zu host%s", installs->possible,
	    installs->possible == 1 ? "" : "s");
	if (installs->possible > 0) {
		status =
		    confirm(options, request->command, what) ? installs_run(installs, request) : -1;
	}
	return status;
}

static int
run(const void *argument, int argc, char **argv)
{
	const struct rollout_options *options = argument;
	struct job_request request = { .command = "apply",
		.daemon = true,
		.agent = true,
		.options = options,
		.words = argv,
		.word_count = argc };
	struct installs installs = { .list = NULL };
	struct job job = { .has_loop = false };
	int status = EXIT_FINDINGS;

	if (argc == 1 && saved_plan_is(argv[0])) {
		return run_saved(argv[0], options);
	}
	if (is_wrong_file(argc, argv)) {
		return EXIT_FINDINGS;
	}
	if (install_packages(&request, &installs) == 0) {
		status = job_start(&job, &request) == 0 ? carry_out(&job, NULL) : job.status;
	}
	job_done(&job);
	if (installs_settle(&installs, &request) < 0 && status == EXIT_OK) {
		status = EXIT_FINDINGS;
	}
	installs_done(&installs);
	return status;
}

const struct command command_apply = {
	.name = "apply",
	.args = "[HOST... | PLAN]",
	.summary = "put on the hosts what site.yaml says, one step at a time",
	.help = "PLAN is a file of `timetier plan -o`: exactly that is done; when a host or the "
		"site has changed since, nothing is done.\n\n"
		"Servers come one by one, tiers from the top, then one client of each kind, then "
		"the others in "
		"batches. A host keeps its change when its time is good afterwards and its clock "
		"was not "
		"stepped; else it is put back as it was, by itself if this program or the network "
		"dies.\n\n"
		"With --install a declared daemon's package is installed first where it is "
		"missing, without its service being started. The package of the daemon that had "
		"its place goes when the change is kept; where anything else would be removed, "
		"nothing is installed.\n\n"
		"At a terminal it shows the plan and asks; a script, and a saved plan, are not "
		"asked.\n\n"
		"exit status: 0 done, 3 a host was put back, 4 a host was refused: it is not safe "
		"to change it "
		"now, 5 hosts trust another collector (--new-identity), 1 an error\n\n"
		"examples:\n"
		"  timetier apply --limit core\n"
		"  timetier apply --resume      after it was stopped, or died",
	.options = rollout_option_rows,
	.takes = TAKER_APPLY,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.takes_file = true,
	.usage_status = EXIT_FINDINGS,
	.run = run,
};
