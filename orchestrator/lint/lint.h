/* Is this site a good design?  Named rules say so, each with its source.  No I/O. */
#ifndef ORCHESTRATOR_LINT_LINT_H
#define ORCHESTRATOR_LINT_LINT_H

#include "common/diag.h"

struct topology;
struct lint;

struct lint_rule {
	const char *id;     /* "few-sources": in findings, in `accept`, in tests/lint/ */
	const char *number; /* "SRC001": `accept` takes this, too */
	enum severity severity;
	const char *summary; /* says what is right: "a tier has at least four sources" */
	const char *source;  /* the standard or document that asks for the rule */
	const char *remedy;  /* what to write in site.yaml instead */
	bool needs_all;      /* not run on a file with errors: it judges what is missing */
	void (*check)(struct lint *lint);
};

size_t lint_rule_count(void);

/* Rule number @index; rules of one family are neighbours.  NULL from lint_rule_count() on. */
const struct lint_rule *lint_rule_at(size_t index);

/*
 * Returns the rule with the id or number @name, or NULL.
 *
 * @meant: NULL, or set to the nearest id when there is no such rule (NULL: no id is near)
 */
const struct lint_rule *lint_rule_find(const char *name, const char **meant);

/*
 * Run every rule; a finding of one rule stops no other rule.  A finding that the site accepts
 * becomes a note with the reason.  When loading found errors, rules that count sources skip each
 * tier and group whose list of sources may be incomplete, and rules with needs_all do not run.
 *
 * @topology: as topology_load() left it, whatever topology_load() returned
 * @diags: what loading found; the rules add findings, which borrow from @topology
 */
void lint_run(const struct topology *topology, struct diags *diags);

#endif
