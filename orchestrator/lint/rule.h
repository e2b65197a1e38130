/* What a rule works with: the site, facts that several rules need, and functions to report. */
#ifndef ORCHESTRATOR_LINT_RULE_H
#define ORCHESTRATOR_LINT_RULE_H

#include "orchestrator/graph/names.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/topology/topology.h"

struct service; /* orchestrator/catalogue/catalogue.h */

/* An entry of `accept`: the rule that it names, and whether this run needed the entry. */
struct acceptance {
	const struct lint_rule *rule; /* NULL: no rule has this name */
	const struct accept *accept;
	bool past; /* the day until which it holds is over */
	bool used; /* it is for a finding that is there */
};

/* What a tier inherits from its sources, and so from the tiers above it. */
struct tier_facts {
	bool settled;
	bool doubtful;    /* loading found an error in the tier or in one of its sources */
	bool smears;      /* smeared time reaches the tier */
	bool plain;       /* unsmeared time reaches the tier */
	unsigned stratum; /* the highest expected stratum of its sources; 0: not known */
	size_t cursor;    /* the next source that settle_tier() looks at */
};

/* One run.  Rules read this struct and call lint_report(); only the engine writes to it. */
struct lint {
	const struct topology *topology;
	int64_t now_ns;               /* real time */
	const struct lint_rule *rule; /* the one that is running */
	struct diags *diags;
	struct arena scratch;           /* freed when the run ends */
	const char **operators;         /* per upstream of the topology: who runs it */
	bool *upstream_doubts;          /* per upstream: loading found an error in the upstream */
	bool *group_doubts;             /* per client group: in it or in one of its sources */
	size_t *alike;                  /* per client group: the first one with the same sources */
	struct tier_facts *tiers;       /* per tier of the topology */
	struct acceptance *acceptances; /* sorted by rule, then by `on` */
	size_t acceptance_count;
};

/*
 * Report that the site breaks the running rule.
 *
 * @on:  the name of the tier, client group, upstream or host at fault: `accept` compares its `on`
 * @fmt: what is wrong, with names and numbers; lint_report() adds the severity and the rule
 */
void lint_report(struct lint *lint, const char *on, struct pos pos, const char *fmt, ...)
    PRINTF(4, 5);

/* As lint_report(), for something that is worth knowing but is not a fault. */
void lint_note(struct lint *lint, const char *on, struct pos pos, const char *fmt, ...)
    PRINTF(4, 5);

/* As lint_report(), where it is not certain that the rule is broken: a warning. */
void lint_warn(struct lint *lint, const char *on, struct pos pos, const char *fmt, ...)
    PRINTF(4, 5);

/*
 * The @on for a finding about @hosts: the first host for which the site accepts the running rule,
 * or else the first host.
 */
const char *lint_subject(struct lint *lint, const struct host *const *hosts, size_t count);

/* Fill lint->operators, lint->upstream_doubts, lint->group_doubts and lint->tiers. */
void facts_settle(struct lint *lint);

/*
 * Who runs @upstream: the declared operator, else its domain or network (of the pool: its name).
 * Compare without case.
 */
const char *upstream_operator(const struct lint *lint, const struct upstream *upstream);

/* How many sources of @list are servers of this site, and how many are upstreams. */
size_t count_servers(const struct source_list *list);
size_t count_upstreams(const struct source_list *list);

/* The operator with the most sources of @tier; the site itself runs its hardware clocks. */
struct operator_share {
	const char *name;
	size_t count; /* how many of the sources this operator runs */
};
struct operator_share largest_operator(struct lint *lint, const struct tier *tier);

/*
 * The smallest safe quorum of @tier: a majority of its sources.  Of five sources or more, three are
 * enough, if no operator runs three; otherwise one more than the largest operator runs, and never
 * more than a majority.
 */
struct quorum_need {
	unsigned count;
	const char *because_of; /* the operator whose share raises count; NULL: none does */
};
struct quorum_need quorum_needed(struct lint *lint, const struct tier *tier);

/*
 * Whether the daemon of @host has @feature.  "auto" may be any daemon that serves: true when one of
 * those has @feature.
 */
bool host_may_have(const struct host *host, unsigned feature);

/* Whether the daemon of @host is known (not "auto") and lacks @feature. */
bool host_lacks(const struct host *host, unsigned feature);

/* Whether the daemon of @host is "auto", and one that may be found there lacks @feature. */
bool host_may_lack(const struct host *host, unsigned feature);

/* Whether agents report or a monitor may ask, so that somebody sees what the servers do. */
bool site_is_watched(const struct topology *topology);

/* A list of names in the text of a finding: "a, b, c and 4 more". */
struct name_list {
	char text[256];
	size_t count;
};
void name_list_add(struct name_list *names, const char *name);
const char *name_list_text(struct name_list *names);

/* The families of rules: a file and a table each.  A row without id ends a table. */
extern const struct lint_rule rules_sources[];
extern const struct lint_rule rules_same[];
extern const struct lint_rule rules_network[];
extern const struct lint_rule rules_names[];
extern const struct lint_rule rules_watch[];
extern const struct lint_rule rules_address[];
extern const struct lint_rule rules_nts[];
extern const struct lint_rule rules_client[];
extern const struct lint_rule rules_clocks[];
extern const struct lint_rule rules_extra[];
extern const struct lint_rule rules_pool[];
extern const struct lint_rule rules_member[];
extern const struct lint_rule rules_leap[];
extern const struct lint_rule rules_poll[];
extern const struct lint_rule rules_restart[];
extern const struct lint_rule rules_access[];
extern const struct lint_rule rules_deny[];
extern const struct lint_rule rules_peering[];
extern const struct lint_rule rules_keys[];
extern const struct lint_rule rules_audit[];
extern const struct lint_rule rules_host[];
/* of rendered files; they stand in lint/files */
extern const struct lint_rule rules_files_start[];
extern const struct lint_rule rules_files_tier[];
extern const struct lint_rule rules_files_sources[];
extern const struct lint_rule rules_files_keys[];
extern const struct lint_rule rules_files_chrony[];
extern const struct lint_rule rules_files_restrict[];
extern const struct lint_rule rules_files_words[];
extern const struct lint_rule rules_probe[];
extern const struct lint_rule rules_accept[]; /* last: they see what the others used */

#endif
