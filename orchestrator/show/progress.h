/*
 * How far each host is, on stderr: on a terminal a line for each host at work, redrawn, and a
 * line of counts; elsewhere a plain line whenever a host moves.
 */
#ifndef ORCHESTRATOR_SHOW_PROGRESS_H
#define ORCHESTRATOR_SHOW_PROGRESS_H

#include "orchestrator/rollout/rollout.h"

#include <stdio.h>

#define PROGRESS_LINES_MAX 20

struct progress {
	FILE *out; /* NULL: nobody wants to know */
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

/* Take the redrawn lines away. */
void progress_end(struct progress *progress);

#endif
