/* ACC: are the entries of `accept` right?  These rules run last, when all findings are known. */
#include "common/clock.h"
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
		const struct lint_rule *once, *now;
		const char *meant = NULL;

		if (acceptance->rule || !acceptance->accept->rule) {
			continue;
		}
		once = lint_rule_once(acceptance->accept->rule);
		now = lint_rule_find(acceptance->accept->rule, &meant);
		if (once) {
			lint_report(lint, on_of(acceptance), acceptance->accept->pos,
			    "%s was %s, which is %s now%s%s: write the name of the rule that is "
			    "meant",
			    once->once, once->id, once->number, now ? ", and is " : "",
			    now ? now->id : "");
		} else if (meant) {
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

/* Whether site.yaml alone says all that @rule can find. */
static bool
judged_here(const struct lint_rule *rule)
{
	return (rule->where & ~(unsigned)JUDGED_CHECK) == 0;
}

/* The day before @until_ns, which is the last one that counts: "2027-06-30". */
static const char *
last_day(int64_t until_ns, char day[CLOCK_DAY_BYTES])
{
	clock_day(until_ns - NS_PER_S, day);
	return day;
}

static void
check_past_accept(struct lint *lint)
{
	for (size_t i = 0; i < lint->acceptance_count; i++) {
		const struct acceptance *acceptance = &lint->acceptances[i];
		char day[CLOCK_DAY_BYTES];

		if (acceptance->rule && acceptance->past &&
		    (acceptance->used || !judged_here(acceptance->rule))) {
			lint_report(lint, on_of(acceptance), acceptance->accept->pos,
			    "rule %s was accepted on %s until %s, which is past: its findings "
			    "count again",
			    acceptance->rule->id, on_of(acceptance),
			    last_day(acceptance->accept->until_ns, day));
		}
	}
}

static void
check_unused_accept(struct lint *lint)
{
	for (size_t i = 0; i < lint->acceptance_count; i++) {
		const struct acceptance *acceptance = &lint->acceptances[i];

		if (acceptance->rule && !acceptance->used && judged_here(acceptance->rule)) {
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
	    .why = "An entry that names no rule accepts nothing: the finding is still there, "
		   "and somebody believes that it has been dealt with.",
	    .instead = "accept:\n"
		       "  - {rule: source-count, on: core, because: \"the eleventh is the new one, "
		       "until March\"}",
	    .check = check_unknown_accept },
	{ .id = "unused-accept",
	    .number = "ACC002",
	    .severity = SEVERITY_WARNING,
	    .summary =
		"an accepted finding is still there: a fault that was mended needs no excuse",
	    .source = "site.yaml(5), accept",
	    .remedy = "take the entry out, or correct the name in its `on`",
	    .why = "The fault was mended, or the name in `on` is another one. An excuse "
		   "without a fault hides the next one of its kind.",
	    .instead = "accept:\n"
		       "  - {rule: source-count, on: core, because: \"the eleventh is the new one, "
		       "until March\"}",
	    .needs_all = true,
	    .check = check_unused_accept },
	{ .id = "past-accept",
	    .number = "ACC003",
	    .severity = SEVERITY_WARNING,
	    .summary = "what is accepted until a day is looked at again on that day",
	    .source = "site.yaml(5), accept",
	    .remedy = "mend the fault, or say again until when it is accepted, and why",
	    .why = "The day was written so that somebody looks again. The finding is back at "
		   "its own severity; what was a good reason then may be one still, and then "
		   "it deserves a new day.",
	    .instead = "accept:\n"
		       "  - {rule: burst, on: lab, because: \"the new receiver comes in May\", "
		       "until: 2027-06-30}",
	    .check = check_past_accept },
	{ .id = NULL },
};
