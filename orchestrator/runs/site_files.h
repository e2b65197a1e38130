/* What site.yaml says that hosts should have: the files of their daemons, and their agents. */
#ifndef ORCHESTRATOR_RUNS_SITE_FILES_H
#define ORCHESTRATOR_RUNS_SITE_FILES_H

#include "orchestrator/cli/rollout_options.h"
#include "orchestrator/identity/identity.h"
#include "orchestrator/journal/journal.h"
#include "orchestrator/render/render.h"
#include "orchestrator/runs/job_files.h"

/* The agent's programs, for hosts of several kinds; zero-initialised, site_programs_done() ends it.
 */
struct site_programs {
	struct agent_programs list;
	struct buf texts[AGENT_PROGRAMS_MAX];
	struct arena arena;
};

/*
 * Read them: that which was @told, or those beside this program, or where a package puts them.
 *
 * Returns 0, or -1 with @err set: there is none, or one that is no program.
 */
int site_programs_read(
    struct site_programs *programs, const char *told, struct error *err) MUST_CHECK;
void site_programs_done(struct site_programs *programs);

/* The caller sets the first members, and the rest to zero; site_files_done() ends it. */
struct site_files {
	const struct topology *topology; /* borrowed until site_files_done() */
	bool daemon, agent;              /* whose files are wanted */
	struct journal *journal;         /* of the state folder; NULL: there is none */
	bool identity_lost;              /* site_files_open() refused to make an identity */
	struct render *render;
	struct identity identity;
	bool has_identity;
	struct site_programs programs;
};

/*
 * Read the templates and the agent's program, and make the identity of the site if there is none;
 * where there was one and it was lost, only on the operator's word.
 *
 * A host whose clock is set at boot needs the agent's program even when no agents are wanted; then
 * @files has it if it can be found.
 *
 * @files: filled; it lives as long as @site
 * Returns 0, or -1 with @err set.
 */
int site_files_open(struct site_files *site, const struct rollout_options *options,
    struct job_files *files, struct error *err) MUST_CHECK;

void site_files_done(struct site_files *site);

#endif
