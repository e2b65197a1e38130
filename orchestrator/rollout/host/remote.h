/* Builds the commands that a rollout runs on hosts, and their stdin.  This file does no I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_HOST_REMOTE_H
#define ORCHESTRATOR_ROLLOUT_HOST_REMOTE_H

#include "orchestrator/rollout/plan/plan.h"
#include "orchestrator/topology/topology.h"

struct errand;

/* A script of remote/ as one command, and what it gets on stdin; zero-initialised. */
struct remote {
	size_t script_len; /* so much of head is the script */
	struct buf head;   /* stdin: this, */
	const char *blob;  /* then this (the agent's program; borrowed), */
	size_t blob_len;
	struct buf tail; /* then this */
};

void remote_done(struct remote *remote);

/* By what a command becomes root's. */
enum remote_root {
	REMOTE_LOGIN, /* the login is root's */
	REMOTE_SUDO,  /* sudo, which asks for nothing */
	REMOTE_SUDO_PASSWORD,
	REMOTE_DOAS, /* doas, where there is no sudo; it takes no password from us */
};

/*
 * The prompt of sudo for the password is REMOTE_PROMPT_START, whose password it is, and
 * REMOTE_PROMPT_END; the other is what the shell prints that sudo starts.
 */
#define REMOTE_PROMPT_START "timetier-asks-for-the-password-of-"
#define REMOTE_PROMPT_END "-for-sudo:"
#define REMOTE_SUDO_READY "timetier-is-root\n"

/*
 * Write to @line the command of @remote.  With REMOTE_SUDO_PASSWORD the caller sends the password
 * when it sees the prompt on stderr, and the stdin of @remote when it sees REMOTE_SUDO_READY on
 * stdout.
 */
void remote_line(const struct remote *remote, enum remote_root root, struct buf *line);

/* What is the same for all hosts. */
struct remote_settings {
	const char *top;    /* "" on hosts; a folder that stands for "/", in tests */
	const char *holder; /* who makes the change; others are told who find the host locked */
	const char *run;    /* the mark of the run: letters, digits and dots; "": none */
	unsigned wait_s;    /* how long a host waits for our next word before it puts back */
	unsigned confirm_s; /* how long until a change is confirmed, or put back */
};

/*
 * How long a host waits for its change to be confirmed, in s: as long as the gate does, plus the
 * time that its commands may take.
 *
 * @plan: NULL: the agent is taken away
 */
unsigned remote_guard_s(const struct remote_settings *settings, const struct host_plan *plan);

/*
 * The command that asks @host for facts; @fresh: the agent measures its sources for its verdict
 * first.
 */
void remote_facts(struct remote *remote, const struct remote_settings *settings,
    const struct host *host, bool fresh);

/* The command that asks for the daemon's state alone. */
void remote_look(struct remote *remote, const struct remote_settings *settings);

/*
 * The command that carries out @plan.
 *
 * Returns 0, or -1 with @err set: a word of @plan is not safe in a shell command.
 */
int remote_apply(struct remote *remote, const struct remote_settings *settings,
    const struct plan_input *input, const struct host_plan *plan, struct error *err) MUST_CHECK;

/* The command that takes the agent away; of @plan it uses only the manifest. */
int remote_remove_agent(struct remote *remote, const struct remote_settings *settings,
    const struct facts *facts, const struct host_plan *plan, struct error *err) MUST_CHECK;

/*
 * The command that runs a command of the agent.
 *
 * @errand: its input is borrowed until the command has ended
 * Returns 0, or -1 with @err set: a word of @errand is not safe in a shell command.
 */
int remote_errand(struct remote *remote, const struct remote_settings *settings,
    const struct errand *errand, struct error *err) MUST_CHECK;

/* The command that breaks the lock of a host; @force: also a lock that is still held. */
void remote_unlock(struct remote *remote, const struct remote_settings *settings, bool force);

#endif
