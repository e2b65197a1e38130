/*
 * Shows on stderr how far each host is.  A terminal gets a line for each host at work and a line of
 * counts, redrawn; anything else gets a plain line whenever a host has moved.
 */
#ifndef ORCHESTRATOR_SHOW_PROGRESS_H
#define ORCHESTRATOR_SHOW_PROGRESS_H

#include "orchestrator/rollout/rollout.h"

#include <stdio.h>

#define PROGRESS_LINES_MAX 20

struct progress {
	FILE *out; /* NULL: nothing is shown */
	bool terminal, colour;
	size_t total, finished, failed;
	const struct rollout_host *at_work[PROGRESS_LINES_MAX];
	size_t at_work_count;
	unsigned drawn; /* lines on the terminal that are to be redrawn */
};

void progress_start(struct progress *progress, bool quiet, size_t total);

/* A host has moved, or has come to an end. */
void progress_host(struct progress *progress, const struct rollout_host *host);

/* A new round over the hosts begins. */
void progress_again(struct progress *progress, size_t total);

/* Clear the lines that are redrawn. */
void progress_end(struct progress *progress);

#endif
