/* plan -o FILE and apply FILE: a plan is kept, and carried out exactly so or not at all. */
#ifndef ORCHESTRATOR_RUNS_SAVED_PLAN_H
#define ORCHESTRATOR_RUNS_SAVED_PLAN_H

#include "orchestrator/runs/job.h"
#include "orchestrator/runs/saved/saved.h"

/* One that was read, and how it is carried out; zero-initialise it. */
struct saved_plan {
	struct arena arena;
	const char *file;
	struct saved then;
	struct rollout_options options; /* as planned, and how hosts are reached as now */
	char **words;                   /* that name its hosts */
	int word_count;
};

/*
 * Whether a plan may be written to @file: nothing else is there.  If not, the reason is told in the
 * name of @command.
 */
bool saved_plan_may_write(const char *command, const char *file);

/* Write the plan of @job; 0, or -1 with the reason told. */
int saved_plan_write(const struct job *job, const char *file) MUST_CHECK;

/* Whether @file is there and looks like a saved plan. */
bool saved_plan_is(const char *file);

/*
 * Read the plan of @file; its options are @given's where that says how hosts are reached.
 *
 * Returns 0, or -1 with @err set: it is broken, @given asks for something else, or the site was
 * changed since.  End @plan with saved_plan_done() either way.
 */
int saved_plan_read(struct saved_plan *plan, const char *file, const struct rollout_options *given,
    struct error *err) MUST_CHECK;

/* Tell in what the plan that @job made now differs from @plan; returns whether it does. */
bool saved_plan_differs(const struct saved_plan *plan, const struct job *job);

void saved_plan_done(struct saved_plan *plan);

#endif
