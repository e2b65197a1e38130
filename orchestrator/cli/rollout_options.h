/* The options of the commands that work on hosts: one struct and one table, whose rows say which
 * commands take them. */
#ifndef ORCHESTRATOR_CLI_ROLLOUT_OPTIONS_H
#define ORCHESTRATOR_CLI_ROLLOUT_OPTIONS_H

#include "orchestrator/cli/command.h"

/* A bit for each such command: in its `takes`, and in `takers` of the rows that it takes. */
enum rollout_taker {
	TAKER_PLAN = 1 << 0,
	TAKER_APPLY = 1 << 1,
	TAKER_RESTART = 1 << 2,
	TAKER_REFRESH = 1 << 3,
	TAKER_AGENT = 1 << 4,
	TAKER_DRIFT = 1 << 8,
	TAKER_KEYS = 1 << 5,
	TAKER_ROLLBACK = 1 << 6,
	TAKER_UNLOCK = 1 << 10,
	TAKER_PRUNE = 1 << 11,
	TAKER_INSTALL = 1 << 12, /* of agents, beside TAKER_AGENT */
	TAKER_PROBE = 1 << 13,
	TAKER_AUDIT = 1 << 14,
	TAKER_CLIENTS = 1 << 15,
	TAKER_ABUSE = 1 << 16,
	TAKER_IMPORT = 1 << 20,
	TAKER_DOCTOR = 1 << 21,
	TAKER_RELEASE = 1 << 22,
};

struct rollout_options {
	struct common_options common;
	const char *limit[OPTION_LIST_MAX + 1]; /* only these hosts, groups, tiers; ended by NULL */
	const char *exclude[OPTION_LIST_MAX + 1]; /* and not these; ended by NULL */
	bool skip_unreachable;                    /* hosts that are not reached are left out */
	const char *output;                       /* where the plan is saved; NULL: nowhere */
	/* how hosts are reached */
	const char *known_hosts;
	bool accept_new;
	unsigned parallel;
	const char *sudo_password_file;
	/* what hosts should have */
	const char *agent, *templates, *state;
	bool no_agent, disable_rivals, trust_sources;
	bool new_identity; /* also hosts that trust another collector get the agent.conf of this */
	bool install;      /* the package of a declared daemon that is not there */
	bool yes;          /* the operator is not asked */
	/* how a restart is done */
	const char *force[OPTION_LIST_MAX + 1]; /* hosts; ended by NULL; also for rollback */
	bool prove;
	bool check;
	bool resume;
	bool back; /* keys rotate: go back to the old keys */
	bool force_unlock;
	bool purge, forget; /* release: what was before comes back; the host is gone for good */
	/* from where, and how, servers are asked */
	const char *from; /* a host of the site, for audit also user@host; NULL: from here */
	bool watch;
	unsigned samples; /* of each; 0: as many as usual */
	bool spoof;
	bool verify;    /* look at the proofs of membership in the public pool */
	const char *as; /* the host whose address packets bear; NULL: none are sent */
	/* clients, abuse */
	unsigned top, seconds;
	const char *deny, *because, *until, *to;
	bool whois;
	const char *name; /* import: of the site */
};

/* The rows of all these options: every such command has this table as its `options`. */
extern const struct option_row rollout_option_rows[];

/* How many hosts are worked on at once: as --parallel says, or the default. */
unsigned rollout_parallel(const struct rollout_options *options);

#endif
