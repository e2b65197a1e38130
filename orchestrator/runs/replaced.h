/* What a run replaced on its hosts, as the journal keeps it: a rollback puts that back. */
#ifndef ORCHESTRATOR_RUNS_REPLACED_H
#define ORCHESTRATOR_RUNS_REPLACED_H

#include "orchestrator/journal/journal.h"
#include "orchestrator/rollout/rollout.h"
#include "orchestrator/runs/job_files.h"

/* Zero-initialised; replaced_done() ends it. */
struct replaced {
	struct journal_run run;
	const struct host **only; /* set by the caller: hosts that are meant; NULL: all */
	size_t only_count;
	char **names; /* of the hosts that the run changed */
	int name_count;
	bool daemon;         /* files of daemons were replaced */
	bool agent;          /* all hosts had an agent before the run: its files are put back */
	bool remove_agent;   /* the run brought agents and nothing else: they are taken away */
	bool agents_stay;    /* the run brought agents and more: they stay */
	bool trusted_others; /* before the run, agents trusted a collector with another key: the
				agents keep what they have */
	struct agent_programs
	    programs; /* the agent's that all hosts had; none: the present stays */
	struct arena arena;
};

/*
 * Read run @id, and decide what of it is taken back.
 *
 * @id:       0 for the latest run that changed a file
 * @topology: the site, which hosts that were changed may have left
 * @pin:      of the collector's key; NULL: not known
 * Returns 0, or -1 with @err set: there is no such run, or there is nothing to take back.
 */
int replaced_find(struct replaced *replaced, struct journal *journal, int64_t id,
    const struct topology *topology, const char *pin, struct error *err) MUST_CHECK;

/* What hosts had before the run; @files lives as long as @replaced. */
void replaced_files(struct replaced *replaced, struct job_files *files);

/*
 * The first file of @host, whose facts were asked, that is neither what the run put there nor what
 * was there before; NULL: there is none.
 */
const char *replaced_find_changed(const struct replaced *replaced, const struct rollout_host *host);

/*
 * What the run switched off on @host, and stays so although the host is as it was before: "a, b";
 * NULL: nothing, or the host is not as it was before.
 */
const char *replaced_stays_off(struct replaced *replaced, const struct rollout_host *host);

void replaced_done(struct replaced *replaced);

#endif
