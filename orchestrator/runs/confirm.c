#include "orchestrator/runs/confirm.h"

#include "orchestrator/runs/plan_time.h"
#include "orchestrator/show/plan.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool
is_asked(const struct rollout_options *options)
{
	return !options->yes && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static void
on_interrupt(int number UNUSED)
{
	/* read() returns, which means no */
}

/* Whether the next line of the terminal is "yes". */
static bool
reads_yes(void)
{
	struct sigaction interrupt = { .sa_handler = on_interrupt }, before;
	char line[16] = "";
	size_t len = 0;
	char c = '\0';

	sigaction(SIGINT, &interrupt, &before); /* without SA_RESTART */
	while (c != '\n' && read(STDIN_FILENO, &c, 1) == 1) {
		if (len < sizeof(line) - 1) {
			line[len++] = c;
		}
	}
	sigaction(SIGINT, &before, NULL);
	if (c != '\n') {
		fputs("\n", stderr);
	}
	return strcmp(line, "yes\n") == 0;
}

bool
confirm(const struct rollout_options *options, const char *command, const char *what)
{
	if (!is_asked(options)) {
		return true;
	}
	fflush(stdout);
	fprintf(stderr, "%s? Only 'yes' will be accepted: ", what);
	fflush(stderr);
	if (reads_yes()) {
		return true;
	}
	fprintf(stderr, "timetier %s: nothing was done\n", command);
	return false;
}

bool
confirm_is_missing(const struct rollout_options *options, bool named)
{
	return !named && !options->limit[0] && !options->yes && !is_asked(options);
}

bool
confirm_plan(struct job *job)
{
	const struct rollout_options *options = job->request.options;
	size_t changes = rollout_count(job->rollout, HOST_CHANGES);
	struct plan_time time;
	char what[96];

	if (changes == 0 || !is_asked(options)) {
		return true;
	}
	progress_end(&job->progress);
	if (!options->common.json) {
		plan_time_begin(&time, job);
		plan_show(job->rollout, &time.input, use_colour(STDOUT_FILENO));
		fflush(stdout);
		job_print_failures(job);
	}
	snprintf(what, sizeof(what), "\n%s: carry this out on %zu host%s", job->request.command,
	    changes, changes == 1 ? "" : "s");
	return confirm(options, job->request.command, what);
}
