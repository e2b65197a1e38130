/* Runs as people and as scripts read them. */
#ifndef ORCHESTRATOR_SHOW_RUNS_H
#define ORCHESTRATOR_SHOW_RUNS_H

#include "orchestrator/journal/journal.h"

/* How a run came out, or how it stands: "done", "interrupted". @at_work: its program lives. */
const char *run_state(const struct journal_run *run, bool at_work);

/* What is known of a host of a run, in a sentence; @out has RUN_WORDS_BYTES. */
#define RUN_WORDS_BYTES 256
const char *run_host_words(const struct journal_host *host, bool at_work, char *out);

/* Whether what the run was to do there is done: there is nothing left of it. */
bool run_host_is_done(const struct journal_host *host);

/* "3 done, 1 put back" */
const char *run_summary(const struct journal_run *run, bool at_work, char *out);

/* A run with its hosts, in full: member names are stable, no contents are in it. */
struct json_t;
struct json_t *run_json(const struct journal_run *run, bool at_work);

/* A run as `runs show` prints it; @diffs: with what changed in files that are no secret. */
void run_print(const struct journal_run *run, bool at_work, bool diffs, bool colour);

/* "2026-11-22 12:01:33" here */
#define RUN_TIME_BYTES 32
const char *run_time(int64_t real_ns, char *out);

#endif
