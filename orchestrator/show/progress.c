#include "orchestrator/show/progress.h"

#include "orchestrator/cli/colour.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/show/outcome.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
progress_start(struct progress *progress, bool quiet, size_t total)
{
	const char *term = getenv("TERM");

	*progress = (struct progress){ .out = quiet ? NULL : stderr, .total = total };
	progress->terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
	progress->colour = use_colour(STDERR_FILENO);
}

void
progress_again(struct progress *progress, size_t total)
{
	progress_end(progress);
	progress->total = total;
	progress->finished = progress->failed = progress->at_work_count = 0;
}

static bool
is_over(const struct rollout_host *host)
{
	return host->outcome != HOST_OPEN &&
	    (host->outcome != HOST_CHANGES || host->step == HOST_STEP_PLAN);
}

/* Whether a log has a line for this step: it may last, or it changes the host. */
static bool
is_told(enum host_step step)
{
	return step == HOST_STEP_MEASURE || step >= HOST_STEP_QUORUM;
}

static void
forget(struct progress *progress, const struct rollout_host *host)
{
	for (size_t i = 0; i < progress->at_work_count; i++) {
		if (progress->at_work[i] == host) {
			memmove(&progress->at_work[i], &progress->at_work[i + 1],
			    (progress->at_work_count - i - 1) * sizeof(progress->at_work[0]));
			progress->at_work_count--;
			return;
		}
	}
}

static void
remember(struct progress *progress, const struct rollout_host *host)
{
	for (size_t i = 0; i < progress->at_work_count; i++) {
		if (progress->at_work[i] == host) {
			return;
		}
	}
	if (progress->at_work_count < PROGRESS_LINES_MAX) {
		progress->at_work[progress->at_work_count++] = host;
	}
}

static void
clear(struct progress *progress)
{
	if (progress->drawn > 0) {
		for (; progress->drawn > 0; progress->drawn--) {
			fputs(stream_code(STREAM_UP), progress->out);
		}
		fputs(stream_code(STREAM_CLEAR), progress->out);
	}
}

static void
draw(struct progress *progress)
{
	for (size_t i = 0; i < progress->at_work_count; i++) {
		const struct rollout_host *host = progress->at_work[i];

		fprintf(
		    progress->out, "  %-24s %s\n", host->host->name, host_step_name(host->step));
	}
	fprintf(progress->out, "%zu of %zu", progress->finished, progress->total);
	if (progress->failed > 0) {
		fprintf(progress->out, ", %zu failed", progress->failed);
	}
	fputs("\n", progress->out);
	progress->drawn = (unsigned)progress->at_work_count + 1;
	fflush(progress->out);
}

static void
print_over(struct progress *progress, const struct rollout_host *host)
{
	const char *colour = progress->colour ? outcome_colour(host->outcome) : "";

	fprintf(progress->out, "  %-24s %s%s%s%s%s\n", host->host->name, colour,
	    host_outcome_words(host), *colour ? COLOUR_NONE : "", host->where ? ": " : "",
	    host->where ? host->where : "");
}

void
progress_host(struct progress *progress, const struct rollout_host *host)
{
	bool over = is_over(host);

	if (!progress->out) {
		return;
	}
	if (progress->terminal) {
		clear(progress);
	}
	if (over) {
		progress->finished++;
		progress->failed += host->where != NULL;
		forget(progress, host);
		print_over(progress, host);
	} else {
		remember(progress, host);
		if (!progress->terminal && is_told(host->step)) {
			fprintf(progress->out, "  %-24s %s\n", host->host->name,
			    host_step_name(host->step));
		}
	}
	if (progress->terminal) {
		draw(progress);
	}
}

void
progress_end(struct progress *progress)
{
	if (progress->out && progress->terminal) {
		clear(progress);
		fflush(progress->out);
	}
}
