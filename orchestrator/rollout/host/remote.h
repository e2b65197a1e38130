/* Builds the commands that a rollout runs on hosts, and their stdin.  This file does no I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_HOST_REMOTE_H
#define ORCHESTRATOR_ROLLOUT_HOST_REMOTE_H

#include "orchestrator/rollout/plan/plan.h"

/* A script of remote/ as one command, and what it gets on stdin; zero-initialised. */
struct remote {
	struct buf command;
	size_t script_len; /* so much of head is the script */
	struct buf head;   /* stdin: this, */
	const char *blob;  /* then this (the agent's program; borrowed), */
	size_t blob_len;
	struct buf tail; /* then this */
};

void remote_done(struct remote *remote);

/* The prompt of sudo for the password, and what the shell prints that sudo starts. */
#define REMOTE_SUDO_PROMPT "timetier-asks-for-the-password-of-sudo:"
#define REMOTE_SUDO_READY "timetier-is-root\n"

/*
 * Write to @line the command of @remote for a host where sudo wants a password.  The caller sends
 * the password when it sees REMOTE_SUDO_PROMPT on stderr, and the stdin of @remote when it sees
 * REMOTE_SUDO_READY on stdout.
 */
void remote_with_password(const struct remote *remote, struct buf *line);

/* What is the same for all hosts. */
struct remote_settings {
	const char *top;    /* "" on hosts; a folder that stands for "/", in tests */
	const char *holder; /* who makes the change; others are told who find the host locked */
	const char *run;    /* the mark of the run: letters, digits and dots; "": none */
	const char *agent_program;
	size_t agent_program_len;
	unsigned wait_s;    /* how long a host waits for our next word before it puts back */
	unsigned confirm_s; /* how long until a change is confirmed, or put back */
};

/* The command that asks for facts; @fresh: the agent measures its sources for its verdict first. */
void remote_facts(
    struct remote *remote, const struct remote_settings *settings, bool sudo, bool fresh);

/* The command that asks for the daemon's state alone. */
void remote_look(struct remote *remote, const struct remote_settings *settings, bool sudo);

/*
 * The command that carries out @plan.
 *
 * Returns 0, or -1 with @err set: a word of @plan is not safe in a shell command.
 */
int remote_apply(struct remote *remote, const struct remote_settings *settings, bool sudo,
    const struct plan_input *input, const struct host_plan *plan, struct error *err) MUST_CHECK;

/* The command that takes the agent away; of @plan it uses only the manifest. */
int remote_remove_agent(struct remote *remote, const struct remote_settings *settings, bool sudo,
    const struct host_plan *plan, struct error *err) MUST_CHECK;

/* The command that breaks the lock of a host; @force: also a lock that is still held. */
void remote_unlock(
    struct remote *remote, const struct remote_settings *settings, bool sudo, bool force);

#endif
