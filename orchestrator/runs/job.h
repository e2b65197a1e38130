/* What plan, apply and agent have in common: the site, what its hosts should have, a way to
 * reach them, and the rollout over all that. */
#ifndef ORCHESTRATOR_RUNS_JOB_H
#define ORCHESTRATOR_RUNS_JOB_H

#include "orchestrator/cli/rollout_options.h"
#include "orchestrator/cli/site.h"
#include "orchestrator/identity/identity.h"
#include "orchestrator/render/render.h"
#include "orchestrator/rollout/rollout.h"
#include "orchestrator/runs/password.h"
#include "orchestrator/runs/record.h"
#include "orchestrator/runs/resume.h"
#include "orchestrator/show/progress.h"

/* What a job is to be done with. */
enum job_part {
	JOB_DAEMON = 1 << 0,
	JOB_AGENT = 1 << 1,
	JOB_REMOVE_AGENT = 1 << 2,
	JOB_RESTART = 1 << 3, /* of the daemons; alone */
	JOB_REFRESH = 1 << 4, /* of names; alone */
	JOB_UNLOCK = 1 << 6,  /* break the locks of others; alone */
	JOB_LOOK = 1 << 5,    /* nothing is changed: the journal has no run of it */
};

struct rollout_job {
	const char *command; /* "plan": for the words of errors; the kind of the run */
	const struct rollout_options *options;
	/*
	 * What a run is about that is not for the site to say, now that the journal is open: it
	 * sets parts, program and words, and files say what hosts should have.  NULL: the site says
	 * it.
	 */
	int (*choose)(struct rollout_job *job, struct site_choice *choice, struct error *err);
	rollout_files files, agent_files;
	struct topology topology;
	struct render *render;
	struct identity identity;
	bool has_identity;
	struct buf program; /* the agent's */
	uv_loop_t loop;
	bool has_loop;
	uv_signal_t interrupt;
	struct transport *transport;
	struct password *password; /* of sudo */
	struct rollout *rollout;
	struct progress progress;
	struct run_record record;
	struct resume resume;
	int64_t of_run; /* that it resumes, or takes back; 0: none */
	unsigned parts;
	const struct host **hosts; /* that it is about; of topology's */
	size_t host_count;
	char holder[320];
	bool interrupted;
};

/*
 * Get everything ready; what is wrong has been told on stderr.  @job begins with its first
 * two members set, the rest zero.
 *
 * @parts: of enum job_part
 * Returns 0 or -1; the caller ends it with rollout_job_done() either way.
 */
int rollout_job_start(struct rollout_job *job, unsigned parts, int argc, char **argv) MUST_CHECK;

void rollout_job_done(struct rollout_job *job);

/* Back to where rollout_job_start() was. */
void rollout_job_forget_plan(struct rollout_job *job);

/* One line on stderr for each host that failed; returns how many. */
size_t rollout_job_print_failures(const struct rollout_job *job);

/*
 * Each host's outcome on stdout, or @json, which is taken; failures on stderr; and as the last line
 * of both, how the whole came out, on stderr only when that is not well.
 */
struct json_t;
void rollout_job_show(const struct rollout_job *job, struct json_t *json);

/* Ask all hosts and plan. */
void rollout_job_plan(struct rollout_job *job);

/*
 * After that, when an earlier run is to be gone on with: hosts that are still at work on it are
 * waited for, and asked again.
 *
 * Returns 0, or -1 when the plan is not that of the earlier run: that has been told.
 */
int rollout_job_resume(struct rollout_job *job) MUST_CHECK;

/* Carry out what was planned, with Ctrl-C heeded; the exit status that it amounts to. */
int rollout_job_apply(struct rollout_job *job);

/* Let @ms pass; false: the operator has had enough. */
bool rollout_job_pause(struct rollout_job *job, uint64_t ms);

#endif
