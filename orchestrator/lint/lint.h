/* Is this site a good design?  Named rules, each with its source; knows no files and no hosts. */
#ifndef ORCHESTRATOR_LINT_LINT_H
#define ORCHESTRATOR_LINT_LINT_H

#include "common/diag.h"

struct topology;
struct lint;

struct lint_rule {
	const char *id;     /* "few-sources": in findings, in `accept`, tests/lint/<id>/ */
	const char *number; /* "SRC001": also understood by `accept` */
	enum severity severity;
	const char *summary; /* says what is right: "a tier has at least four sources" */
	const char *source;  /* standard or document that the rule stands on */
	const char *remedy;  /* what to write in site.yaml instead */
	bool needs_all;      /* whether it judges what is missing: then not in a file with errors */
	void (*check)(struct lint *lint);
};

size_t lint_rule_count(void);

/* Every rule once, by family; @index is below lint_rule_count(). */
const struct lint_rule *lint_rule_at(size_t index);

/*
 * The rule of that name or number, or NULL.
 *
 * @meant: NULL, or set to the name that is nearest when there is none (NULL: none is near)
 */
const struct lint_rule *lint_rule_find(const char *name, const char **meant);

/*
 * Run every rule; each runs whatever the others found.  What the site accepts becomes a note
 * with its reason.  Where loading found errors, what they touch is left out, and what only
 * seems to be missing because of them is not told.
 *
 * @topology: as topology_load() left it, whatever it returned
 * @diags: what loading found; findings are added, and borrow from @topology
 */
void lint_run(const struct topology *topology, struct diags *diags);

#endif
