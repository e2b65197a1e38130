/* What plan, apply and agent have in common: the site, what its hosts should have, a way to
 * reach them, and the rollout over all that. */
#ifndef ORCHESTRATOR_COMMANDS_ROLLOUT_JOB_H
#define ORCHESTRATOR_COMMANDS_ROLLOUT_JOB_H

#include "orchestrator/commands/progress.h"
#include "orchestrator/commands/site.h"
#include "orchestrator/identity/identity.h"
#include "orchestrator/render/render.h"
#include "orchestrator/rollout/rollout.h"

/* Their options; each command has these rows after the common ones, or the first three alone. */
struct rollout_options {
	const char *known_hosts, *templates, *state, *agent;
	bool accept_new, no_agent, disable_rivals;
	unsigned parallel;
};

#define REACH_OPTION_ROWS(type)                                                                    \
	{ "known-hosts", 0, OPTION_TEXT, offsetof(type, rollout.known_hosts), "FILE",              \
		"keys of hosts (default: ~/.ssh/known_hosts and the system's)" },                  \
	    { "accept-new", 0, OPTION_FLAG, offsetof(type, rollout.accept_new), NULL,              \
		    "remember the key of a host that is not known" },                              \
	{                                                                                          \
		"parallel", 'p', OPTION_COUNT, offsetof(type, rollout.parallel), "N",              \
		    "hosts at once (default: 32)"                                                  \
	}

#define ROLLOUT_OPTION_ROWS(type)                                                                  \
	REACH_OPTION_ROWS(type),                                                                   \
	    { "agent", 0, OPTION_TEXT, offsetof(type, rollout.agent), "FILE",                      \
		    "the agent's program (default: beside this one)" },                            \
	    { "templates", 0, OPTION_TEXT, offsetof(type, rollout.templates), "DIR",               \
		    "templates that override the built-in ones" },                                 \
	{                                                                                          \
		"state", 0, OPTION_TEXT, offsetof(type, rollout.state), "DIR",                     \
		    "identity (default: .timetier beside the site)"                                \
	}

/* What a job is to be done with. */
enum job_part {
	JOB_DAEMON = 1 << 0,
	JOB_AGENT = 1 << 1,
	JOB_REMOVE_AGENT = 1 << 2,
	JOB_RESTART = 1 << 3, /* of the daemons; alone */
	JOB_REFRESH = 1 << 4, /* of names; alone */
};

struct rollout_job {
	const char *command; /* "plan": for the words of errors */
	const struct common_options *common;
	const struct rollout_options *options;
	struct topology topology;
	struct render *render;
	struct identity identity;
	bool has_identity;
	struct buf program; /* the agent's */
	uv_loop_t loop;
	bool has_loop;
	uv_signal_t interrupt;
	struct transport *transport;
	struct rollout *rollout;
	struct progress progress;
	char holder[320];
	bool interrupted;
	const char *const *force; /* names of hosts that are restarted whatever the verdict is */
};

/*
 * Get everything ready; what is wrong has been told on stderr.  @job begins with its first
 * three members set, the rest zero.
 *
 * @parts: of enum job_part
 * Returns 0 or -1; the caller ends it with rollout_job_done() either way.
 */
int rollout_job_start(struct rollout_job *job, unsigned parts, int argc, char **argv) MUST_CHECK;

void rollout_job_done(struct rollout_job *job);

/* One line on stderr for each host that failed; returns how many. */
size_t rollout_job_print_failures(const struct rollout_job *job);

/* Carry out what was planned, with Ctrl-C heeded; the exit status that it amounts to. */
int rollout_job_apply(struct rollout_job *job);

/* Let @ms pass; false: the operator has had enough. */
bool rollout_job_pause(struct rollout_job *job, uint64_t ms);

#endif
