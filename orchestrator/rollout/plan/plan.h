/*
 * Plans what has to be done on one host: compares its facts with the files that it should have.
 * No I/O: the caller hands in facts and files.
 */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_PLAN_H
#define ORCHESTRATOR_ROLLOUT_PLAN_PLAN_H

#include "orchestrator/rollout/facts/driver.h"
#include "verdict/report.h"

struct advice;
struct plan_lost;

enum change_kind {
	CHANGE_NEW,     /* the file is not there yet */
	CHANGE_CONTENT, /* its content differs, and perhaps its mode or owner */
	CHANGE_MODE,    /* only its mode or owner differs */
	CHANGE_GONE,    /* it is there, and should not be */
};

const char *change_kind_name(enum change_kind kind);

/* Who made a file differ from what it should be, judged by the manifest of the host. */
enum change_origin {
	ORIGIN_UNKNOWN, /* timetier did not put it there, or the host has no manifest */
	ORIGIN_SITE,    /* the site wants something new */
	ORIGIN_HAND,    /* somebody changed it on the host; the site wants the same as before */
	ORIGIN_BOTH,
};

const char *change_origin_name(enum change_origin origin);

struct file_change {
	const struct file_entry *entry;
	enum change_kind kind;
	enum change_origin origin;
	bool comments_only; /* the daemon would not notice the change */
	bool of_agent;
	const char *diff; /* hunks (diff.h); "" for a secret file, or when only the mode differs */
	const char *mode_text; /* "0644 root:root to 0640 root:_chrony"; "" when that is right */
};

/* Something that is not as timetier left it. */
struct hand_change {
	const char *what; /* a path or a unit */
	const char *how;  /* "was changed", "does not run" */
	const struct file_change
	    *change; /* of a file: the change that undoes it; NULL: a unit or program */
};

#define PLAN_REASONS_MAX 16
#define PLAN_HAND_MAX 24

struct host_plan {
	struct file_change *changes;
	size_t change_count;
	/* the daemon */
	bool restart, rekey, reload_sources; /* with restart, the others are false */
	bool reload_units;                   /* systemd must read its units again */
	bool enable;                         /* its unit is enabled at boot */
	bool first_set_enable;               /* the first-set unit is enabled at boot */
	bool first_set_disable;              /* the first-set unit is disabled: its file goes */
	bool first_set_stop; /* it waits for a quorum still, and is stopped: its file goes */
	bool good_stop;      /* the timer that keeps the last good time: its file goes */
	bool verify_begin;   /* the socket that proves membership of the pool is opened, or anew */
	bool verify_end;     /* it is closed: its files go */
	bool refresh;        /* names are looked up again by the running daemon */
	bool asked; /* by the operator, not by a change of files: there is nothing to put back */
	struct rival rivals[FACT_RIVALS_MAX]; /* what else sets the clock, and is disabled first */
	size_t rival_count;
	/* it gives way to the declared daemon, and is among the rivals; NULL: this is no migration
	 */
	const struct daemon_driver *leaves;
	/* the agent */
	bool agent_upload, agent_restart, agent_enable;
	bool agent_begins;  /* with agent_restart: it does not run yet */
	bool agent_remove;  /* it is taken away, and nothing else is done */
	bool releases;      /* with agent_remove: all else that is timetier's goes, too */
	bool keeps_program; /* with agent_remove: its program stays, which sets the clock at boot */
	bool listed;        /* the host has a manifest of what timetier put there */
	struct hand_change hand[PLAN_HAND_MAX];
	size_t hand_count;
	struct file_entry manifest; /* the new manifest (manifest.h); path NULL: it stays */
	const char *reasons[PLAN_REASONS_MAX];
	size_t reason_count;
	const char *notes[PLAN_REASONS_MAX]; /* what else the operator should know */
	size_t note_count;
	const struct advice *advice; /* rules of design that the host breaks (advice.h) */
	size_t advice_count;
	const struct plan_lost *lost; /* what it takes away, unreplaced (advice/lost.h) */
	size_t lost_count;
	const struct stale_name *names; /* that the daemon must look up again */
	size_t name_count;
	bool judged;   /* the daemon is restarted: verdict is filled */
	bool measures; /* the servers of its new configuration are asked first, by the host's agent:
			  its start may step the clock, and the daemon itself may follow nobody */
	struct verdict verdict;
};

struct plan_input {
	const struct facts *facts;
	const struct daemon_driver *driver;  /* NULL: the agent alone */
	const struct file_set *files;        /* of the daemon */
	const struct file_set *agent_files;  /* NULL: the agent is left alone */
	const struct agent_program *program; /* with these bytes; NULL: none */
	const char *agent_hash;              /* SHA-256 in hex of the agent that should be there */
	const char *agent_unfit; /* why no program of the agent runs there; NULL: nothing */
	bool disable_rivals;     /* the operator wants it */
	bool declared;           /* site.yaml names the daemon: another one that runs gives way */
};

/*
 * Fill @plan, with memory of @arena.  It points into @input's files and facts.
 *
 * Returns 0, or -1 with @err set: the host cannot be worked on (no systemd, another program
 * sets its clock, a link or folder stands where a file should).
 */
int plan_host(const struct plan_input *input, struct arena *arena, struct host_plan *plan,
    struct error *err) MUST_CHECK;

/* The change of the file at @path; NULL: it does not change. */
const struct file_change *plan_change(const struct host_plan *plan, const char *path);

/* Whether there is nothing to do. */
bool plan_is_empty(const struct host_plan *plan);

/* The most disruptive thing that happens to the daemon. */
enum file_action plan_action(const struct host_plan *plan);

/*
 * Judge what a restart into the new configuration would do to the clock.
 *
 * @report: the present state of the daemon; NULL: nobody could ask it
 */
void plan_judge(
    const struct plan_input *input, const struct report *report, struct verdict *verdict);

/* Whether no start with the new configuration can step the clock, whatever its offset is. */
bool plan_never_steps(const struct plan_input *input);

/* How the daemon would act at a start with its new configuration. */
void plan_policy(const struct plan_input *input, struct restart_policy *policy);

/*
 * Whether a start may step the clock although the daemon follows nobody who tells by how much: then
 * the servers of the new configuration are measured first.
 */
bool plan_must_measure(const struct plan_input *input);

/*
 * The same as plan_judge() by what the host's agent measured of the servers of the new
 * configuration, whomever the daemon follows.
 *
 * @sources: array of @count; none: nobody answered
 */
void plan_judge_measured(const struct plan_input *input, const struct restart_source *sources,
    size_t count, const struct report *report, struct verdict *verdict);

/*
 * Whether @verdict forbids the restart.  It does when the restart would step the clock, or the
 * daemon would exit.  An unknown verdict forbids it when the new configuration may step and the
 * daemon follows a source at present, or steps at will.  When another one follows none, nothing can
 * be known, and a client's first start may set its clock.
 */
bool plan_forbids(
    const struct plan_input *input, const struct report *report, const struct verdict *verdict);

#endif
