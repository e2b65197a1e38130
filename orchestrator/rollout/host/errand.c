/* Takes what errand.sh tells of a command of the agent. */
#include "orchestrator/rollout/host/work.h"

void
work_take_errand(struct host_work *work, const struct record *record)
{
	struct rollout_host *host = work->host;

	host->where = "agent";
	if (record_words(record, "said")) {
		host->said = arena_strndup(&host->arena, record->bytes, record->len);
		host->said_len = record->len;
		host->where = NULL;
		work_end(work, HOST_DONE);
	} else if (record_words(record, "missing")) {
		error_set(&host->err, "timetier-agent is not there");
		host->remedy = ERRAND_REMEDY;
		work_fail(work, HOST_FAILED, host->where);
	} else if (record_words(record, "endless")) {
		error_set(&host->err, "timetier-agent's answer has no end");
		work_fail(work, HOST_FAILED, host->where);
	} else {
		work_break(work, record->name);
	}
}
