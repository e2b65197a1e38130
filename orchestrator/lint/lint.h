/* Is this site a good design?  Named rules say so, each with its source.  No I/O. */
#ifndef ORCHESTRATOR_LINT_LINT_H
#define ORCHESTRATOR_LINT_LINT_H

#include "common/diag.h"

struct topology;
struct lint;

/* Where a rule is judged: bits of lint_rule.where. */
enum {
	JUDGED_CHECK = 1 << 0, /* site.yaml, by `timetier check` */
	JUDGED_FILES = 1 << 1, /* the files that a host would get, by check and render */
	JUDGED_PLAN =
	    1 << 2, /* what a host tells of itself, and the files that it has, by plan and drift */
	JUDGED_PROBE = 1 << 3, /* what an upstream answers, by probe */
	JUDGED_AUDIT = 1 << 4, /* what a server answers to strangers, by audit */
};

struct lint_rule {
	const char *id;     /* "few-sources": in findings, in `accept`, in tests/lint/ */
	const char *number; /* "SRC001": `accept` takes this, too */
	const char *once;   /* the number that it had before; `accept` takes it for no rule */
	unsigned where;     /* bits of JUDGED_; 0: JUDGED_CHECK */
	enum severity severity;
	const char *summary; /* says what is right: "a tier has at least four sources" */
	const char *source;  /* the standard or document that asks for the rule */
	const char *remedy;  /* what to write in site.yaml instead */
	const char *why;     /* what happens otherwise, and to whom it happened; NULL: not told */
	const char *instead; /* a piece of site.yaml as it should be; NULL: the remedy says all */
	bool needs_all;      /* not run on a file with errors: it judges what is missing */
	void (*check)(struct lint *lint); /* NULL: it is not judged from site.yaml */
};

/* A place where rules are judged. */
struct lint_place {
	unsigned bit; /* of JUDGED_ */
	const char *name;
	const char *judges; /* by which command, from what */
};

#define LINT_PLACES 5
extern const struct lint_place lint_places[LINT_PLACES];

/* Whether @rule is judged at @place. */
bool lint_rule_is_judged(const struct lint_rule *rule, const struct lint_place *place);

/* The rules whose numbers begin alike: "SRC". */
struct lint_family {
	const char *prefix;
	const char *title; /* what they are about */
};

/* All families, in the order in which a reader wants them; a row without prefix ends them. */
extern const struct lint_family lint_families[];

/* Whether @rule is one of @family. */
bool lint_rule_is_of(const struct lint_rule *rule, const struct lint_family *family);

size_t lint_rule_count(void);

/* Rule number @index; rules of one family are neighbours.  NULL from lint_rule_count() on. */
const struct lint_rule *lint_rule_at(size_t index);

/*
 * Returns the rule with the id or number @name, or NULL.
 *
 * @meant: NULL, or set to the nearest id when there is no such rule (NULL: no id is near)
 */
const struct lint_rule *lint_rule_find(const char *name, const char **meant);

/* The rule that had the number @number before it went to another rule, or NULL. */
const struct lint_rule *lint_rule_once(const char *number);

/*
 * Run every rule; a finding of one rule stops no other rule.  A finding that the site accepts
 * becomes a note with the reason.  When loading found errors, rules that count sources skip each
 * tier and group whose list of sources may be incomplete, and rules with needs_all do not run.
 *
 * @topology: as topology_load() left it, whatever topology_load() returned
 * @now_ns: real time, for what the site accepts until a day
 * @diags: what loading found; the rules add findings, which borrow from @topology
 */
void lint_run(const struct topology *topology, int64_t now_ns, struct diags *diags);

/*
 * Whether the site accepts a finding of @rule on @on at @now_ns: for rules that are not judged from
 * site.yaml, whose judges ask here.
 *
 * @because: NULL, or set to the reason, which @topology owns
 */
bool lint_accepts(const struct topology *topology, const struct lint_rule *rule, const char *on,
    int64_t now_ns, const char **because);

/*
 * Why @line may be no line of `extra` for the daemon called @daemon: where the site says it
 * instead; or NULL: it may.
 */
const char *lint_extra_instead(const char *daemon, const char *line);

#endif
