/* Shows runs of the journal: as text for people, as JSON for scripts. */
#ifndef ORCHESTRATOR_SHOW_RUNS_H
#define ORCHESTRATOR_SHOW_RUNS_H

#include "orchestrator/journal/journal.h"

/* How a run came out, or how it stands: "done", "interrupted".  @at_work: its program runs. */
const char *run_state(const struct journal_run *run, bool at_work);

#define RUN_WORDS_BYTES 256

/* Whether the run has done on @host all that it was to do there. */
bool run_host_is_done(const struct journal_host *host);

/* "3 done, 1 put back"; @out has RUN_WORDS_BYTES. */
const char *run_summary(const struct journal_run *run, bool at_work, char *out);

/* A run with its hosts, in full, but without contents of files; member names are stable. */
struct json_t;
struct json_t *run_json(const struct journal_run *run, bool at_work);

/* Print a run for `runs show`; @diffs: also what changed in files that are not secret. */
void run_print(const struct journal_run *run, bool at_work, bool diffs, bool colour);

/* "2026-11-22 12:01:33", in local time; @out has RUN_TIME_BYTES. */
#define RUN_TIME_BYTES 32
const char *run_time(int64_t real_ns, char *out);

#endif
