/* timetier plan: what apply would do to each host, and in which order. */
#include "orchestrator/show/plan.h"
#include "orchestrator/runs/errand/install.h"
#include "orchestrator/runs/left.h"
#include "orchestrator/runs/plan_time.h"
#include "orchestrator/runs/saved/plan.h"
#include "orchestrator/runs/trust.h"
#include "orchestrator/show/outcome.h"

#include <jansson.h>
#include <unistd.h>

static json_t *
json_of(const struct job *job, const struct estimate_input *input, const struct left *left,
    const struct installs *installs)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);
	struct estimate all = estimate_wave(input, hosts, count, 0);
	json_t *json = rollout_json(job->rollout, job->topology.site);

	json_object_set_new(json, "estimate",
	    json_pack("{s:I, s:I}", "about_ns", (json_int_t)all.about_ns, "most_ns",
		(json_int_t)all.most_ns));
	json_object_set_new(json, "unmanaged", job_unmanaged(job));
	json_object_set_new(json, "left", left_json(left));
	if (job->request.options->install) {
		json_object_set_new(json, "installs", installs_json(installs));
	}
	return json;
}

static int
show(struct job *job, const struct installs *installs)
{
	const char *output = job->request.options->output;
	struct left left = { .list = NULL };
	struct plan_time time;
	size_t failed;

	progress_end(&job->progress);
	job_find_left(job, &left);
	plan_time_begin(&time, job);
	if (job->request.options->common.json) {
		command_print_json(json_of(job, &time.input, &left, installs));
	} else {
		installs_print(installs, stdout);
		plan_show(job->rollout, &time.input, use_colour(STDOUT_FILENO));
		left_print(&left);
	}
	left_done(&left);
	fflush(stdout);
	failed = job_print_failures(job);
	if (output && saved_plan_write(job, output)) {
		return EXIT_FINDINGS;
	}
	if (failed > 0) {
		return EXIT_FINDINGS;
	}
	return rollout_count(job->rollout, HOST_CHANGES) > 0 || installs->possible > 0
	    ? EXIT_CHANGES
	    : EXIT_OK;
}

/* The rest can be planned only when a package is there: these hosts are left out until then. */
static void
leave_out(const struct installs *installs, struct rollout_options *options)
{
	size_t used = 0;

	while (options->exclude[used]) {
		used++;
	}
	for (size_t i = 0; i < installs->count && used < OPTION_LIST_MAX; i++) {
		if (installs->list[i].version || installs->list[i].refused) {
			options->exclude[used++] = installs->list[i].host;
		}
	}
}

/* With --install: what that would do, first; @done: nothing else is to be planned. */
static int
look_at_packages(const struct job_request *request, struct rollout_options *options,
    struct installs *installs, bool *done)
{
	struct topology topology;
	struct site_choice choice = { request->words, request->word_count, options->limit,
		options->exclude };
	const struct host **hosts;
	struct error err;
	size_t count;

	if (installs_look(installs, request) < 0) {
		return -1;
	}
	leave_out(installs, options);
	*done = site_load(&options->common, &topology) && installs->count > 0 &&
	    site_hosts(&topology, &choice, &hosts, &count, &err) < 0;
	topology_free(&topology);
	if (*done && options->common.json) {
		command_print_json(json_pack("{s:o}", "installs", installs_json(installs)));
	} else if (*done) {
		installs_print(installs, stdout);
	}
	return 0;
}

static int
run(const void *argument, int argc, char **argv)
{
	struct rollout_options mine = *(const struct rollout_options *)argument;
	const struct rollout_options *options = &mine;
	struct installs installs = { .list = NULL };
	bool done = false;
	struct job_request request = { .command = "plan",
		.daemon = true,
		.agent = true,
		.looks = true,
		.options = options,
		.words = argv,
		.word_count = argc };
	struct job job = { .has_loop = false };
	int status;

	if (options->output && !saved_plan_may_write("plan", options->output)) {
		return EXIT_FINDINGS;
	}
	if (mine.install && look_at_packages(&request, &mine, &installs, &done) < 0) {
		status = EXIT_FINDINGS;
	} else if (done) {
		status = installs.possible > 0 ? EXIT_CHANGES : EXIT_FINDINGS;
	} else if (job_start(&job, &request)) {
		status = job.status;
	} else {
		job_plan(&job);
		status = trust_refuses(&job) ? EXIT_IDENTITY : show(&job, &installs);
	}
	job_done(&job);
	installs_done(&installs);
	return status;
}

const struct command command_plan = {
	.name = "plan",
	.args = "[HOST...]",
	.summary = "show what apply would change on the hosts, and in which order",
	.help = "Asks every host over ssh, in one command each, and changes nothing. HOST is a "
		"host, a tier, "
		"a client group, or a range as web[01-20]. With --install it asks apt-get, too, "
		"what the package of a declared daemon would bring where it is missing.\n\n"
		"exit status: 0 nothing to do, 2 changes, 5 hosts trust another collector "
		"(--new-identity), 1 an error\n\n"
		"examples:\n"
		"  timetier plan\n"
		"  timetier plan core -o monday.plan      then: timetier apply monday.plan",
	.options = rollout_option_rows,
	.takes = TAKER_PLAN,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run,
};
