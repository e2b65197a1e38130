/* The commands that a rollout runs on hosts, and what they read.  Pure. */
#ifndef ORCHESTRATOR_ROLLOUT_HOST_REMOTE_H
#define ORCHESTRATOR_ROLLOUT_HOST_REMOTE_H

#include "orchestrator/rollout/plan/plan.h"

/* A script of remote/ as one command, and what it gets on stdin; zero-initialised. */
struct remote {
	struct buf command;
	size_t script_len; /* the script's part of head */
	struct buf head;   /* stdin: this, */
	const char *blob;  /* then this (the agent's program; borrowed), */
	size_t blob_len;
	struct buf tail; /* then this */
};

void remote_done(struct remote *remote);

/* What sudo asks for the password by, and what the shell says that it then starts. */
#define REMOTE_SUDO_PROMPT "timetier-asks-for-the-password-of-sudo:"
#define REMOTE_SUDO_READY "timetier-is-root\n"

/*
 * The same command for a host where sudo wants a password: that goes when REMOTE_SUDO_PROMPT was
 * seen on stderr, and what is in head not before REMOTE_SUDO_READY on stdout.
 */
void remote_with_password(const struct remote *remote, struct buf *line);

/* What is the same for all hosts. */
struct remote_settings {
	const char *top;    /* "" on hosts; a folder that stands for "/", in tests */
	const char *holder; /* who does it, for the words of a lock */
	const char *run;    /* its mark: letters, digits and dots; "": none */
	const char *agent_program;
	size_t agent_program_len;
	unsigned wait_s;    /* how long a host waits for our next word before it puts back */
	unsigned confirm_s; /* how long until a change is confirmed, or put back */
};

/* The command that asks for facts; @fresh: with a verdict on measurements of now. */
void remote_facts(
    struct remote *remote, const struct remote_settings *settings, bool sudo, bool fresh);

/* The command that asks how the daemon is, and nothing else. */
void remote_look(struct remote *remote, const struct remote_settings *settings, bool sudo);

/*
 * The command that carries out @plan.
 *
 * Returns 0, or -1 with @err set: a word of it is not fit for a command line.
 */
int remote_apply(struct remote *remote, const struct remote_settings *settings, bool sudo,
    const struct plan_input *input, const struct host_plan *plan, struct error *err) MUST_CHECK;

/* The command that takes the agent away; of @plan the manifest alone counts. */
int remote_remove_agent(struct remote *remote, const struct remote_settings *settings, bool sudo,
    const struct host_plan *plan, struct error *err) MUST_CHECK;

/* The command that breaks the lock of a host, with @force a live one, too. */
void remote_unlock(
    struct remote *remote, const struct remote_settings *settings, bool sudo, bool force);

#endif
