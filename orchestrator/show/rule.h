/* The rules in words: a table of all, and one of them explained. */
#ifndef ORCHESTRATOR_SHOW_RULE_H
#define ORCHESTRATOR_SHOW_RULE_H

#include "orchestrator/lint/lint.h"

/* Print all that is known of @rule to stdout, in lines of up to 78 columns. */
void rule_print(const struct lint_rule *rule);

/*
 * Print a line for each rule to stdout, family by family.  On a terminal a line that is too long is
 * continued in the next one; elsewhere each rule is one line.
 *
 * @colour: whether severities and titles are coloured
 */
void rules_print(bool colour);

#endif
