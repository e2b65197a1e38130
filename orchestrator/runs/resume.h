/* `--resume`: a run goes on where an earlier one of its kind was stopped, or died. */
#ifndef ORCHESTRATOR_RUNS_RESUME_H
#define ORCHESTRATOR_RUNS_RESUME_H

#include "common/digest.h"
#include "orchestrator/cli/rollout_options.h"
#include "orchestrator/runs/record.h"

/* Zero-initialised; resume_done() ends it. */
struct resume {
	struct journal_run run; /* the earlier one; id 0: this run resumes none */
	char **names;           /* of its hosts */
	int name_count;
	struct rollout_options options; /* with what the earlier run had */
	struct arena arena;
};

/*
 * Find the latest run of @kind, whose site file must be what it is now.
 *
 * Returns 0, or -1 with @err set: there is none, or the site has changed.
 */
int resume_find(struct resume *resume, struct run_record *record, const char *kind,
    const struct rollout_options *options, struct error *err) MUST_CHECK;

/* What a run that resumes this one must know of its options. */
struct journal_options resume_options(const struct rollout_options *options);

/* Whether a host is still at work on what the earlier run began; NULL: none is. */
const char *resume_waits_for(const struct resume *resume, const struct rollout *rollout);

/*
 * Now that the plan stands: what was done is only looked at, and the rest must be what the earlier
 * run was to do.
 *
 * Returns 0, or -1 with @err set: it is not.
 */
int resume_check(
    const struct resume *resume, struct rollout *rollout, struct error *err) MUST_CHECK;

void resume_done(struct resume *resume);

#endif
