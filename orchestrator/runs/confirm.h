/* Asks the operator at a terminal before hosts are changed; who is not at one is not asked. */
#ifndef ORCHESTRATOR_RUNS_CONFIRM_H
#define ORCHESTRATOR_RUNS_CONFIRM_H

#include "orchestrator/runs/job.h"

/*
 * Ask "@what? Only 'yes' will be accepted: ".  Ctrl-C, the end of the input and every other word
 * mean no, which is told then.
 *
 * @command: "keys rotate"
 * Returns whether it may be done: the answer is yes, or --yes was given, or stdin or stderr is no
 * terminal, as in a script.
 */
bool confirm(const struct rollout_options *options, const char *command, const char *what);

/*
 * Whether the operator has not said of which hosts, could not be asked, and did not say --yes: what
 * takes something away from hosts is then not done on all of them.
 *
 * @named: whether hosts were named
 */
bool confirm_is_missing(const struct rollout_options *options, bool named);

/*
 * Show what @job has planned, and ask whether that shall be carried out.  A plan with nothing to do
 * is not asked about.
 */
bool confirm_plan(struct job *job);

#endif
