/* A host in a rollout: how far it is, how it ended, and all that is known of it meanwhile. */
#ifndef ORCHESTRATOR_ROLLOUT_HOST_ROLLOUT_HOST_H
#define ORCHESTRATOR_ROLLOUT_HOST_ROLLOUT_HOST_H

#include "orchestrator/rollout/host/outcome.h"
#include "orchestrator/rollout/plan/plan.h"
#include "orchestrator/rollout/plan/program.h"
#include "orchestrator/topology/topology.h"

/*
 * Where a host stands in its rollout.  The names are ids, too: they stand in the journal and in
 * JSON, and never change.
 */
#define HOST_STEPS(X)                                                                              \
	X(HOST_STEP_WAIT, "wait")                                                                  \
	X(HOST_STEP_CONNECT, "connect")                                                            \
	X(HOST_STEP_FACTS, "facts")                                                                \
	X(HOST_STEP_MEASURE, "measure")                                                            \
	X(HOST_STEP_PLAN, "plan")                                                                  \
	X(HOST_STEP_QUORUM, "quorum")                                                              \
	X(HOST_STEP_UPLOAD, "upload")                                                              \
	X(HOST_STEP_CHECK, "check")                                                                \
	X(HOST_STEP_ARM, "guard")                                                                  \
	X(HOST_STEP_RENAME, "rename")                                                              \
	X(HOST_STEP_ACTION, "action")                                                              \
	X(HOST_STEP_HEALTH, "health")                                                              \
	X(HOST_STEP_PUT_BACK, "put back")                                                          \
	X(HOST_STEP_DONE, "done")

enum host_step {
#define X(name, text) name,
	HOST_STEPS(X)
#undef X
};

const char *host_step_name(enum host_step step);

/* The time of a host, as its agent last reported it. */
struct host_time {
	bool told;
	char selected[SOURCE_NAME_BYTES]; /* "": it follows nobody */
	int64_t offset_ns, error_bound_ns;
	struct proof proof;
};

#define HOST_WAYS_MAX 4

struct rollout_host {
	const struct host *host;
	enum host_step step;
	enum host_outcome outcome;
	bool skipped;       /* planned, and not begun because the run was stopped */
	bool withheld;      /* not to be begun */
	bool forced;        /* restarted whatever the verdict is */
	bool takes_back;    /* the run takes back another one: a failure keeps what that left */
	bool unreachable;   /* nobody answered there who could be logged in to */
	const char *where;  /* the step that failed, by name: "host key", "check" */
	struct error err;   /* why, when the outcome is bad */
	const char *remedy; /* what the operator can do about it; NULL: nothing is known */
	const char *note;   /* good to know though it went well; NULL: nothing */
	const char *ways[HOST_WAYS_MAX]; /* notes on how it is reached, where that is unusual */
	size_t way_count;
	int64_t stepped_ns; /* how far the clock was stepped since just before the action; 0: not */
	unsigned wave;      /* from 1; 0: nothing to do */
	struct arena arena; /* owns what follows */
	struct facts facts;
	const struct daemon_driver *driver; /* NULL: not known (yet), or not asked for */
	const struct agent_program
	    *program;        /* that the host should have; NULL: none, or none fits */
	const char *unfit;   /* why none of them runs there; NULL: nothing */
	const char *watched; /* why its daemon is not configured, which is no fault; NULL: it is */
	struct file_set files, agent_files;
	struct host_plan plan;
	const char *said; /* what an errand's command printed: bytes of a host, not fit to be shown;
			     NULL: it printed nothing */
	size_t said_len;
	int64_t before_boot_ns; /* CLOCK_BOOTTIME just before the action; 0: not told */
	struct host_time after;
	struct host_work *work; /* owned by work.c; NULL: none */
};

/* How it ended there, in a word or few: "done", "put back", of a rollback "keeps what it had". */
const char *host_outcome_words(const struct rollout_host *host);

#endif
