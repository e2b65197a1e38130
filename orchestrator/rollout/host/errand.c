/* Takes what errand.sh tells of a command of the agent, and gives it the program where it has none.
 */
#include "orchestrator/rollout/host/work.h"

#include <string.h>

static void
fail(struct host_work *work, const char *remedy)
{
	work->host->remedy = remedy;
	work_fail(work, HOST_FAILED, work->host->where);
}

/* The host waits for a program: the one that fits it. */
static void
give_program(struct host_work *work)
{
	const struct rollout_request *request = work->owner->request;
	struct rollout_host *host = work->host;
	const char *line, *unfit = NULL;

	if (work->gave) {
		work_break(work, "missing");
		return;
	}
	work->gave = true;
	host->program = request->programs && request->programs->count > 0
	    ? agent_programs_fit(request->programs, &host->facts, &host->err)
	    : NULL;
	if (!host->program) {
		unfit = arena_strdup(&host->arena, host->err.text);
		if (*unfit) {
			error_set(&host->err,
			    "timetier-agent is not there, and none of those here runs there: "
			    "%.300s",
			    unfit);
			fail(work,
			    "build timetier-agent for it (`make agent-deb11` for older hosts), and "
			    "put it beside timetier as timetier-agent-NAME");
		} else {
			error_set(&host->err, "timetier-agent is not there");
			fail(work, ERRAND_REMEDY);
		}
		return;
	}
	work_move(work, HOST_STEP_UPLOAD);
	line = arena_printf(&host->arena, "%zu\n", host->program->len);
	request->transport->write(work->link, line, strlen(line));
	request->transport->write(work->link, host->program->bytes, host->program->len);
	work_extend(work, HOST_STEP_NS);
}

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
	} else if (record_words(record, "arch") || record_words(record, "libc") ||
	    record_words(record, "loaders")) {
		facts_take(&host->facts, record);
	} else if (record_words(record, "missing")) {
		give_program(work);
	} else if (record_words(record, "noplace")) {
		error_set(&host->err,
		    "timetier-agent is not there, and nowhere can one be run for a moment: %.200s "
		    "are mounted noexec, or full, or not there",
		    record->text);
		fail(work, ERRAND_REMEDY);
	} else if (record_words(record, "cut")) {
		error_set(&host->err,
		    "timetier-agent is not there, and one did not come whole: is there room in "
		    "%.200s?",
		    record->text);
		fail(work, ERRAND_REMEDY);
	} else if (record_words(record, "endless")) {
		error_set(&host->err, "timetier-agent's answer has no end");
		work_fail(work, HOST_FAILED, host->where);
	} else {
		work_break(work, record->name);
	}
}
