#include "orchestrator/runs/confirm.h"

#include "orchestrator/runs/plan_time.h"
#include "orchestrator/show/plan.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool
is_asked(const struct rollout_options *options)
{
	return !options->yes && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int number UNUSED)
{
	interrupted = 1;
}

/* Whether the next line of the terminal is "yes". WAITING: the signals that are let in while
 * nothing is typed. */
static bool
reads_yes(const sigset_t *waiting)
{
	struct pollfd typed = { .fd = STDIN_FILENO, .events = POLLIN };
	char line[16] = "";
	size_t len = 0;
	char c = '\0';

	while (c != '\n' && !interrupted) {
		if (ppoll(&typed, 1, NULL, waiting) < 0) {
			continue; /* a signal */
		}
		if (read(STDIN_FILENO, &c, 1) != 1) {
			break;
		}
		if (len < sizeof(line) - 1) {
			line[len++] = c;
		}
	}
	if (c != '\n') {
		fputs("\n", stderr);
	}
	return !interrupted && strcmp(line, "yes\n") == 0;
}

/* Asks, and says whether the answer is yes. ^C means no from before the question is seen: SIGINT is
 * let in only while it waits. */
static bool
ask(const char *what)
{
	struct sigaction interrupt = { .sa_handler = on_interrupt }, before;
	sigset_t held, waiting;
	bool yes;

	interrupted = 0;
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigprocmask(SIG_BLOCK, &held, &waiting);
	sigaction(SIGINT, &interrupt, &before);
	fprintf(stderr, "%s? Only 'yes' will be accepted: ", what);
	fflush(stderr);
	yes = reads_yes(&waiting);
	sigaction(SIGINT, &before, NULL);
	sigprocmask(SIG_SETMASK, &waiting, NULL);
	return yes;
}

bool
confirm(const struct rollout_options *options, const char *command, const char *what)
{
	if (!is_asked(options)) {
		return true;
	}
	fflush(stdout);
	if (ask(what)) {
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
