/* What a plan's estimate of its time stands on: the journal of earlier runs. */
#ifndef ORCHESTRATOR_RUNS_PLAN_TIME_H
#define ORCHESTRATOR_RUNS_PLAN_TIME_H

#include "orchestrator/rollout/estimate.h"
#include "orchestrator/runs/job.h"

/* How long hosts took for something; the journal is asked once. */
struct plan_time_row {
	const char *daemon; /* the name of a driver */
	enum file_action action;
	int64_t ns; /* 0: not known */
};

#define PLAN_TIME_ROWS_MAX 32

struct plan_time {
	struct estimate_input input;
	struct journal *journal; /* NULL: there is none */
	struct plan_time_row rows[PLAN_TIME_ROWS_MAX];
	size_t row_count;
};

/* @time and @job are kept while @time's input is in use. */
void plan_time_begin(struct plan_time *time, const struct job *job);

#endif
