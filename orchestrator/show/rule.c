#include "orchestrator/show/rule.h"

#include <stdio.h>

void
rule_print(const struct lint_rule *rule)
{
	printf("%s (%s), %s\n\n", rule->id, rule->number, severity_name(rule->severity));
	printf("right    %s\n", rule->summary);
	printf("source   %s\n", rule->source);
	printf("remedy   %s\n", rule->remedy);
	if (rule->why) {
		printf("why      %s\n", rule->why);
	}
	if (rule->instead) {
		printf("instead  %s\n", rule->instead);
	}
	printf("accept   {rule: %s, on: NAME, because: \"...\"}\n", rule->id);
}
