/* What the commands that work on hosts have in common: one job, from its request to its result. */
#ifndef ORCHESTRATOR_RUNS_JOB_H
#define ORCHESTRATOR_RUNS_JOB_H

#include "orchestrator/cli/site.h"
#include "orchestrator/rollout/rollout.h"
#include "orchestrator/runs/password.h"
#include "orchestrator/runs/record.h"
#include "orchestrator/runs/resume.h"
#include "orchestrator/runs/site_files.h"
#include "orchestrator/show/progress.h"

/* What is to be done, how, and on whom.  The caller sets it, and keeps what it points to. */
struct job_request {
	const char *command; /* "plan": begins the lines of errors, and is the kind of the run */
	/* what */
	enum rollout_kind kind;
	bool daemon, agent;          /* ROLLOUT_FILES: whose files */
	bool remove_agent;           /* ROLLOUT_FILES, instead of the two */
	bool releases;               /* hosts are let go: with daemon or remove_agent */
	bool any_access;             /* what hosts answer over NTP afterwards is their own affair */
	bool of_left;                /* @words may name hosts that have left the site */
	const char *kind_of_run;     /* in the journal; NULL: @command */
	bool looks;                  /* nothing is changed: the journal gets no run of this job */
	bool takes_back;             /* @files say what hosts should have; else the site says it */
	const struct errand *errand; /* ROLLOUT_ERRAND; may be another one at each plan */
	struct job_files files;
	int64_t of_run; /* the run that is taken back, or gone on with; 0: none */
	/* how */
	const struct rollout_options *options;
	/* on whom */
	char **words; /* as given: the journal keeps them */
	int word_count;
	char **names; /* of hosts, for topology_pick(), where not @words are that; NULL */
	int name_count;
};

/* Zero-initialised; job_done() ends it.  Members are read by callers, and set by job.c alone. */
struct job {
	struct job_request request;
	struct topology topology;
	bool of_then; /* topology is that of an earlier run, of hosts that have left the site */
	struct run_record record;
	struct resume resume;
	struct site_files site_files;
	struct job_files files;    /* what hosts should have */
	const struct host **hosts; /* that the job is about; of topology's */
	size_t host_count;
	const struct host **unmanaged; /* that were named, and nobody logs in to */
	size_t unmanaged_count;
	int status;       /* enum exit_status, where job_open() or job_begin() failed */
	char holder[384]; /* who does it: "USER@HOST", or "root@HOST(USER)" by sudo */
	uv_loop_t loop;
	bool has_loop;
	uv_signal_t interrupt;
	bool interrupted;
	struct transport *transport;
	struct password *password; /* of sudo */
	struct rollout *rollout;
	struct progress progress;
};

/*
 * Load the site of @request and open the journal.  What is wrong has been told on stderr.
 *
 * Returns 0 or -1; the caller ends @job with job_done() either way.
 */
int job_open(struct job *job, const struct job_request *request) MUST_CHECK;

/*
 * Choose the hosts, get ready what they should have, and begin the run in the journal.  What is
 * wrong has been told on stderr.
 *
 * @request: that of job_open(), or what the journal made of it since
 */
int job_begin(struct job *job, const struct job_request *request) MUST_CHECK;

/* Both at once. */
int job_start(struct job *job, const struct job_request *request) MUST_CHECK;

void job_done(struct job *job);

/* Back to where job_begin() was. */
void job_forget_plan(struct job *job);

/* One line on stderr for each host that failed; returns how many. */
size_t job_print_failures(const struct job *job);

/*
 * Each host's outcome on stdout, or @json, which is taken; failures on stderr; and as the last line
 * of both, how the whole came out, on stderr only when that is not well.
 */
struct json_t;
void job_show(const struct job *job, struct json_t *json);

/* The names of hosts that were named, and nobody logs in to. */
struct json_t *job_unmanaged(const struct job *job);

/* Ask all hosts and plan; with --skip-unreachable, those that are not reached are left out. */
void job_plan(struct job *job);

/*
 * After that, when an earlier run is to be gone on with: hosts that are still at work on it are
 * waited for, and asked again.
 *
 * Returns 0, or -1 when the plan is not that of the earlier run: that has been told.
 */
int job_resume(struct job *job) MUST_CHECK;

/* Carry out what was planned, with Ctrl-C heeded; the exit status that it amounts to. */
int job_apply(struct job *job);

/*
 * Hosts that have left the site and are managed still, where the whole site was asked about; what
 * the journal cannot tell is left out.
 */
struct left;
void job_find_left(const struct job *job, struct left *left);

/* Let @ms pass; false: the operator has had enough. */
bool job_pause(struct job *job, uint64_t ms);

/* Whether @name stands behind a --force. */
bool job_is_forced(const struct job *job, const char *name);

#endif
