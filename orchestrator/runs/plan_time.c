#include "orchestrator/runs/plan_time.h"

static int64_t
usual(void *ctx, const char *daemon, enum file_action action)
{
	struct plan_time *time = ctx;
	struct plan_time_row *row = time->rows;
	struct error err;

	if (!time->journal) {
		return 0;
	}
	for (; row < time->rows + time->row_count; row++) {
		if (row->daemon == daemon && row->action == action) {
			return row->ns;
		}
	}
	if (time->row_count == PLAN_TIME_ROWS_MAX) {
		return 0;
	}
	time->row_count++;
	*row = (struct plan_time_row){ daemon, action, 0 };
	if (journal_usual(time->journal, daemon, action, &row->ns, &err)) {
		row->ns = 0; /* the model does without */
	}
	return row->ns;
}

void
plan_time_begin(struct plan_time *time, const struct job *job)
{
	*time = (struct plan_time){ .journal = job->record.journal };
	time->input = (struct estimate_input){
		.parallel = rollout_parallel(job->request.options),
		.confirm_within_ns = job->topology.rollout.confirm_within_ns,
		.ctx = time,
		.usual = usual,
	};
}
