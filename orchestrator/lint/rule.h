/* What a rule works with: the site, facts that several rules need, and a way to report. */
#ifndef ORCHESTRATOR_LINT_RULE_H
#define ORCHESTRATOR_LINT_RULE_H

#include "orchestrator/lint/lint.h"
#include "orchestrator/topology/topology.h"

/* An entry of `accept`, with what the run made of it. */
struct acceptance {
	const struct lint_rule *rule; /* NULL: there is no such rule */
	const struct accept *accept;
	bool used; /* a finding was accepted by it */
};

/* What follows from the way the tiers stand above each other. */
struct tier_facts {
	bool settled;
	bool doubtful;    /* loading found an error in it, or in a source of it */
	bool smears;      /* time that is smeared reaches it */
	bool plain;       /* time that is not */
	unsigned stratum; /* the highest that a source of it is expected to have; 0: not known */
	size_t cursor;    /* of the walk that settles it */
};

/* One run.  Rules read it and call lint_report(); only the engine writes it. */
struct lint {
	const struct topology *topology;
	const struct lint_rule *rule; /* that is running */
	struct diags *diags;
	struct arena scratch;           /* ends with the run */
	const char **operators;         /* per upstream of the topology: who runs it */
	bool *upstream_doubts;          /* per upstream: loading found an error in it */
	bool *group_doubts;             /* per client group: in it, or in a source of it */
	struct tier_facts *tiers;       /* per tier of the topology */
	struct acceptance *acceptances; /* in the order of rules, then of `on` */
	size_t acceptance_count;
};

/*
 * Say that the rule that is running is broken.
 *
 * @on:  the name of the tier, client group or upstream at fault, or a host: what `accept` names
 * @fmt: what is wrong, with names and numbers; severity and rule are added
 */
void lint_report(struct lint *lint, const char *on, struct pos pos, const char *fmt, ...)
    PRINTF(4, 5);

/* The same for what is worth knowing and is no fault. */
void lint_note(struct lint *lint, const char *on, struct pos pos, const char *fmt, ...)
    PRINTF(4, 5);

/* One of the names of @hosts for which the running rule is accepted, else the first: an `on`. */
const char *lint_subject(struct lint *lint, const struct host *const *hosts, size_t count);

/* Find out what lint->operators, the doubts and lint->tiers hold. */
void facts_settle(struct lint *lint);

/* "2.debian.pool.ntp.org" and its like: whoever answers is a volunteer. */
bool upstream_is_pool(const struct upstream *upstream);

/* Whether it spreads leap seconds over a day: as declared, else as its name is known for. */
bool upstream_smears(const struct upstream *upstream);

/* Who runs it: as declared, else its domain or network.  Compare without case. */
const char *upstream_operator(const struct lint *lint, const struct upstream *upstream);

/* What of @list is of this site, and what from outside. */
size_t count_servers(const struct source_list *list);
size_t count_upstreams(const struct source_list *list);

/* The operator with the most sources of @list. */
struct operator_share {
	const char *name;
	size_t count; /* its sources */
};
struct operator_share largest_operator(struct lint *lint, const struct source_list *list);

/*
 * How many sources must agree before a server of @tier obeys, at least: a majority, or three
 * where at least five are declared, but more than one operator runs.
 */
struct quorum_need {
	unsigned count;
	const char *because_of; /* the operator that makes it so many; NULL: none does */
};
struct quorum_need quorum_needed(struct lint *lint, const struct tier *tier);

/* Whether the daemon of @host has @feature; "auto" may turn out to be any that serves. */
bool host_may_have(const struct host *host, unsigned feature);

/* Whether it is known to lack @feature. */
bool host_lacks(const struct host *host, unsigned feature);

/* Names for a finding: "a, b, c and 4 more". */
struct name_list {
	char text[256];
	size_t count;
};
void name_list_add(struct name_list *names, const char *name);
const char *name_list_text(struct name_list *names);

/* The families: one file each, its table ended by a row without id. */
extern const struct lint_rule rules_sources[];
extern const struct lint_rule rules_pool[];
extern const struct lint_rule rules_leap[];
extern const struct lint_rule rules_poll[];
extern const struct lint_rule rules_restart[];
extern const struct lint_rule rules_access[];
extern const struct lint_rule rules_peering[];
extern const struct lint_rule rules_keys[];
extern const struct lint_rule rules_accept[]; /* last: it judges what the others used */

#endif
