/*
 * Put on hosts what they should have: facts and plan of each, then the change, in order, many at
 * once, each host wholly or not at all.  What a host should have is the caller's to know.
 */
#ifndef ORCHESTRATOR_ROLLOUT_ROLLOUT_H
#define ORCHESTRATOR_ROLLOUT_ROLLOUT_H

#include <uv.h>

#include "orchestrator/rollout/facts.h"
#include "orchestrator/rollout/plan.h"
#include "orchestrator/rollout/sudo.h"
#include "orchestrator/ssh/transport.h"
#include "orchestrator/topology/topology.h"

/* Where a host stands in its rollout; the names are shown, and stand in JSON. */
#define HOST_STEPS(X)                                                                              \
	X(HOST_STEP_WAIT, "wait")                                                                  \
	X(HOST_STEP_CONNECT, "connect")                                                            \
	X(HOST_STEP_FACTS, "facts")                                                                \
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

/* How it came out. */
#define HOST_OUTCOMES(X)                                                                           \
	X(HOST_OPEN, "open")         /* nothing was decided yet */                                 \
	X(HOST_UNCHANGED, "ok")      /* nothing to do */                                           \
	X(HOST_CHANGES, "changes")   /* planned, not carried out */                                \
	X(HOST_DONE, "done")         /* carried out and confirmed */                               \
	X(HOST_FAILED, "failed")     /* the host is as it was */                                   \
	X(HOST_REFUSED, "refused")   /* not safe: the host is as it was */                         \
	X(HOST_PUT_BACK, "put back") /* changed, and as it was again */                            \
	X(HOST_UNWELL, "unwell")     /* restarted, and not well since; nothing to put back */      \
	X(HOST_LOST, "lost")         /* the link broke under a change: the host puts it back */    \
	X(HOST_STUCK, "stuck")       /* putting back failed: somebody must look */

enum host_outcome {
#define X(name, text) name,
	HOST_OUTCOMES(X)
#undef X
};

const char *host_step_name(enum host_step step);
const char *host_outcome_name(enum host_outcome outcome);

/* How a host's time was when its agent last told. */
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
	const char *where;  /* the step that failed, by name: "host key", "check" */
	struct error err;   /* why, when the outcome is bad */
	const char *remedy; /* what the operator can do about it; NULL: nothing is known */
	const char *note;   /* good to know though it went well; NULL: nothing */
	const char *ways[HOST_WAYS_MAX]; /* how it is reached, where that is not the usual way */
	size_t way_count;
	int64_t stepped_ns; /* the clock was stepped, since just before the action; 0: no */
	unsigned wave;      /* from 1; 0: nothing to do */
	struct arena arena; /* owns what follows */
	struct facts facts;
	const struct daemon_driver *driver; /* NULL: not known (yet), or not asked for */
	struct file_set files, agent_files;
	struct host_plan plan;
	int64_t before_boot_ns; /* CLOCK_BOOTTIME just before the action; 0: not told */
	struct host_time after;
	struct host_work *work; /* of host.c */
};

/* What a host should have: 0, or -1 with @err set. */
typedef int (*rollout_files)(void *ctx, const struct host *host, const struct daemon_driver *driver,
    struct arena *arena, struct file_set *set, struct error *err);

/* What a rollout is to do. */
enum rollout_kind {
	ROLLOUT_FILES,   /* give hosts the files they should have */
	ROLLOUT_RESTART, /* restart their daemons, files as they are */
	ROLLOUT_REFRESH, /* let their daemons look names up again that lead elsewhere now */
	ROLLOUT_UNLOCK,  /* break the locks of others: rollout_plan() does it */
};

struct rollout_request {
	enum rollout_kind kind;
	uv_loop_t *loop;
	struct transport *transport;
	const struct topology *topology;
	const struct host *const *hosts;
	size_t host_count;
	unsigned parallel; /* hosts at once */
	struct sudo *sudo; /* gives the password of hosts that want one; NULL: there is none */

	void *ctx;
	rollout_files files;       /* of the daemon; NULL: the agent alone */
	rollout_files agent_files; /* NULL: the agent is left alone */
	bool remove_agent;         /* take the agent away; the two above are NULL */
	const char *agent_program; /* its bytes; kept */
	size_t agent_program_len;
	bool disable_rivals; /* what else sets the clock */
	bool asks_access;    /* hosts are asked over NTP, too, what they answer */
	unsigned ntp_port;   /* 0: 123 */
	bool trust_sources;  /* those of the new files, where the rest of the site says otherwise */

	bool force_unlock; /* also of a change that lives: it is ended, and put back */

	/* Whether a host is restarted whatever its verdict is; NULL: none is. */
	bool (*forced)(void *ctx, const struct host *host);

	const char *holder; /* who does it: what others are told who find a host locked */
	const char *run;    /* the run's mark in the journal, which hosts remember; NULL: none */
	const char *top;    /* "" on hosts; tests have a folder that stands for "/" */
	/* A host is about to be touched: 0, or -1 with @err set, and it is not.  May be NULL. */
	int (*begun)(void *ctx, const struct rollout_host *host, struct error *err);
	/* A host has come further; may be NULL. */
	void (*progress)(void *ctx, const struct rollout_host *host);
};

struct rollout;

/* @request is copied; what it points to is kept until rollout_free(). */
struct rollout *rollout_new(const struct rollout_request *request);
void rollout_free(struct rollout *rollout);

/* Ask all hosts and plan; runs the loop until that is done. */
void rollout_plan(struct rollout *rollout);

/*
 * Carry out what rollout_plan() found, wave by wave; runs the loop until that is done.  Failures
 * of hosts that are as they were do not stop it; more than the site's max_failures others do.
 */
void rollout_apply(struct rollout *rollout);

/*
 * Ask all hosts again how they are, and keep what their agents told in `after`; runs the loop
 * until that is done.
 */
void rollout_look(struct rollout *rollout);

/* Begin not with host @index; @note says why, and is kept. */
void rollout_withhold(struct rollout *rollout, size_t index, const char *note);

/* What the agent of @host told rollout_look(), until the next one; NULL: nothing. */
const struct report *rollout_report(const struct rollout *rollout, const struct host *host);

/* Begin with none that is to be restarted: one of those was refused. */
void rollout_withhold_restarts(struct rollout *rollout);

/* Begin with no further host; those at work are finished.  From the loop. */
void rollout_stop(struct rollout *rollout);

const struct rollout_host *rollout_hosts(const struct rollout *rollout, size_t *count);
/* How many hosts have come out as @outcome. */
size_t rollout_count(const struct rollout *rollout, enum host_outcome outcome);
unsigned rollout_waves(const struct rollout *rollout);

#endif
