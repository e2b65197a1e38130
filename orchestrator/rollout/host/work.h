/* What work.c and apply.c share of a host's work: theirs alone. */
#ifndef ORCHESTRATOR_ROLLOUT_HOST_WORK_H
#define ORCHESTRATOR_ROLLOUT_HOST_WORK_H

#include "orchestrator/rollout/facts/records.h"
#include "orchestrator/rollout/health/ask.h"
#include "orchestrator/rollout/health/gate.h"
#include "orchestrator/rollout/host/host.h"

#define HOST_STEP_NS (240 * NS_PER_S) /* of one step on a host: an upload, a restart */

/* What a run on a host is for. */
enum work_kind {
	WORK_PLAN,   /* facts, and the plan that follows */
	WORK_LOOK,   /* how the daemon is */
	WORK_APPLY,  /* carry the plan out */
	WORK_UNLOCK, /* break the lock of another */
};

/* When a host is asked what it answers. */
enum access_moment {
	ACCESS_BEFORE, /* the change */
	ACCESS_AFTER,
	ACCESS_MOMENTS, /* their number */
};

/* How far a run is on its way to be root's. */
enum root_phase {
	ROOT_OPEN,  /* it is, or no password is at stake */
	ROOT_WAITS, /* for its turn with the password */
	ROOT_ASKED, /* sudo was started */
	ROOT_GIVEN, /* and has asked, and was answered */
};

struct access_round {
	struct access_seen seen[ACCESS_SEEN_MAX];
	size_t count;
	bool over;
};

struct host_work {
	struct rollout_host *host;
	const struct host_owner *owner;
	struct link *link; /* NULL: none is open */
	struct link_target target;
	struct remote remote;
	struct records records;
	enum work_kind kind;
	bool over;       /* this run has ended, one way or the other */
	bool answered;   /* a record came: the script has started */
	uint64_t run_ms; /* by the loop's clock: when it was told to */
	bool kept;       /* the link has waited since the facts, and may be gone */

	bool begun; /* the host was told to begin: from here on it changes, or puts back */
	enum host_step until; /* where it was when it began to put back */

	/* of sudo with a password: sudo_work.c */
	enum root_phase root;
	bool wants_password;
	struct sudo_turn turn;
	struct buf said, printed; /* the ends of stderr and stdout, until root's shell is there */

	/* of the check, until it is asked about */
	struct error check_err;
	/* of the health */
	struct report before, now;
	bool has_before, has_now;
	struct gate gate;
	char active[32];
	char bad_line[256]; /* of the daemon's log; "" : none */
	char words[GATE_WORDS_BYTES];
	uint64_t action_ms; /* by the loop's clock: when the health began */

	/* of what it answers: access.c */
	struct ask *ask; /* NULL: none is at work */
	enum access_moment asking;
	struct access_round rounds[ACCESS_MOMENTS];
	struct site_clock heard[ACCESS_SEEN_MAX];
	char access_words[ACCESS_WORDS_BYTES]; /* what was wrong the last time */
	uint64_t asked_ms; /* by the loop's clock: the latest round after the change; 0: none */
	void (*then)(struct host_work *work); /* when the present round is over */
};

/* The host is at @step now. */
void work_move(struct host_work *work, enum host_step step);

/* This run is over. */
void work_end(struct host_work *work, enum host_outcome outcome);

/* The same, and @where it went wrong; the host's err says why. */
void work_fail(struct host_work *work, enum host_outcome outcome, const char *where);

/* Whether a restart that was asked for is safe; else the host's err, where and remedy say why. */
bool work_may_restart(struct host_work *work, const struct report *report);

void work_plan_input(const struct host_work *work, struct plan_input *input);

/* Begin to ask what the host answers before its change. */
void work_access_start(struct host_work *work);

/* Whether that is at work; then @then is called when it is over. */
bool work_access_waits(struct host_work *work, void (*then)(struct host_work *work));

/*
 * Ask what it answers now, unless that was just done or cannot be yet.
 *
 * Returns whether it was begun: @then is called when it is over.
 */
bool work_access_ask(struct host_work *work, void (*then)(struct host_work *work));

/* Judge that: work->words say what is wrong. */
enum gate_answer work_access_judge(struct host_work *work);

/* Ask nothing any more. */
void work_access_stop(struct host_work *work);

/* Good to know of how the host is reached. */
void work_note(struct host_work *work, const char *text);

/* The first record is there: what its login shell did before that is not ours to mend. */
void work_note_shell(struct host_work *work);

/* Whether the script has to wait for root's shell, with a password: it is begun by that. */
bool work_sudo_begin(struct host_work *work);

/* What came meanwhile on stderr, and on stdout: true: root's shell is there. */
void work_sudo_murmured(struct host_work *work, const char *bytes, size_t len);
bool work_sudo_output(struct host_work *work, const char *bytes, size_t len);

/* Whether the command has ended because of sudo: then that is dealt with. */
bool work_sudo_ended(struct host_work *work, int exit_status, const char *complaint);

void work_sudo_stop(struct host_work *work);

/* Take one record of apply.sh's unlock. */
void work_take_unlock(struct host_work *work, const struct record *record);

/* Take one record of apply.sh. */
void work_take_apply(struct host_work *work, const struct record *record);

#endif
