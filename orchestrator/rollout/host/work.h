/* The work on one host, shared by the files of this folder alone. */
#ifndef ORCHESTRATOR_ROLLOUT_HOST_WORK_H
#define ORCHESTRATOR_ROLLOUT_HOST_WORK_H

#include "orchestrator/rollout/facts/records.h"
#include "orchestrator/rollout/health/ask.h"
#include "orchestrator/rollout/health/gate.h"
#include "orchestrator/rollout/host/host.h"
#include "verdict/restart.h"

#define HOST_STEP_NS (240 * NS_PER_S) /* the most for one step on a host: an upload, a restart */

/* What a run of a command on a host is for. */
enum work_kind {
	WORK_PLAN,   /* ask for facts, and plan */
	WORK_LOOK,   /* ask for the daemon's state */
	WORK_APPLY,  /* carry the plan out */
	WORK_UNLOCK, /* break the lock of another */
	WORK_ERRAND, /* run a command of the agent */
};

/* What a host was told last; what it may say then is in apply.c. */
enum host_word {
	WORD_NONE,
	WORD_AWAITED, /* it asked, and waits for our word */
	WORD_BEGIN,
	WORD_STOP,
	WORD_AGAIN,
	WORD_KEEP,
	WORD_BACK,
	WORDS, /* their number */
};

/* When a host is asked what it answers. */
enum access_moment {
	ACCESS_BEFORE, /* before the change */
	ACCESS_AFTER,
	ACCESS_MOMENTS, /* their number */
};

/* How far a run is on its way to root's shell. */
enum root_phase {
	ROOT_OPEN,  /* root's shell is there, or no password is needed */
	ROOT_WAITS, /* it waits for its turn with the password */
	ROOT_ASKED, /* sudo was started */
	ROOT_GIVEN, /* sudo asked for the password, and got it */
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
	bool over;         /* this run has ended, one way or the other */
	bool answered;     /* a record came: the script has started */
	uint64_t run_ms;   /* by the loop's clock: when the command was sent */
	uint64_t begun_ms; /* likewise: when its script began to answer; 0: not yet */
	uint64_t end_ms;   /* by the loop's clock: when it must be over, whatever the host says */
	size_t murmured;   /* bytes of stderr so far */
	bool kept;         /* the link was kept open since the facts, and may be broken by now */

	bool gave; /* of an errand: the host was given the agent's program, or told that it gets
		      none */

	bool begun; /* the host was told to begin: from here on it changes, or puts back */
	enum host_word word;
	enum host_step until; /* the step at which it began to put back */

	/* how root is reached: sudo_work.c */
	enum remote_root by;
	enum root_phase root;
	struct sudo_turn turn;
	struct buf said, printed; /* the ends of stderr and stdout, until root's shell is there */
	char sudo_said[300];      /* why a password is asked for */
	char whose[64];           /* the password that sudo asks for */
	unsigned questions;       /* how often what sudo said looked like another question */

	/* what was wrong with the check, and what the new sources say, until apply.sh asks whether
	 * to begin */
	struct error check_err;
	struct restart_source measured[RESTART_SOURCES_MAX];
	size_t measured_count;
	/* the health */
	struct report before, now;
	bool has_before, has_now;
	struct gate gate;
	char active[32];
	char bad_line[256]; /* of the daemon's log; "" : none */
	char words[GATE_WORDS_BYTES];
	uint64_t action_ms; /* by the loop's clock: when the step "health" began */

	/* what the host answers over NTP: access.c */
	struct ask *ask; /* the present round; NULL: none is at work */
	enum access_moment asking;
	struct access_round rounds[ACCESS_MOMENTS];
	struct site_clock heard[ACCESS_SEEN_MAX];
	char access_words[ACCESS_WORDS_BYTES]; /* what was wrong the last time */
	uint64_t asked_ms; /* by the loop's clock: the latest round after the change; 0: none */
	void (*then)(struct host_work *work); /* called when the present round is over */
};

/* The host is at @step now. */
void work_move(struct host_work *work, enum host_step step);

/* Bounds on what a host may do: bounds.c. */
#define WORK_MURMUR_BYTES_MAX (1u << 20) /* of stderr */

/* Whether a link that failed was broken since the facts: then the host is dialled once more. */
bool work_may_reconnect(const struct host_work *work);

/* For the first step of the command. */
int64_t work_step_ns(const struct host_work *work);

/* The script is sent: its whole time begins. */
void work_begin_time(struct host_work *work);

/* How much the host may send as records. */
size_t work_bytes_max(const struct host_work *work);

/* Give the command @timeout_ns from now, or what is left until its end. */
void work_extend(struct host_work *work, int64_t timeout_ns);

/* End this run: the host said what nobody may say there. */
void work_break(struct host_work *work, const char *name);

/* End this run with @outcome. */
void work_end(struct host_work *work, enum host_outcome outcome);

/* The same, and note @where it went wrong; the host's err says why. */
void work_fail(struct host_work *work, enum host_outcome outcome, const char *where);

/*
 * Whether the plan may go on: false when it is a restart that was asked for and is not safe.  Then
 * the host's err, where and remedy say why.
 */
bool work_may_restart(struct host_work *work, const struct report *report);

/*
 * Whether the restart that a change of files asks for may be made, judged anew by what the host
 * says now: false likewise.
 *
 * @before: its daemon's state; NULL: nobody could tell
 */
bool work_may_change(
    struct host_work *work, const struct plan_input *input, const struct report *before);

void work_plan_input(const struct host_work *work, struct plan_input *input);

/* Begin to ask what the host answers before its change. */
void work_access_start(struct host_work *work);

/* Whether a round of those questions is at work; @then is called when it is over. */
bool work_access_waits(struct host_work *work, void (*then)(struct host_work *work));

/*
 * Ask what the host answers now, unless a round was just done, or it is too soon for another.
 *
 * Returns whether a round was begun: @then is called when it is over.
 */
bool work_access_ask(struct host_work *work, void (*then)(struct host_work *work));

/* Judge the answers of that round; work->words say what is wrong. */
enum gate_answer work_access_judge(struct host_work *work);

/* End the round that is at work. */
void work_access_stop(struct host_work *work);

/* Note once how the host is reached. */
void work_note(struct host_work *work, const char *text);

/* Note if the login shell was slow before the script began, or printed something. */
void work_note_shell(struct host_work *work);

/*
 * What the command said before it ended, in one line: on stdout before the first record, as a
 * login shell or another command in its place does, and @complaint, its stderr.
 */
void work_last_words(const struct host_work *work, const char *complaint, char *out, size_t size);

/* Run the command, as root is reached now, and give it its script. */
void work_run(struct host_work *work);

/* Choose how root is reached, once for each host. */
void work_sudo_choose(struct host_work *work);

/*
 * Wait for the turn with the password, if the host wants one.  Returns whether the script waits for
 * root's shell.
 */
bool work_sudo_begin(struct host_work *work);

/* Take what came on stderr, or on stdout, meanwhile.  Returns true when root's shell is there. */
void work_sudo_murmured(struct host_work *work, const char *bytes, size_t len);
bool work_sudo_output(struct host_work *work, const char *bytes, size_t len);

/* Whether sudo ended the command: then the host has failed, or is tried with a password. */
bool work_sudo_ended(struct host_work *work, int exit_status, const char *complaint);

/* Whether the link failed while sudo was to ask and be answered; then the host's err says so. */
bool work_sudo_failed(struct host_work *work);

void work_sudo_stop(struct host_work *work);

/* Take one record of apply.sh's unlock. */
void work_take_unlock(struct host_work *work, const struct record *record);

/* Take one record of errand.sh. */
#define ERRAND_REMEDY "`timetier agent install` puts the present agent there"
void work_take_errand(struct host_work *work, const struct record *record);

/* The first word of the @index-th kind of record of apply.sh; NULL: there are no more. */
const char *work_apply_verb(size_t index);

/* Take one record of apply.sh. */
void work_take_apply(struct host_work *work, const struct record *record);

#endif
