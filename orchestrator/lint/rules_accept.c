/* ACC: are the entries of `accept` right?  These rules run last, when all findings are known. */
#include "orchestrator/lint/rule.h"

static const char *
on_of(const struct acceptance *acceptance)
{
	return acceptance->accept->on ? acceptance->accept->on : "the whole site";
}

static void
check_unknown_accept(struct lint *lint)
{
	for (size_t i = 0; i < lint->acceptance_count; i++) {
		const struct acceptance *acceptance = &lint->acceptances[i];
		const char *meant = NULL;

		if (acceptance->rule || !acceptance->accept->rule) {
			continue;
		}
		lint_rule_find(acceptance->accept->rule, &meant);
		if (meant) {
			lint_report(lint, on_of(acceptance), acceptance->accept->pos,
			    "no rule is called \"%s\"; did you mean \"%s\"?",
			    acceptance->accept->rule, meant);
		} else {
			lint_report(lint, on_of(acceptance), acceptance->accept->pos,
			    "no rule is called \"%s\"; `timetier rules` lists them",
			    acceptance->accept->rule);
		}
	}
}

static void
check_unused_accept(struct lint *lint)
{
	for (size_t i = 0; i < lint->acceptance_count; i++) {
		const struct acceptance *acceptance = &lint->acceptances[i];

		if (acceptance->rule && !acceptance->used) {
			lint_report(lint, on_of(acceptance), acceptance->accept->pos,
			    "rule %s has no finding on %s: there is nothing to accept",
			    acceptance->rule->id, on_of(acceptance));
		}
	}
}

const struct lint_rule rules_accept[] = {
	{ .id = "unknown-accept",
	    .number = "ACC001",
	    .severity = SEVERITY_ERROR,
	    .summary = "what is accepted is a rule",
	    .source = "site.yaml(5), accept",
	    .remedy = "write a name or number that `timetier rules` prints",
	    .check = check_unknown_accept },
	{ .id = "unused-accept",
	    .number = "ACC002",
	    .severity = SEVERITY_WARNING,
	    .summary =
		"an accepted finding is still there: a fault that was mended needs no excuse",
	    .source = "site.yaml(5), accept",
	    .remedy = "take the entry out, or correct the name in its `on`",
	    .needs_all = true,
	    .check = check_unused_accept },
	{ .id = NULL },
};
